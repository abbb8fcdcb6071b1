import { UsageError } from "../../base/errors.ts";
import { type HostArray, toNumbers } from "../../base/host.ts";
import type { Column } from "../../data/table/types.ts";
import { inverseCdf, type Variable } from "../../probability/tables/index.ts";
import { normalQuantile } from "../../random/index.ts";
import { openCount } from "../mixed/counts.ts";
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
 * mean and deviation for a real one, a Poisson with its rate for a count. Parents with levels enter one-hot, others
 * standardised.
 */
export interface NeuralConditional extends ForwardNode {
  readonly child: Column;
  readonly columns: readonly Column[];
  readonly weights: Weights<HostArray>;
  /** Mean and deviation of each parent without levels, by which it is standardised. */
  readonly scales: readonly (Scale | undefined)[];
  /** Those of a real child; of a count its mean and 1; 0 and 1 where it has levels. */
  readonly target: Scale;
  /** Mean −log p(child | parents) over the last steps of training, in nats. */
  readonly loss: number;
  /** For a child with levels, the probabilities of its states. */
  probabilities(values: ArrayLike<number>): Float64Array;
  /** For a real child, its mean and deviation. */
  normal(values: ArrayLike<number>): Scale;
  /** For a count, its rate. */
  rate(values: ArrayLike<number>): number;
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

/** The largest log of a rate by the mean count that a network gives: its exponential stays a number in single precision. */
export const MOST_LOG_RATE = 20;

/** The conditional that trained weights describe, evaluated on the host in double precision. */
export function neuralConditional(
  given: Pick<NeuralConditional, "child" | "columns" | "weights" | "loss" | "scales" | "target">,
): NeuralConditional {
  const { child, columns, target } = given;
  const out = evaluated(given);
  const laws = {
    probabilities: (values: ArrayLike<number>) => softmax(out(values)),
    normal: (values: ArrayLike<number>): Scale => {
      const [mean, log] = out(values);
      const deviation = target.deviation * Math.exp(Math.max(-7, log!));
      return { mean: target.mean + target.deviation * mean!, deviation };
    },
    rate: (values: ArrayLike<number>) => target.mean * Math.exp(Math.min(MOST_LOG_RATE, out(values)[0]!)),
  };
  return { ...given, ...laws, name: child.name, parents: columns.map(({ name }) => name), ...forwardOf(child, laws) };
}

/** The numbers a network gives for values of its parents. */
function evaluated({ columns, weights, scales }: Pick<NeuralConditional, "columns" | "weights" | "scales">) {
  const { inputs, fill } = inputsOf(columns, scales);
  const layer = ({ weight, bias }: Weights<HostArray>["first"]) => {
    const [w, b] = [toNumbers(weight), toNumbers(bias)];
    return (x: ArrayLike<number>) => {
      const out = Float64Array.from(b);
      for (let i = 0; i < x.length; i++) for (let j = 0; j < out.length; j++) out[j]! += x[i]! * w[i * out.length + j]!;
      return out;
    };
  };
  const [first, second] = [layer(weights.first), layer(weights.second)];
  return (values: ArrayLike<number>) => {
    const x = new Float32Array(inputs);
    fill(x, 0, (p) => values[p]!);
    return second(first(x).map(Math.tanh));
  };
}

function softmax(logits: Float64Array): Float64Array {
  const most = Math.max(...logits);
  const shares = Float64Array.from(logits, (logit) => Math.exp(logit - most));
  const total = shares.reduce((sum, share) => sum + share, 0);
  return shares.map((share) => share / total);
}

/** Draws and log probabilities of a child by what it holds. */
function forwardOf(
  { levels, kind }: Column,
  { probabilities, normal, rate }: Pick<NeuralConditional, "probabilities" | "normal" | "rate">,
): Pick<ForwardNode, "draw" | "logProb"> {
  if (levels)
    return {
      draw: (values, u) => inverseCdf(probabilities(values), u),
      logProb: (value, values) => Math.log(probabilities(values)[value]!),
    };
  if (kind === "count") {
    const law = (values: ArrayLike<number>) => openCount({ mean: rate(values), dispersion: 0 });
    return {
      draw: (values, u) => law(values).draw(u),
      logProb: (value, values) => law(values).logProb(value),
    };
  }
  return {
    draw: (values, u) => {
      const { mean, deviation } = normal(values);
      return mean + deviation * normalQuantile(Math.max(u, 2 ** -54) - 0.5);
    },
    logProb: (value, values) => {
      const { mean, deviation } = normal(values);
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
    throw new UsageError(
      `"${child.name}" or one of its parents is no column of names, so that it has no table: ask by weighting.`,
    );
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
