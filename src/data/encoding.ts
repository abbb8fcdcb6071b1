import { UsageError } from "../base/errors.ts";
import { sizeOf } from "../base/shape.ts";
import { fillBits, fillUniform, fold, type Key } from "../random/index.ts";
import type { DataSpec, Dataset, Split, SplitName, StoredRows } from "./types.ts";

/**
 * How bytes become 0 and 1. `static`: one Bernoulli draw per pixel with probability x/255, the same for ever (as
 * Larochelle and Murray 2011); `dynamic`: a new draw each epoch (as Burda et al. 2015, arXiv 1509.00519);
 * `threshold`: 1 where x ≥ 128.
 */
export type Binarization = (typeof binarizations)[number];

/** The ways to binarise. */
export const binarizations = ["static", "dynamic", "threshold"] as const;

/** How stored numbers become the floats a model sees; binary data stays 0 and 1 unless the range is symmetric. */
export interface Encoding {
  readonly binarize?: Binarization;
  /** Adds uniform noise to bytes, (x + u)/256 in [0, 1) (Theis et al. 2015, arXiv 1511.01844). */
  readonly dequantize?: boolean;
  /** `unit` is [0, 1] (the default), `symmetric` is [-1, 1]; real numbers are left as they are. */
  readonly range?: "unit" | "symmetric";
}

/** What fixes the random part of an encoding: one key for each split; the epoch matters where draws are renewed. */
export interface EncodingNoise {
  readonly key: Key;
  readonly epoch: number;
}

/** Writes `size` floats made from the stored numbers from `from` on, drawing noise, if any, from `k`. */
type EncodeRow = (
  x: Split["x"],
  from: number,
  out: Float32Array | Float64Array,
  to: number,
  size: number,
  k: Key,
) => void;

let words = new Uint32Array(1024);
const PER_BLOCK = 4; // a counter of the generator makes four words
const GAP = 8; // certain pixels in a row after which drawing stops

const certain = (byte: number) => byte === 0 || byte === 255;

/** The end of the run of pixels worth drawing that begins at `start`: where `GAP` certain ones follow, or at `size`. */
function runEnd(x: Split["x"], from: number, start: number, size: number): number {
  let last = start;
  for (let i = start; i < size && i - last <= GAP; i++) if (!certain(x[from + i]!)) last = i;
  return last + 1;
}

/**
 * 1 with probability byte/255: exactly where the uniform of that pixel is below it. Uniforms that cannot matter, those
 * of long runs of 0 or 255, are not drawn; most of a drawing is such.
 */
const bernoulliRow: EncodeRow = (x, from, out, to, size, k) => {
  if (words.length < size) words = new Uint32Array(size);
  for (let i = 0; i < size; i++) {
    if (certain(x[from + i]!)) {
      out[to + i] = x[from + i] === 0 ? 0 : 1;
      continue;
    }
    const start = i - (i % PER_BLOCK);
    const end = runEnd(x, from, i, size);
    fillBits(k, words, start, end - start);
    for (; i < end; i++) out[to + i] = (words[i - start]! >>> 8) * (255 * 2 ** -24) < x[from + i]! ? 1 : 0;
    i--;
  }
};

const thresholdRow: EncodeRow = (x, from, out, to, size) => {
  for (let i = 0; i < size; i++) out[to + i] = x[from + i]! >= 128 ? 1 : 0;
};

/** (x + u)/256; the sum is rounded to float32 and kept below the next whole number, so that flooring gives x back. */
const dequantizeRow: EncodeRow = (x, from, out, to, size, k) => {
  fillUniform(k, (out as Float32Array).subarray(to, to + size));
  for (let i = 0; i < size; i++) {
    const byte = x[from + i]!;
    out[to + i] = Math.min(byte + out[to + i]!, byte + 1 - 2 ** -16) / 256;
  }
};

const scaleRow: EncodeRow = (x, from, out, to, size) => {
  for (let i = 0; i < size; i++) out[to + i] = x[from + i]! / 255;
};

const copyRow: EncodeRow = (x, from, out, to, size) => out.set(x.subarray(from, from + size), to);

function rowOf(spec: DataSpec, { binarize, dequantize }: Encoding): EncodeRow {
  if (spec.values !== "bytes") return copyRow;
  if (dequantize) return dequantizeRow;
  if (binarize) return binarize === "threshold" ? thresholdRow : bernoulliRow;
  return scaleRow;
}

/** Refuses an encoding that makes no sense for the values of a data set. */
export function checkEncoding(spec: DataSpec, { binarize, dequantize }: Encoding): void {
  if (binarize && ["real", "tokens", "table", "sequences"].includes(spec.values))
    throw new UsageError(
      `Only bytes can be binarised and this data holds ${spec.values === "real" ? "real numbers" : spec.values === "table" ? "a table" : spec.values}: leave binarize=${binarize} out.`,
    );
  if (dequantize && spec.values !== "bytes")
    throw new UsageError(`Only bytes can be dequantised and this data is ${spec.values}: leave dequantize out.`);
  if (binarize && dequantize) throw new UsageError("Choose binarisation or dequantisation, not both.");
}

/** Noise of one example depends on its number (and the epoch, where renewed), never on the batch it comes in. */
function noiseOf(encoding: Encoding, noise: EncodingNoise): Key {
  if (encoding.binarize === "static") return fold(noise.key, "static");
  return fold(fold(noise.key, encoding.dequantize ? "dequantize" : "dynamic"), noise.epoch);
}

/**
 * Writes the examples of `indices` one after the other into `out` as floats: bytes divided by 255 unless the encoding
 * says otherwise, binary as 0 and 1, real numbers unchanged.
 */
export function fillExamples(
  out: Float32Array | Float64Array,
  split: Split,
  spec: DataSpec,
  indices: ArrayLike<number>,
  encoding: Encoding,
  noise: EncodingNoise,
): void {
  checkEncoding(spec, encoding);
  const size = sizeOf(spec.shape);
  const encode = rowOf(spec, encoding);
  const random = encode === bernoulliRow || encode === dequantizeRow;
  const base = random ? noiseOf(encoding, noise) : noise.key;
  if (split.stored) {
    fillStored(out, split.stored, indices, size);
    return;
  }
  for (let row = 0; row < indices.length; row++) {
    const example = indices[row]!;
    encode(split.x, example * (split.stride ?? size), out, row * size, size, random ? fold(base, example) : base);
  }
  if (encoding.range === "symmetric" && (spec.values === "bytes" || spec.values === "binary"))
    for (let i = 0; i < indices.length * size; i++) out[i] = 2 * out[i]! - 1;
}

/** Rows that are stored, read together as far as they follow one another. */
function fillStored(out: Float32Array | Float64Array, stored: StoredRows, indices: ArrayLike<number>, size: number) {
  for (let row = 0; row < indices.length; ) {
    let next = row + 1;
    while (next < indices.length && indices[next] === indices[next - 1]! + 1) next++;
    out.set(stored.read(indices[row]!, indices[next - 1]! + 1), row * size);
    row = next;
  }
}

/** Writes each label of `indices` as a row of `classes` floats, one at the label and zero elsewhere. */
export function fillOneHot(out: Float32Array, split: Split, classes: number, indices: ArrayLike<number>): void {
  if (!split.labels) throw new UsageError("This data has no labels, so it cannot be conditioned on them.");
  out.fill(0, 0, indices.length * classes);
  for (let row = 0; row < indices.length; row++) out[row * classes + split.labels[indices[row]!]!] = 1;
}

const binarySplit = (split: Split, spec: DataSpec, mode: "static" | "threshold", key: Key): Split => {
  const size = sizeOf(spec.shape);
  const x = new Uint8Array(split.x.length);
  const row = new Float32Array(size);
  for (let example = 0; example < split.count; example++) {
    fillExamples(row, split, spec, [example], { binarize: mode }, { key, epoch: 0 });
    x.set(row, example * size);
  }
  return { ...split, x };
};

/** The splits with every example binarised once, and the spec that now holds; bits as `fillExamples` with fold(key, split name). */
export function binarizeOnce(
  data: Pick<Dataset, "spec" | "splits">,
  mode: "static" | "threshold",
  key: Key,
): Pick<Dataset, "spec" | "splits"> {
  const make = (name: SplitName) => binarySplit(data.splits[name], data.spec, mode, fold(key, name));
  return {
    spec: { ...data.spec, values: "binary" },
    splits: { train: make("train"), valid: make("valid"), test: make("test") },
  };
}
