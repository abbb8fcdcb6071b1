import { readFileSync } from "node:fs";
import path from "node:path";
import type { HostArray } from "../../src/base/host.ts";
import { dataFolder } from "./data.ts";
import { rowsOf } from "./tables.ts";

const files = { iris: ["iris.csv", [4]], wine: ["wine.csv", [13]], wdbc: ["wdbc.data", [0, 1]] } as const;

/** The sets of the golden values of mixtures. */
export type UciName = keyof typeof files;

/** Rows of a set with mean 0 and deviation 1 in every column, of wdbc the first ten, as the golden values take them. */
export function standardRows(name: UciName): HostArray<"float64"> {
  const [file, left] = files[name];
  const text = readFileSync(path.join(dataFolder!, "uci", file), "utf8");
  const cells = text
    .split(/\r?\n/)
    .filter((line) => line !== "")
    .map((line) => line.split(","));
  const rows = cells.map((line) =>
    line
      .filter((_, i) => !(left as readonly number[]).includes(i))
      .slice(0, name === "wdbc" ? 10 : undefined)
      .map(Number),
  );
  const n = rows.length;
  const mean = rows[0]!.map((_, i) => rows.reduce((sum, row) => sum + row[i]!, 0) / n);
  const deviation = mean.map((m, i) => Math.sqrt(rows.reduce((sum, row) => sum + (row[i]! - m) ** 2, 0) / n));
  return rowsOf(rows.map((row) => row.map((value, i) => (value - mean[i]!) / deviation[i]!)));
}

/** The largest distance between numbers and those expected, as a share of 1 + the expected one. */
export function farthest(found: ArrayLike<number>, expected: ArrayLike<number>): number {
  if (found.length !== expected.length) return Number.POSITIVE_INFINITY;
  const off = Array.from(found, (value, i) => Math.abs(value - expected[i]!) / (1 + Math.abs(expected[i]!)));
  return off.reduce((most, value) => (value <= most ? most : value), 0);
}
