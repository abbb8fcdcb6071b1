import { UsageError } from "../../base/errors.ts";
import type { Column } from "../../data/table/types.ts";
import type { DirectGiven, DirectStep, Examples } from "../contract.ts";
import { levelsOf } from "../tables.ts";
import { type FamilyParams, familyOf, fitCounts, fitKernel, fitLevels, fitNormal } from "./families.ts";

/** What is said about the fit. */
export interface FitOptions {
  readonly smoothing: number;
  readonly real: "auto" | "normal" | "kernel";
}

const CHUNK = 4096;
/** Most values that a kernel density keeps of a column. */
const CENTRES = 1000;

/** What is kept of a column while rows pass. */
interface Kept {
  readonly column: Column;
  readonly counts: Float64Array;
  readonly seen: Map<number, number>;
  readonly some: number[];
  count: number;
  mean: number;
  squares: number;
}

/** One step: each column by its own maximum likelihood, the family of real columns chosen on the validation rows. */
export async function* fitColumns(
  columns: readonly Column[],
  { train, valid }: DirectGiven,
  options: FitOptions,
): AsyncGenerator<DirectStep> {
  const kept = columns.map((column): Kept => {
    const levels = column.levels ? levelsOf(column) : 0;
    return { column, counts: new Float64Array(levels), seen: new Map(), some: [], count: 0, mean: 0, squares: 0 };
  });
  const every = Math.max(1, Math.floor(train.count / CENTRES));
  await eachCell(train, columns.length, (value, i, row) => keep(kept[i]!, value, row % every === 0));
  const held = columns.map((): number[] => []);
  if (options.real === "auto")
    await eachCell(valid, columns.length, (value, i) => {
      if (columns[i]!.kind === "real" && held[i]!.length < CENTRES) held[i]!.push(value);
    });
  yield { params: { columns: kept.map((one, i) => familyFor(one, held[i]!, options)) }, done: 1 };
}

async function eachCell(
  rows: Examples,
  width: number,
  visit: (value: number, column: number, row: number) => void,
): Promise<void> {
  for (let start = 0; start < rows.count; start += CHUNK) {
    const { data } = await rows.read(start, Math.min(rows.count, start + CHUNK));
    for (let i = 0; i < data.length; i++)
      if (!Number.isNaN(data[i])) visit(data[i]!, i % width, start + Math.floor(i / width));
  }
}

function keep(kept: Kept, value: number, chosen: boolean): void {
  kept.count++;
  if (kept.column.levels) kept.counts[value]!++;
  else if (kept.column.kind === "count") kept.seen.set(value, (kept.seen.get(value) ?? 0) + 1);
  else {
    const delta = value - kept.mean;
    kept.mean += delta / kept.count;
    kept.squares += delta * (value - kept.mean);
    if (chosen) kept.some.push(value);
  }
}

function familyFor(kept: Kept, held: readonly number[], { smoothing, real }: FitOptions): FamilyParams {
  const { column, count, mean, squares, some } = kept;
  if (column.levels) return fitLevels(kept.counts, smoothing);
  if (count === 0)
    throw new UsageError(`The column "${column.name}" has no value in the training rows: leave it out with --drop.`);
  if (column.kind === "count") return fitCounts(kept.seen);
  const deviation = Math.sqrt(squares / count);
  if (!(deviation > 0))
    throw new UsageError(
      `The column "${column.name}" is ${mean} in every training row, so no density fits it: leave it out with --drop.`,
    );
  const normal = fitNormal(mean, deviation);
  if (real === "normal" || some.length < 2) return normal;
  const kernel = fitKernel(Float64Array.from(some));
  if (real === "kernel") return kernel;
  const rated = (params: FamilyParams) => held.reduce((sum, value) => sum + familyOf(params).logProb(value), 0);
  return rated(kernel) > rated(normal) ? kernel : normal;
}
