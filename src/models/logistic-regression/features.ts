import type { Column } from "../../data/table/types.ts";
import { levelsOf, type TableSpec } from "../tables.ts";

/** The numbers a table's inputs become: a number as it is, a name as one 0 or 1 for each level (one in all for two levels). */
export interface Features {
  readonly names: readonly string[];
  /** Whether a feature is a number, not the 0 or 1 of a level. */
  readonly numeric: readonly boolean[];
  /** For each feature the place of its column. */
  readonly column: readonly number[];
  /** Writes the features of the row that begins at `at`; NaN where the column is missing. */
  write(x: ArrayLike<number>, at: number, out: Float64Array, start: number): void;
}

interface Part {
  readonly place: number;
  readonly start: number;
  /** Levels that have a feature, the first of them; none for a number. */
  readonly levels?: { readonly first: number; readonly count: number };
}

/** The features of the inputs of a table. */
export function featuresOf({ columns, inputs }: Pick<TableSpec, "columns" | "inputs">): Features {
  const names: string[] = [];
  const column: number[] = [];
  const parts = inputs.map((place): Part => {
    const one = columns[place]!;
    const start = names.length;
    const shown = shownLevels(one);
    const own = shown ? shown.names : [one.name];
    names.push(...own);
    column.push(...own.map(() => place));
    return { place, start, ...(shown ? { levels: { first: shown.first, count: own.length } } : {}) };
  });
  return {
    names,
    column,
    numeric: column.map((place) => columns[place]!.levels === undefined),
    write: (x, at, out, start) => {
      for (const { place, start: first, levels } of parts) {
        const value = x[at + place]!;
        if (!levels) out[start + first] = value;
        else
          for (let v = 0; v < levels.count; v++)
            out[start + first + v] = Number.isNaN(value) ? value : Number(value === levels.first + v);
      }
    },
  };
}

function shownLevels(column: Column): { readonly first: number; readonly names: string[] } | undefined {
  const { levels, name } = column;
  if (!levels) return undefined;
  const first = levelsOf(column) > 2 ? 0 : 1;
  return { first, names: levels.slice(first).map((level) => `${name}=${level}`) };
}
