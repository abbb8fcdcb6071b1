import { input } from "../graph.ts";
import { apply, type Tensor } from "../tensor.ts";
import { dependentNodes, substitute } from "./body.ts";

type Stack = (tensor: Tensor) => Tensor | undefined;

/** Operations that treat every element alone: on stacked steps they are the same operation. */
const elementwise = new Set([
  ...["add", "sub", "mul", "div", "pow", "maximum", "minimum", "neg", "abs", "reciprocal", "clip", "sign"],
  ...["exp", "expm1", "log", "log1p", "sqrt", "sin", "cos", "tanh", "erf", "sigmoid", "softplus", "relu"],
  ...["equal", "less", "lessEqual", "greater", "greaterEqual", "and", "or", "not", "select", "cast", "stopGradient"],
]);

/** What is known of values of a loop body outside the loop. */
export interface Outside {
  /** All steps of a value, stacked; undefined where they are only known inside. */
  stack(tensor: Tensor): Tensor | undefined;
  /** A value that is the same at each step, as a value of the surrounding graph; undefined where it is not. */
  invariant(tensor: Tensor): Tensor | undefined;
}

/**
 * Extends what is known outside: elementwise operations, reshapes and products with an invariant matrix, of stacked and
 * invariant operands, are computed for all steps at once.
 */
export function hoister(length: number, known: Outside): Stack {
  const memo = new Map<Tensor, Tensor | undefined>();
  const stack = (tensor: Tensor): Tensor | undefined => {
    if (!memo.has(tensor)) memo.set(tensor, known.stack(tensor) ?? hoisted(tensor));
    return memo.get(tensor);
  };
  const hoisted = (tensor: Tensor): Tensor | undefined => {
    const { op, inputs, attrs } = tensor.node;
    if (op.name === "reshape") return stack(inputs[0]!)?.reshape([length, ...tensor.shape]);
    if (op.name === "matmul") return productOutside(tensor);
    if (!elementwise.has(op.name)) return undefined;
    const operands = inputs.map((operand) => aligned(operand, tensor.rank));
    if (operands.includes(undefined) || !inputs.some((operand) => stack(operand))) return undefined;
    return apply(op, operands as Tensor[], attrs)[0];
  };
  /** An operand so that it broadcasts against [length, …] of the result's rank. */
  const aligned = (operand: Tensor, rank: number): Tensor | undefined => {
    const steps = stack(operand);
    if (!steps) return known.invariant(operand);
    const ones = new Array<number>(rank - operand.rank).fill(1);
    return ones.length === 0 ? steps : steps.reshape([length, ...ones, ...operand.shape]);
  };
  const productOutside = ({ node }: Tensor): Tensor | undefined => {
    const [a, b] = node.inputs as [Tensor, Tensor];
    const [steps, matrix] = [a.rank >= 2 && b.rank === 2 ? stack(a) : undefined, known.invariant(b)];
    return steps && matrix && !node.attrs.transposeA ? apply(node.op, [steps, matrix], node.attrs)[0] : undefined;
  };
  return stack;
}

/** Loop-body results in terms of fresh slices of everything that is known outside. */
export interface Sliced {
  readonly results: readonly Tensor[];
  readonly formal: readonly Tensor[];
  readonly stacks: readonly Tensor[];
}

/** Replaces, in results of a loop body, the outermost values with known stacks by slices of these. */
export function sliceKnown(results: readonly Tensor[], stack: Stack, given: ReadonlyMap<Tensor, Tensor>): Sliced {
  const slices = new Map([...frontier(results, stack)].map((tensor) => [tensor, input(tensor)]));
  return {
    results: substitute(results, new Map([...given, ...slices])),
    formal: [...slices.values()],
    stacks: [...slices.keys()].map((tensor) => stack(tensor)!),
  };
}

function frontier(results: readonly Tensor[], stack: Stack): Set<Tensor> {
  const found = new Set<Tensor>();
  const seen = new Set<Tensor>();
  const open = [...results];
  while (open.length > 0) {
    const tensor = open.pop()!;
    if (seen.has(tensor)) continue;
    seen.add(tensor);
    if (stack(tensor)) found.add(tensor);
    else open.push(...tensor.node.inputs);
  }
  return found;
}

/**
 * Regroups products so that (x·p)·q, with p and q known outside, becomes x·(p·q): one product fewer in the loop. Looks
 * at all results that depend on the given tensors.
 */
export function reassociate(results: readonly Tensor[], on: readonly Tensor[], stack: Stack): Tensor[] {
  const current = new Map<Tensor, Tensor>();
  const of = (tensor: Tensor) => current.get(tensor) ?? tensor;
  for (const node of dependentNodes(results, on)) {
    const inputs = node.inputs.map(of);
    const same = inputs.every((operand, i) => operand === node.inputs[i]);
    const outputs = same ? node.outputs : apply(node.op, inputs, node.attrs);
    node.outputs.forEach((output, i) => {
      const better = regrouped(outputs[i]!, stack) ?? outputs[i]!;
      if (better !== output) current.set(output, better);
    });
  }
  return results.map(of);
}

function regrouped(tensor: Tensor, stack: Stack): Tensor | undefined {
  const outer = factors(tensor, stack);
  const inner = outer && factors(outer.inside, stack);
  if (!inner) return undefined;
  const shapes = [outer.outside, inner.outside, inner.inside].map(({ shape }) => shape.join());
  if (shapes.some((shape) => shape !== tensor.shape.join())) return undefined;
  return inner.inside.mul(inner.outside.mul(outer.outside));
}

/** The factor of a product that is known outside, and the one that is not. */
function factors({ node }: Tensor, stack: Stack): { outside: Tensor; inside: Tensor } | undefined {
  if (node.op.name !== "mul") return undefined;
  const [a, b] = node.inputs as [Tensor, Tensor];
  if (stack(a)) return { outside: a, inside: b };
  return stack(b) ? { outside: b, inside: a } : undefined;
}
