import { gzipSync } from "node:zlib";
import type { Elements, ElementType, FileArray } from "../base/codec/elements.ts";
import { decodeNpy, encodeNpy, isNpy } from "../base/codec/npy.ts";
import { UsageError } from "../base/errors.ts";
import { sizeOf } from "../base/shape.ts";
import { readContent } from "../data/files.node.ts";
import { encodeIdx, isIdx, readIdx } from "../data/readers/idx.ts";
import type { DataSpec } from "../data/types.ts";

/** How an array file stored examples whose values are whole numbers. */
export interface Source {
  readonly type: ElementType;
  readonly shape: readonly number[];
  /** What stands in the file for the values 0 and 1 of a binary model; otherwise values stand for themselves. */
  readonly pair?: readonly [number, number];
}

const constructors: Partial<Record<ElementType, (length: number) => Elements>> = {
  bool: (n) => new Uint8Array(n),
  uint8: (n) => new Uint8Array(n),
  int16: (n) => new Int16Array(n),
  int32: (n) => new Int32Array(n),
  float32: (n) => new Float32Array(n),
  float64: (n) => new Float64Array(n),
};

/** Whether examples of a shape lie in the file with channels last. */
const channelsLast = (shape: readonly number[]) => shape.length === 4 && (shape[3] === 1 || shape[3] === 3);

/** The values of examples (channels first) as the array a file stored. */
export function stored(values: Uint8Array, { type, shape, pair }: Source): FileArray {
  const data = (constructors[type] ?? constructors.uint8!)(values.length);
  const put = pair ? (value: number) => pair[value]! : (value: number) => value;
  if (!channelsLast(shape)) for (let i = 0; i < values.length; i++) data[i] = put(values[i]!);
  else {
    const channels = shape[3]!;
    const area = shape[1]! * shape[2]!;
    for (let start = 0; start < values.length; start += area * channels)
      for (let c = 0; c < channels; c++)
        for (let p = 0; p < area; p++) data[start + p * channels + c] = put(values[start + c * area + p]!);
  }
  return { type, shape, data };
}

/** How a file stored its first examples, where these values give them back bit for bit; undefined where they do not. */
export async function sourceOf(path: string, values: Uint8Array): Promise<Source | undefined> {
  const bytes = await readContent(path).catch(() => undefined);
  if (!bytes || !(isNpy(bytes) || isIdx(bytes))) return undefined;
  const { type, shape, data } = isNpy(bytes) ? decodeNpy(bytes, path) : readIdx(bytes, path);
  const taken = [values.length / sizeOf(shape.slice(1)), ...shape.slice(1)];
  if (!constructors[type] || !Number.isInteger(taken[0]) || taken[0]! > shape[0]!) return undefined;
  const pair = pairOf(data);
  const candidates: Source[] = [{ type, shape: taken }, ...(pair ? [{ type, shape: taken, pair }] : [])];
  return candidates.find((source) => {
    const back = stored(values, source).data;
    return back.every((value, i) => Object.is(value, data[i]));
  });
}

/** The two numbers an array is made of, when there are no more. */
function pairOf(data: Elements): [number, number] | undefined {
  const [a] = data as ArrayLike<number> as number[];
  const other = (data as Float64Array).find((value) => value !== a);
  if (a === undefined || other === undefined) return undefined;
  const pair: [number, number] = a < other ? [a, other] : [other, a];
  return (data as Float64Array).every((value) => value === pair[0] || value === pair[1]) ? pair : undefined;
}

/** Endings `writeStored` understands. */
export const storedEndings = [".idx", ".npy", ".idx.gz", ".npy.gz"] as const;

/** Throws unless the ending is one of those. */
export function checkStoredEnding(path: string): void {
  if (!storedEndings.some((ending) => path.toLowerCase().endsWith(ending)))
    throw new UsageError(`${path}: write ${storedEndings.join(", ")}; the ending says which.`);
}

/** Throws where the format the ending names has no such numbers. */
export function checkStoredType(path: string, { type }: Source): void {
  if (/\.idx(\.gz)?$/i.test(path) && type !== "uint8")
    throw new UsageError(`${path}: the compressed file stored ${type} numbers; write them as .npy.`);
}

/** The bytes of an array file of examples: as the compressed file stored them, else as bytes. */
export function storedBytes(
  path: string,
  values: Uint8Array,
  count: number,
  spec: DataSpec,
  source?: Source,
): Uint8Array {
  if (source) checkStoredType(path, source);
  const shape = spec.shape[0] === 1 && spec.shape.length === 3 ? spec.shape.slice(1) : spec.shape;
  const array = stored(values, source ?? { type: "uint8", shape: [count, ...shape] });
  const plain = path.toLowerCase().replace(/\.gz$/, "");
  const bytes = plain.endsWith(".npy") ? encodeNpy(array) : encodeIdx(array.shape, array.data as Uint8Array);
  return plain === path.toLowerCase() ? bytes : new Uint8Array(gzipSync(bytes));
}
