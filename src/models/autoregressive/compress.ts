import { HostArray, zeros } from "../../base/host.ts";
import { sizeOf } from "../../base/shape.ts";
import { compileExact } from "../../runtime/index.ts";
import type { Bound } from "../bound.ts";
import type { Compressed, Compression, CompressOptions } from "../compression.ts";
import type { TracedParams } from "../contract.ts";
import { labelRows } from "../labels.ts";
import { type Code, decoderOf, encoderOf, numbersOf, perUnit, type Row } from "./coder.ts";
import type { Given } from "./factorisation.ts";
import { type Walk, type Walked, walkOf } from "./walk.ts";

type Floats = HostArray<"float32">;

/** A model as compression sees it. */
export interface Codec extends Walked {
  readonly shape: readonly number[];
  readonly unit: number;
  /** Whether the model's cached generation is its own, and not the whole pass for every variable. */
  readonly ownCache: boolean;
  /** Most examples coded at once. */
  readonly batch: number;
}

/** Logits of the variable at place k of the order for every lane of a batch, given the values of the one before it. */
type Source = (k: number, previous: Float64Array) => Promise<Row>;

/**
 * Compression by ancestral coding: variable by variable in the order, each for all examples of a batch, so that one batch
 * is one stream of a range coder. Encoder and decoder agree because the logits are computed exactly (`compileExact`),
 * turned into integer frequencies by IEEE operations alone, and come from the same functions on both sides; only where
 * every variable costs the decoder a whole pass, which is exact too, the encoder takes all variables from one pass.
 */
export function compression(codec: Codec): Compression {
  return {
    compress: (on, x, options) => compress(codec, on, x, options),
    decompress: (on, compressed, options) => decompress(codec, on, compressed, options),
  };
}

async function compress(codec: Codec, on: Bound, x: Floats, { labels, progress }: CompressOptions) {
  const count = x.shape[0]!;
  const batch = Math.min(count, codec.batch);
  const size = sizeOf(codec.shape);
  const values = numbersOf(x, codec.factorisation.levels, codec.unit);
  const given = labelRows(codec.classes, labels, count);
  const streams: Uint8Array[] = [];
  let modelBits = 0;
  const sources = codec.ownCache ? await walkSources(codec, on, batch) : await passSources(codec, on, batch);
  for (let start = 0; start < count; start += batch) {
    const lanes = Math.min(batch, count - start);
    const part = values.subarray(start * size, (start + lanes) * size);
    const coder = encoderOf(part, codec.factorisation.levels);
    const source = await sources.open(padded(part, batch * size), rowsOf(given, start, lanes, batch));
    await through(codec, source, lanes, batch, coder.code, (done) => progress?.((start + done * lanes) / count));
    streams.push(coder.finish());
    modelBits += coder.bits();
  }
  await sources.dispose();
  return { count, batch, streams, modelBits };
}

async function decompress(codec: Codec, on: Bound, packed: Compressed, { labels, progress }: CompressOptions) {
  const { count, batch, streams } = packed;
  const size = sizeOf(codec.shape);
  const result = new HostArray("float32", [count, ...codec.shape], new Float32Array(count * size));
  const given = labelRows(codec.classes, labels, count);
  const sources = await walkSources(codec, on, batch);
  for (let start = 0; start < count; start += batch) {
    const lanes = Math.min(batch, count - start);
    const part = result.data.subarray(start * size, (start + lanes) * size);
    const code = decoderOf(streams[start / batch]!, codec.factorisation.levels, (value, at) => {
      part[at] = value / perUnit(codec.unit);
    });
    const source = await sources.open(undefined, rowsOf(given, start, lanes, batch));
    await through(codec, source, lanes, batch, code, (done) => progress?.((start + done * lanes) / count));
  }
  await sources.dispose();
  return result;
}

/** Variable by variable, lane by lane. */
async function through(
  { factorisation, unit }: Codec,
  source: Source,
  lanes: number,
  batch: number,
  code: Code,
  progress: (fraction: number) => void,
): Promise<void> {
  const order = factorisation.orders[0]!;
  const previous = new Float64Array(batch);
  for (let k = 0; k < order.length; k++) {
    const row = await source(k, previous);
    for (let lane = 0; lane < lanes; lane++)
      previous[lane] = code(row, lane, lane * order.length + order[k]!) / perUnit(unit);
    if (k % 16 === 15 || k + 1 === order.length) progress((k + 1) / order.length);
  }
}

function padded(values: Uint32Array, length: number): Uint32Array {
  if (values.length === length) return values;
  const result = new Uint32Array(length);
  result.set(values);
  return result;
}

/** One-hot labels of a batch; lanes beyond the examples get none. */
function rowsOf(given: Floats | undefined, start: number, lanes: number, batch: number) {
  if (!given) return undefined;
  const classes = given.shape[1]!;
  const data = new Float64Array(batch * classes);
  data.set(given.data.subarray(start * classes, (start + lanes) * classes));
  return new HostArray("float64", [batch, classes], data);
}

/** Where the logits of batches come from. */
interface Sources {
  /** The logits of one batch; an encoder that takes them from one pass needs its values. */
  open(values: Uint32Array | undefined, labels: HostArray | undefined): Promise<Source>;
  dispose(): Promise<void>;
}

/** Logits variable by variable, as a decoder must have them. */
async function walkSources(codec: Codec, on: Bound, batch: number): Promise<Sources> {
  const walk: Walk = await walkOf(codec, on.runtime, on.params, batch);
  return {
    open: async (_, labels) => {
      walk.start(labels);
      return async (k, previous) => {
        const { data, shape } = await walk.next(k, previous);
        const binary = shape.length === 1;
        return {
          data,
          offset: 0,
          stride: binary ? 1 : codec.factorisation.levels,
          law: binary ? "log-odds" : "logits",
        };
      };
    },
    dispose: () => walk.dispose(),
  };
}

/** Logits of all variables from one pass over known values: the function the decoder evaluates for every variable. */
async function passSources(codec: Codec, on: Bound, batch: number): Promise<Sources> {
  const { factorisation, shape, unit } = codec;
  const { levels, orders } = factorisation;
  const size = sizeOf(shape);
  const args = (x: Float64Array, labels?: HostArray) => ({
    x: new HostArray("float64", [batch, ...shape], x),
    ...(codec.classes > 0 ? { labels: labels ?? zeros("float64", [batch, codec.classes]) } : {}),
    ...(orders.length > 1 ? { order: new HostArray("int64", [], BigInt64Array.of(0n)) } : {}),
  });
  const fn = (params: TracedParams, given: Given) => factorisation.logits(params, given);
  const example = args(new Float64Array(batch * size));
  const pass = await compileExact<typeof example, HostArray<"float64">>(fn as never, on.runtime, on.params, example);
  return {
    open: async (values, labels) => {
      const { data, shape: made } = await pass.run(
        args(
          Float64Array.from(values!, (value) => value / perUnit(unit)),
          labels,
        ),
      );
      const binary = made.length === 2;
      const width = binary ? 1 : levels;
      const law = binary ? "log-odds" : "logits";
      return async (k) => ({ data, offset: orders[0]![k]! * width, stride: size * width, law });
    },
    dispose: () => pass.dispose(),
  };
}
