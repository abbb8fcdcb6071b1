import { Sha256 } from "../base/sha256.ts";
import { sizeOf } from "../base/shape.ts";
import { pieces } from "./cells-between.ts";
import { type DataSpec, type Dataset, splitNames } from "./types.ts";

const bytesOf = (array: ArrayBufferView): Uint8Array =>
  new Uint8Array(array.buffer, array.byteOffset, array.byteLength);

/** What takes bytes in and gives their SHA-256; Node's own is several times faster than the portable one. */
export interface Hasher {
  update(bytes: Uint8Array): unknown;
  hex(): string;
}

function factsOf({ values, vocabulary, boundary, columns, target }: DataSpec): unknown[] {
  if (values === "tokens") return [vocabulary ?? null, boundary ?? null];
  if (values === "sequences") return [columns];
  return values === "table" ? [columns, target ?? null] : [];
}

/** SHA-256 over the spec and, split by split, examples and labels: the same contents have the same hash everywhere. */
export function hashContents({ spec, splits }: Pick<Dataset, "spec" | "splits">, hash: Hasher = new Sha256()): string {
  const text = (value: unknown) => hash.update(new TextEncoder().encode(JSON.stringify(value)));
  text([spec.shape, spec.values, spec.classes ?? null, ...factsOf(spec)]);
  for (const name of splitNames) {
    const { count, labels, stride, stored } = splits[name];
    text([name, count, labels ? labels.length : null, ...(stride === undefined ? [] : [stride])]);
    for (const { cells } of pieces(splits[name], sizeOf(spec.shape)))
      hash.update(bytesOf(stored?.small ? Uint8Array.from(cells) : cells));
    if (labels) hash.update(bytesOf(Int32Array.from(labels)));
  }
  return hash.hex();
}
