import { DataError } from "../../base/errors.ts";
import { defaultLimit, unzipped } from "./inflate.ts";

/** Which of the two layouts: CIFAR-10 has one label byte before each image, CIFAR-100 a coarse and a fine one. */
export type CifarLayout = "cifar10" | "cifar100";

/** Images of a CIFAR binary file (Krizhevsky, 2009): count × 3 × 32 × 32 bytes, with their labels. */
export interface CifarBatch {
  readonly layout: CifarLayout;
  readonly count: number;
  readonly x: Uint8Array;
  readonly labels: Uint8Array;
  /** CIFAR-100 only: the twenty superclasses. */
  readonly coarse?: Uint8Array;
}

const pixels = 3 * 32 * 32;
const classCounts = { cifar10: [10], cifar100: [20, 100] } as const;

/** The layout that fits a length and its label bytes, or undefined when neither does. */
export function cifarLayout(bytes: Uint8Array): CifarLayout | undefined {
  const layouts = ["cifar10", "cifar100"] as const;
  return layouts.find((layout) => bytes.length > 0 && wrongLabel(bytes, layout) === undefined);
}

/** Reads a CIFAR-10 or CIFAR-100 binary file, gzip-compressed or not. */
export function readCifar(
  packed: Uint8Array,
  where = "The CIFAR file",
  layout?: CifarLayout,
  limit = defaultLimit,
): CifarBatch {
  const bytes = unzipped(packed, where, limit);
  const chosen = layout ?? cifarLayout(bytes);
  if (chosen === undefined)
    throw new DataError(
      `${where} is truncated or not a CIFAR binary: ${bytes.length} bytes are no whole number of records.`,
    );
  const problem = bytes.length === 0 ? "holds no record" : wrongLabel(bytes, chosen);
  if (problem) throw new DataError(`${where} ${problem}.`);
  return unpack(bytes, chosen);
}

function wrongLabel(bytes: Uint8Array, layout: CifarLayout): string | undefined {
  const classes = classCounts[layout];
  const record = classes.length + pixels;
  if (bytes.length % record !== 0)
    return `is truncated: ${bytes.length} bytes are no whole number of ${record}-byte records`;
  for (let start = 0; start < bytes.length; start += record)
    for (const [i, count] of classes.entries())
      if (bytes[start + i]! >= count)
        return `has the label ${bytes[start + i]} in record ${start / record + 1}; ${layout} has ${count}`;
  return undefined;
}

function unpack(bytes: Uint8Array, layout: CifarLayout): CifarBatch {
  const labelBytes = classCounts[layout].length;
  const record = labelBytes + pixels;
  const count = bytes.length / record;
  const x = new Uint8Array(count * pixels);
  for (let i = 0; i < count; i++) x.set(bytes.subarray(i * record + labelBytes, (i + 1) * record), i * pixels);
  const column = (offset: number) => Uint8Array.from({ length: count }, (_, i) => bytes[i * record + offset]!);
  const labels = column(labelBytes - 1);
  return layout === "cifar10" ? { layout, count, x, labels } : { layout, count, x, labels, coarse: column(0) };
}
