import { UsageError } from "../../base/errors.ts";
import { type HostArray, toNumbers } from "../../base/host.ts";
import type { Column } from "../../data/table/types.ts";
import { inverseCdf, type Variable } from "../../probability/tables/index.ts";
import { normalQuantile } from "../../random/index.ts";
import type { Node } from "../network.ts";
import type { ForwardNode } from "./forward-nodes.ts";

/** Weights of tanh(x W₁ + b₁) W₂ + b₂. */
export interface Weights<T> {
  readonly first: { readonly weight: T; readonly bias: T };
  readonly second: { readonly weight: T; readonly bias: T };
}

/** Mean and deviation of a column, by which it is standardised. */
export interface Scale {
  readonly mean: number;
  readonly deviation: number;
}

/**
 * p(child | parents) by a network with one hidden layer: softmax over the states of a child with levels, a normal with
 * mean and deviation for a real one. Parents with levels enter one-hot, real ones standardised.
 */
export interface NeuralConditional extends ForwardNode {
  readonly child: Column;
  readonly columns: readonly Column[];
  readonly weights: Weights<HostArray>;
  /** Mean and deviation of each real parent, by which it is standardised. */
  readonly scales: readonly (Scale | undefined)[];
  /** Those of a real child; 0 and 1 where it has levels. */
  readonly target: Scale;
  /** Mean −log p(child | parents) over the last steps of training, in nats. */
  readonly loss: number;
  /** For a child with levels, the probabilities of its states. */
  probabilities(values: ArrayLike<number>): Float64Array;
  /** For a real child, its mean and deviation. */
  normal(values: ArrayLike<number>): Scale;
}

const widthOf = ({ levels }: Column) => levels?.length ?? 1;

/** How parents become the inputs of a network: levels one-hot, real values standardised; `fill` writes them from `at` on. */
export function inputsOf(columns: readonly Column[], scales: readonly (Scale | undefined)[]) {
  const inputs = columns.reduce((sum, column) => sum + widthOf(column), 0);
  const fill = (x: Float32Array, at: number, value: (place: number) => number) => {
    let start = at;
    for (const [p, column] of columns.entries()) {
      if (column.levels) x[start + value(p)] = 1;
      else x[start] = (value(p) - scales[p]!.mean) / scales[p]!.deviation;
      start += widthOf(column);
    }
  };
  return { inputs: Math.max(1, inputs), fill };
}

/** The conditional that trained weights describe, evaluated on the host in double precision. */
export function neuralConditional(
  given: Pick<NeuralConditional, "child" | "columns" | "weights" | "loss" | "scales" | "target">,
): NeuralConditional {
  const { child, columns, weights, scales, target } = given;
  const { inputs, fill } = inputsOf(columns, scales);
  const features = (values: ArrayLike<number>) => {
    const x = new Float32Array(inputs);
    fill(x, 0, (p) => values[p]!);
    return x;
  };
  const layer = ({ weight, bias }: Weights<HostArray>["first"]) => {
    const [w, b] = [toNumbers(weight), toNumbers(bias)];
    return (x: ArrayLike<number>) => {
      const out = Float64Array.from(b);
      for (let i = 0; i < x.length; i++) for (let j = 0; j < out.length; j++) out[j]! += x[i]! * w[i * out.length + j]!;
      return out;
    };
  };
  const [first, second] = [layer(weights.first), layer(weights.second)];
  const out = (values: ArrayLike<number>) => second(first(features(values)).map(Math.tanh));
  const probabilities = (values: ArrayLike<number>) => {
    const logits = out(values);
    const most = Math.max(...logits);
    const shares = Float64Array.from(logits, (logit) => Math.exp(logit - most));
    const total = shares.reduce((sum, share) => sum + share, 0);
    return shares.map((share) => share / total);
  };
  const normalOf = (values: ArrayLike<number>): Scale => {
    const [mean, log] = out(values);
    return { mean: target.mean + target.deviation * mean!, deviation: target.deviation * Math.exp(Math.max(-7, log!)) };
  };
  return {
    ...given,
    name: child.name,
    parents: columns.map(({ name }) => name),
    probabilities,
    normal: normalOf,
    draw: (values, u) => {
      if (child.levels) return inverseCdf(probabilities(values), u);
      const { mean, deviation } = normalOf(values);
      return mean + deviation * normalQuantile(Math.max(u, 2 ** -54) - 0.5);
    },
    logProb: (value, values) => {
      if (child.levels) return Math.log(probabilities(values)[value]!);
      const { mean, deviation } = normalOf(values);
      return -0.5 * (((value - mean) / deviation) ** 2 + Math.log(2 * Math.PI)) - Math.log(deviation);
    },
  };
}

/** The most rows of a table made from a network. */
export const MOST_ROWS = 2 ** 16;

/** A neural conditional with levels throughout as a table: exact inference then takes it like any other node. */
export function tabulate(neural: NeuralConditional): Node {
  const { child, columns, parents } = neural;
  if ([child, ...columns].some(({ levels }) => !levels))
    throw new UsageError(`"${child.name}" or one of its parents is real, so that it has no table: ask by weighting.`);
  const rows = columns.reduce((product, column) => product * widthOf(column), 1);
  if (rows > MOST_ROWS) throw new UsageError(`The table of "${child.name}" would have ${rows} rows: ask by weighting.`);
  const width = widthOf(child);
  const table = new Float64Array(rows * width);
  for (let row = 0; row < rows; row++) {
    const states = new Float64Array(columns.length);
    for (let p = columns.length - 1, rest = row; p >= 0; p--) {
      states[p] = rest % widthOf(columns[p]!);
      rest = Math.floor(rest / widthOf(columns[p]!));
    }
    table.set(neural.probabilities(states), row * width);
  }
  const variable: Variable = { name: child.name, states: child.levels! };
  return { variable, parents, table };
}
