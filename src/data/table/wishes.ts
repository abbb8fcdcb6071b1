import { DataError, UsageError } from "../../base/errors.ts";
import { unknownName } from "../../base/suggest.ts";
import type { ColumnKind } from "./types.ts";

/** The kinds a column may have. */
export const columnKinds: readonly ColumnKind[] = ["categorical", "ordinal", "count", "real"];

/** What the user says about a column: its kind, and for names the order of its levels. */
export interface Wish {
  readonly kind: ColumnKind;
  readonly levels?: readonly string[];
}

/** Wishes by the name or number of a column; `*` is every other column. */
export type Wishes = Readonly<Record<string, Wish>>;

/** Reads `age:count,size:ordinal(S|M|L),*:real`; a name may hold colons, the kind follows the last. */
export function parseWishes(text: string): Wishes {
  const parts = text.match(/(?:[^,(]|\([^)]*\))+/g) ?? [];
  return Object.fromEntries(parts.map((part) => wishOf(part.trim())));
}

function wishOf(part: string): [string, Wish] {
  const [, name, kind, levels] = part.match(/^(.+):\s*(\w+)\s*(?:\(([^)]*)\))?$/s) ?? [];
  if (name === undefined || kind === undefined)
    throw new UsageError(`--columns ${part}: expected NAME:KIND, for example age:count or size:ordinal(S|M|L).`);
  const list = levels?.split("|").map((level) => level.trim());
  return [name.trim(), checkedWish(kind, list, `--columns ${part}`)];
}

function checkedWish(kind: string, levels: readonly string[] | undefined, where: string): Wish {
  if (!(columnKinds as readonly string[]).includes(kind))
    throw new UsageError(`${where}: ${unknownName("kind of column", kind, columnKinds)}`);
  if (!levels) return { kind: kind as ColumnKind };
  if (kind === "count" || kind === "real") throw new UsageError(`${where}: a column of ${kind} numbers has no levels.`);
  if (new Set(levels).size < levels.length) throw new UsageError(`${where}: a level stands twice in the list.`);
  return { kind: kind as ColumnKind, levels };
}

/** Reads a schema file: a JSON object of column names with a kind, or with `{"kind": …, "levels": […]}`. */
export function readSchema(text: string, where: string): Wishes {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new DataError(`${where} is no JSON (${(error as Error).message}).`);
  }
  if (typeof value !== "object" || value === null || Array.isArray(value))
    throw new DataError(
      `${where} is no schema: expected {"age": "count", "size": {"kind": "ordinal", "levels": [...]}}.`,
    );
  return Object.fromEntries(
    Object.entries(value).map(([name, wish]) => {
      const { kind, levels } = typeof wish === "string" ? { kind: wish, levels: undefined } : (wish ?? {});
      const fine = typeof kind === "string" && (levels === undefined || isTexts(levels));
      if (!fine) throw new DataError(`${where} says of "${name}" neither a kind nor {"kind": …, "levels": […]}.`);
      return [name, checkedWish(kind, levels as readonly string[] | undefined, `${where}, "${name}"`)];
    }),
  );
}

const isTexts = (value: unknown): value is string[] =>
  Array.isArray(value) && value.every((item) => typeof item === "string");

/** The place of a column by its name, or its number from 1 on; throws with a suggestion. */
export function findColumn(wanted: string, names: readonly string[], where: string): number {
  const byName = names.indexOf(wanted);
  const place = byName >= 0 ? byName : /^\d+$/.test(wanted) ? Number(wanted) - 1 : -1;
  if (place >= 0 && place < names.length) return place;
  throw new UsageError(unknownName(`column of ${where}`, wanted, names));
}

/** The wish for each column, in their order; throws where a wish names no column. */
export function wishesFor(wishes: Wishes, names: readonly string[], where: string): (Wish | undefined)[] {
  const { "*": others, ...named } = wishes;
  const list = names.map(() => others);
  for (const [name, wish] of Object.entries(named)) list[findColumn(name, names, where)] = wish;
  return list;
}
