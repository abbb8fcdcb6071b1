import { UsageError } from "../base/errors.ts";
import { HostArray } from "../base/host.ts";
import type { Column, ColumnKind } from "../data/table/types.ts";
import type { DataSpec } from "../data/types.ts";
import type { Numbers, TrainingConfig } from "./contract.ts";

/** A table as a model sees it. */
export interface TableSpec {
  readonly columns: readonly Column[];
  /** The place of the target among the columns, where one is named. */
  readonly target?: number;
  /** The places of all other columns. */
  readonly inputs: readonly number[];
}

/** The columns of a table; throws where the data is none. */
export function requireTable(data: DataSpec, name: string): TableSpec {
  const { columns, target } = data;
  if (data.values !== "table" || !columns)
    throw new UsageError(
      `${name} models rows of a table of typed columns, and this data holds ${data.values} numbers.`,
    );
  const inputs = columns.map((_, i) => i).filter((i) => i !== target);
  return { columns, inputs, ...(target === undefined ? {} : { target }) };
}

/** Throws unless every column has one of the kinds a model takes; `cure` ends the sentence. */
export function needKinds(
  name: string,
  columns: readonly Column[],
  kinds: readonly ColumnKind[],
  cure = `drop it with --drop, or say what it is with --columns, as NAME:${kinds[0]}`,
): void {
  const odd = columns.find(({ kind }) => !kinds.includes(kind));
  if (odd)
    throw new UsageError(`${name} models ${kinds.join(" and ")} columns, and "${odd.name}" is ${odd.kind}: ${cure}.`);
}

/** The target's place and the names of its classes; throws where there is none with levels. */
export function requireTarget(
  spec: TableSpec,
  name: string,
): { readonly place: number; readonly classes: readonly string[] } {
  const { columns, target } = spec;
  if (target === undefined)
    throw new UsageError(`${name} predicts a column: say which with --target, as --target ${columns.at(-1)!.name}.`);
  const { levels, name: column, kind } = columns[target]!;
  if (levels) return { place: target, classes: levels };
  throw new UsageError(
    `${name} predicts classes, and the target "${column}" is ${kind}: say --columns ${column}:categorical if it names classes.`,
  );
}

/** Number of levels of a categorical or ordinal column. */
export function levelsOf({ levels, name }: Column): number {
  if (!levels) throw new UsageError(`The column "${name}" has no levels.`);
  return levels.length;
}

/** Rows with NaN wherever `observed` says that a value is not known; one function then serves both ways to say missing. */
export function withGaps(x: Numbers, observed: Numbers): HostArray<"float64"> {
  const data = Float64Array.from(x.data, (value, i) => (observed.data[i]! > 0.5 ? value : Number.NaN));
  return new HostArray("float64", x.shape, data);
}

/** log p(target) of rows [n, columns] from those of all classes [n, classes]; a row whose target is missing says nothing, 0. */
export function targetNats({ target, classes }: DataSpec, x: Numbers, logs: Float64Array): Float64Array {
  if (target === undefined || !classes)
    throw new UsageError("There is no target column to predict: name it with --target.");
  const [count, width] = x.shape as [number, number];
  return Float64Array.from({ length: count }, (_, n) => {
    const level = x.data[n * width + target]!;
    return Number.isNaN(level) ? 0 : logs[n * classes.length + level]!;
  });
}

/** Training of a table model that needs one step; rows come in batches only to bound the memory. */
export const oneStep: TrainingConfig = { batchSize: 4096, validateEvery: 1 };
