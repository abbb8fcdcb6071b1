import { DataError, UsageError } from "../../base/errors.ts";
import { float32, type HostArray, zeros } from "../../base/host.ts";
import type { Column, Table } from "../../data/table/types.ts";
import { grad, type Tensor } from "../../graph/index.ts";
import { logGamma } from "../../numeric/special/index.ts";
import { adam } from "../../optim/index.ts";
import { fold, type Key, normal, permutation } from "../../random/index.ts";
import { jit, type Runtime } from "../../runtime/index.ts";
import {
  inputsOf,
  MOST_LOG_RATE,
  type NeuralConditional,
  neuralConditional,
  type Scale,
  type Weights,
} from "./conditional.ts";

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

/** What a conditional learns from: complete rows of a table, and how their cells are scaled. */
interface Lesson {
  readonly child: Column;
  readonly columns: readonly Column[];
  readonly own: Float64Array;
  readonly others: readonly Float64Array[];
  /** Rows that have a value in every column. */
  readonly rows: readonly number[];
  readonly scales: readonly (Scale | undefined)[];
  readonly target: Scale;
}

type Batch = readonly [x: HostArray, y: HostArray];
type Step = (
  ...args: unknown[]
) => Promise<{ readonly loss: HostArray; readonly params: Weights<HostArray>; readonly state: unknown }>;

/** Share of the steps, at the end, whose mean loss is told. */
const TOLD = 0.1;

/** Trains p(child | parents) on the rows of a table that have all of them, by Adam in the engine. */
export async function trainNeural(
  table: Table,
  child: string,
  parents: readonly string[],
  { hidden = 32, steps = 1500, batchSize = 256, learningRate = 0.01, key, runtime }: NeuralOptions,
): Promise<NeuralConditional> {
  const lesson = lessonOf(table, child, parents);
  const optimizer = adam();
  const step = jit(stepOf(lesson, optimizer) as never, runtime) as unknown as Step;
  let weights = initial(lesson, hidden, key);
  let state: unknown = optimizer.init(weights);
  const from = steps - Math.ceil(steps * TOLD);
  let recent = 0;
  let i = 0;
  for (const batch of batches(lesson, Math.min(batchSize, lesson.rows.length), key)) {
    if (i === steps) break;
    const rate = learningRate * Math.min(1, (2 * (steps - i)) / steps);
    const done = await step(weights, state, ...batch, rate, optimizer.scalars(i));
    [weights, state] = [done.params, done.state];
    if (i++ >= from) recent += Number(done.loss.data[0]) / (steps - from);
  }
  const { columns, scales, target } = lesson;
  const loss = recent + constantOf(lesson);
  return neuralConditional({ child: lesson.child, columns, weights, loss, scales, target });
}

/** What the loss of training leaves out of the mean −log p(child | parents). */
function constantOf({ child, own, rows, target }: Lesson): number {
  if (child.levels) return 0;
  if (child.kind !== "count") return 0.5 * Math.log(2 * Math.PI) + Math.log(target.deviation);
  const log = Math.log(target.mean);
  return rows.reduce((sum, i) => sum + logGamma(own[i]! + 1) - own[i]! * log, 0) / rows.length;
}

function lessonOf(table: Table, child: string, parents: readonly string[]): Lesson {
  const [own, others] = [columnOf(table, child), parents.map((name) => columnOf(table, name))];
  const rows: number[] = [];
  for (let i = 0; i < table.count; i++)
    if ([own, ...others].every(({ values }) => !Number.isNaN(values[i]))) rows.push(i);
  if (rows.length === 0) throw new DataError(`No row has values of "${child}" and all of its parents.`);
  return {
    child: own.column,
    columns: others.map(({ column }) => column),
    own: own.values,
    others: others.map(({ values }) => values),
    rows,
    scales: others.map(({ column, values }) => (column.levels ? undefined : scaleOf(column.name, values, rows))),
    target: targetOf(own.column, own.values, rows),
  };
}

function targetOf(child: Column, values: Float64Array, rows: readonly number[]): Scale {
  if (child.levels) return { mean: 0, deviation: 1 };
  const scale = scaleOf(child.name, values, rows);
  return child.kind === "count" ? { mean: scale.mean, deviation: 1 } : scale;
}

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

/** Numbers the network gives for a child: one for each level, the log of a rate, or a mean and a log-deviation. */
const outputsOf = ({ levels, kind }: Column) => levels?.length ?? (kind === "count" ? 1 : 2);

function initial({ child, columns, scales }: Lesson, hidden: number, key: Key): Weights<HostArray> {
  const { inputs } = inputsOf(columns, scales);
  const draw = (name: string, shape: [number, number]) =>
    float32(
      normal(fold(key, name), shape).data.map((z) => z / Math.sqrt(shape[0])),
      shape,
    );
  return {
    first: { weight: draw("first", [inputs, hidden]), bias: zeros("float32", [hidden]) },
    second: { weight: draw("second", [hidden, outputsOf(child)]), bias: zeros("float32", [outputsOf(child)]) },
  };
}

/**
 * Mean −log p(y | x) without its constant: of a count with mean m the rate is m e^o, o the output, so that it is
 * m e^o − y o; of a real child the log-deviation is at least −7.
 */
function lossOf({ child, target }: Lesson, w: Weights<Tensor>, x: Tensor, y: Tensor): Tensor {
  const out = x.matmul(w.first.weight).add(w.first.bias).tanh().matmul(w.second.weight).add(w.second.bias);
  if (child.levels) return out.logSoftmax(1).mul(y).sum(1).mean().neg();
  if (child.kind === "count") {
    const log = out.minimum(MOST_LOG_RATE);
    return log.exp().mul(target.mean).sub(y.mul(log)).mean();
  }
  const [mean, log] = [out.slice(1, 0, 1), out.slice(1, 1, 2).maximum(-7)];
  return y.sub(mean).mul(log.neg().exp()).square().mul(0.5).add(log).mean();
}

/** One update by a batch. */
const stepOf =
  (lesson: Lesson, optimizer: ReturnType<typeof adam>) =>
  (w: Weights<Tensor>, state: never, x: Tensor, y: Tensor, learningRate: Tensor, scalars: never) => {
    const loss = (each: Weights<Tensor>) => lossOf(lesson, each, x, y);
    return { loss: loss(w), ...optimizer.update(grad(loss)(w), state, w, { learningRate, scalars }) };
  };

/** Batches of `size` without end, each pass over the rows in an order of its own. */
function* batches(
  { child, columns, own, others, rows, scales, target }: Lesson,
  size: number,
  key: Key,
): Generator<Batch> {
  const { inputs, fill } = inputsOf(columns, scales);
  const outputs = child.levels?.length ?? 1;
  for (let epoch = 0; ; epoch++) {
    const order = permutation(fold(key, epoch), rows.length);
    for (let at = 0; at + size <= rows.length; at += size) {
      const [x, y] = [new Float32Array(size * inputs), new Float32Array(size * outputs)];
      for (let n = 0; n < size; n++) {
        const row = rows[order[at + n]!]!;
        fill(x, n * inputs, (p) => others[p]![row]!);
        if (child.levels) y[n * outputs + own[row]!] = 1;
        else if (child.kind === "count") y[n] = own[row]!;
        else y[n] = (own[row]! - target.mean) / target.deviation;
      }
      yield [float32(x, [size, inputs]), float32(y, [size, outputs])];
    }
  }
}
