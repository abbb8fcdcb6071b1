import { DataError, UsageError } from "../../base/errors.ts";
import { float32, type HostArray, toNumbers, zeros } from "../../base/host.ts";
import type { Column, Table } from "../../data/table/types.ts";
import { grad, type Tensor } from "../../graph/index.ts";
import { adam } from "../../optim/index.ts";
import { inverseCdf, type Variable } from "../../probability/tables/index.ts";
import { fold, type Key, normal, normalQuantile, permutation } from "../../random/index.ts";
import { jit, type Runtime } from "../../runtime/index.ts";
import type { Node } from "../network.ts";
import type { ForwardNode } from "./forward-nodes.ts";

/** How a neural conditional is trained. */
export interface NeuralOptions {
  /** Units of the hidden layer (32). */
  readonly hidden?: number;
  readonly steps?: number;
  readonly batchSize?: number;
  readonly learningRate?: number;
  readonly key: Key;
  readonly runtime: Runtime;
}

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

function columnOf(table: Table, name: string): { column: Column; values: Float64Array } {
  const at = table.columns.findIndex((column) => column.name === name);
  if (at < 0) throw new UsageError(`The table has no column "${name}".`);
  return { column: table.columns[at]!, values: table.values[at]! };
}

function scaleOf(name: string, values: Float64Array, rows: readonly number[]): Scale {
  const mean = rows.reduce((sum, i) => sum + values[i]!, 0) / rows.length;
  const deviation = Math.sqrt(rows.reduce((sum, i) => sum + (values[i]! - mean) ** 2, 0) / rows.length);
  if (deviation > 0) return { mean, deviation };
  throw new DataError(`The column "${name}" is constant: a neural conditional learns nothing from it; leave it out.`);
}

/** Trains p(child | parents) on the rows of a table that have all of them, by Adam in the engine. */
export async function trainNeural(
  table: Table,
  child: string,
  parents: readonly string[],
  { hidden = 32, steps = 1500, batchSize = 256, learningRate = 0.01, key, runtime }: NeuralOptions,
): Promise<NeuralConditional> {
  const [own, others] = [columnOf(table, child), parents.map((name) => columnOf(table, name))];
  const rows: number[] = [];
  for (let i = 0; i < table.count; i++)
    if ([own, ...others].every(({ values }) => !Number.isNaN(values[i]))) rows.push(i);
  if (rows.length === 0) throw new DataError(`No row has values of "${child}" and all of its parents.`);
  const scales = others.map(({ column, values }) => (column.levels ? undefined : scaleOf(column.name, values, rows)));
  const target = own.column.levels ? { mean: 0, deviation: 1 } : scaleOf(child, own.values, rows);
  const columns = others.map(({ column }) => column);
  const outputs = own.column.levels?.length ?? 2;
  const { inputs, fill } = inputsOf(columns, scales);
  const loss = (w: Weights<Tensor>, x: Tensor, y: Tensor): Tensor => {
    const out = x.matmul(w.first.weight).add(w.first.bias).tanh().matmul(w.second.weight).add(w.second.bias);
    if (own.column.levels) return out.logSoftmax(1).mul(y).sum(1).mean().neg();
    const [mean, log] = [out.slice(1, 0, 1), out.slice(1, 1, 2).maximum(-7)];
    return y.sub(mean).mul(log.neg().exp()).square().mul(0.5).add(log).mean();
  };
  const optimizer = adam();
  const draw = (name: string, shape: number[]) => {
    const values = normal(fold(key, name), shape).data.map((z) => z / Math.sqrt(shape[0]!));
    return float32(values, shape);
  };
  let weights: Weights<HostArray> = {
    first: { weight: draw("first", [inputs, hidden]), bias: zeros("float32", [hidden]) },
    second: { weight: draw("second", [hidden, outputs]), bias: zeros("float32", [outputs]) },
  };
  const step = jit(
    (w: Weights<Tensor>, state: never, x: Tensor, y: Tensor, rate: Tensor, scalars: never) => ({
      loss: loss(w, x, y),
      ...optimizer.update(grad((each: Weights<Tensor>) => loss(each, x, y))(w), state, w, {
        learningRate: rate,
        scalars,
      }),
    }),
    runtime,
  ) as unknown as (...args: unknown[]) => Promise<{ loss: HostArray; params: Weights<HostArray>; state: unknown }>;
  let state: unknown = optimizer.init(weights);
  const size = Math.min(batchSize, rows.length);
  let recent = 0;
  let order = permutation(fold(key, 0), rows.length);
  for (let i = 0, at = 0, epoch = 0; i < steps; i++, at += size) {
    if (at + size > rows.length) [order, at] = [permutation(fold(key, ++epoch), rows.length), 0];
    const [x, y] = [new Float32Array(size * inputs), new Float32Array(size * (own.column.levels ? outputs : 1))];
    for (let n = 0; n < size; n++) {
      const row = rows[order[at + n]!]!;
      fill(x, n * inputs, (p) => others[p]!.values[row]!);
      if (own.column.levels) y[n * outputs + own.values[row]!] = 1;
      else y[n] = (own.values[row]! - target.mean) / target.deviation;
    }
    const rate = learningRate * Math.min(1, (2 * (steps - i)) / steps);
    const batch = [float32(x, [size, inputs]), float32(y, [size, y.length / size])];
    const done = await step(weights, state, ...batch, rate, optimizer.scalars(i));
    [weights, state] = [done.params, done.state];
    if (i >= steps * 0.9) recent += Number(done.loss.data[0]) / (steps - Math.ceil(steps * 0.9));
  }
  const normaliser = own.column.levels ? 0 : 0.5 * Math.log(2 * Math.PI) + Math.log(target.deviation);
  return neuralConditional({ child: own.column, columns, weights, loss: recent + normaliser, scales, target });
}

/** How parents become the inputs of a network: levels one-hot, real values standardised; `fill` writes them from `at` on. */
function inputsOf(columns: readonly Column[], scales: readonly (Scale | undefined)[]) {
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
