import type { Tensor } from "../tensor.ts";
import { matmul } from "./matmul.ts";

/** All steps of a value of the loop body, stacked along a new first axis. */
export type StackOf = (tensor: Tensor) => Tensor;

/** The sum over all steps of one term, formed after the loop from stacked values. */
type Term = (stackOf: StackOf) => Tensor;

/** How the sum over steps of a tensor is formed: terms after the loop, and what must accumulate inside it. */
export interface Collected {
  readonly outside: readonly Term[];
  readonly rest: Tensor | undefined;
}

/**
 * Finds what need not be accumulated step by step. Σₜ AₜᵀBₜ is one product of the stacked factors, Σₜ sum(Xₜ) one sum;
 * additions, reshapes and transpositions around them commute with Σₜ. `emitted` lists the values that must be stacked.
 */
export function collector(varying: ReadonlySet<Tensor>) {
  const emitted: Tensor[] = [];
  const stacked = (tensor: Tensor) => {
    if (!emitted.includes(tensor)) emitted.push(tensor);
    return tensor;
  };
  const collect = (tensor: Tensor): Collected => {
    const { op, inputs, attrs } = tensor.node;
    const [a, b] = inputs as [Tensor, Tensor];
    if (!varying.has(tensor)) return { outside: [], rest: tensor };
    if (op.name === "add" && a.shape.join() === b.shape.join()) return both(collect(a), collect(b));
    if (op.name === "reshape") return rearranged(collect(a), (sum) => sum.reshape(tensor.shape));
    if (op.name === "transpose") return rearranged(collect(a), (sum) => sum.transpose(attrs.order as number[]));
    if (op.name === "sum") {
      const axes = attrs.axes as readonly number[];
      stacked(a);
      return {
        outside: [
          (stackOf) =>
            stackOf(a)
              .sum([0, ...axes.map((axis) => axis + 1)])
              .reshape(tensor.shape),
        ],
        rest: undefined,
      };
    }
    if (op.name === "matmul" && a.rank === 2 && b.rank === 2 && varying.has(a) && varying.has(b)) {
      stacked(a);
      stacked(b);
      const { transposeA, transposeB } = attrs as { transposeA: boolean; transposeB: boolean };
      return { outside: [(stackOf) => overSteps(stackOf(a), stackOf(b), transposeA, transposeB)], rest: undefined };
    }
    return { outside: [], rest: tensor };
  };
  return { collect, emitted };
}

const both = (a: Collected, b: Collected): Collected => ({
  outside: [...a.outside, ...b.outside],
  rest: a.rest && b.rest ? a.rest.add(b.rest) : (a.rest ?? b.rest),
});

/** A linear rearrangement of a sum, applied to its parts. */
const rearranged = ({ outside, rest }: Collected, rearrange: (sum: Tensor) => Tensor): Collected => ({
  outside: outside.map((term) => (stackOf: StackOf) => rearrange(term(stackOf))),
  rest: rest && rearrange(rest),
});

/** Σₜ op(Aₜ)·op(Bₜ) as one product: the steps join the axis that is summed over. */
function overSteps(a: Tensor, b: Tensor, transposeA: boolean, transposeB: boolean): Tensor {
  const rows = (transposeA ? a : a.swapAxes(1, 2)).reshape([-1, a.shape[transposeA ? 2 : 1]!]);
  const columns = (transposeB ? b.swapAxes(1, 2) : b).reshape([-1, b.shape[transposeB ? 1 : 2]!]);
  return matmul(rows, columns, { transposeA: true });
}
