import { DataError } from "../../base/errors.ts";
import { isMissing, isNumber, type Place } from "./cells.ts";
import { Gatherer } from "./gather.ts";
import type { Column, Table } from "./types.ts";
import { findColumn, type Wishes, wishesFor } from "./wishes.ts";

/** How to read a table; what is left out is found out from its rows. */
export interface TableOptions {
  /** Whether the first row names the columns. */
  readonly header?: boolean;
  /** Names of the columns where no row says them. */
  readonly names?: readonly string[];
  readonly delimiter?: string;
  /** What columns hold, by name or number. */
  readonly columns?: Wishes;
  /** The column to be predicted, by name or number; "none" for none. */
  readonly target?: string;
  /** Columns to leave out, by name or number. */
  readonly drop?: readonly string[];
  /** Only the first so many rows. */
  readonly rows?: number;
  /** Bytes of memory that the numbers may take. */
  readonly budget?: number;
  /** What becomes of a table that needs more: it is refused, or its rows are only looked at, to be stored by another reading. */
  readonly beyond?: "refuse" | "survey";
  /** Which rows are taken, by their number from 0 on; all where nobody says. */
  readonly takes?: (row: number) => boolean;
  /** Where the cells of columns that are known go, instead of into a table. */
  readonly sink?: RowSink;
}

/** What takes in the cells of rows one after the other; columns are counted without those left out. */
export interface RowSink {
  cell(column: number, text: string, place: Place): void;
  /** After the last cell of a row. */
  end(): void;
}

/** A table with the place of the column to be predicted. */
export interface ReadTable {
  /** Without values where there were too many for memory. */
  readonly table: Table;
  readonly target?: number;
  /** Cells that are missing. */
  readonly gaps: number;
  /** Whether bytes would hold every cell. */
  readonly small: boolean;
  /** Whether memory was too small for the values. */
  readonly surveyed: boolean;
}

/** Memory of a table where nobody says how much there is: 4 GiB. */
const BUDGET = 4 * 2 ** 30;
/** Bytes a cell takes at most while the table is made: two as text, eight as a column, eight in its row. */
const BYTES = 18;
/** Rows that are looked at before the header is decided. */
const FIRST_LOOK = 100;

/** Takes in rows of text, the header first if there is one, and gives the typed table they make. */
export class TableBuilder {
  private readonly where: string;
  private readonly options: TableOptions;
  private waiting: string[][] = [];
  private gatherers: (Gatherer | undefined)[] | undefined;
  private names: readonly string[] = [];
  private target: number | undefined;
  /** Rows of data so far. */
  count = 0;
  private row = 0;
  private surveyed = false;
  private seen = 0;

  constructor(where: string, options: TableOptions = {}, names?: readonly string[]) {
    this.where = where;
    this.options = options;
    if (names) this.open(names);
  }

  /** Whether no more rows are wanted. */
  get full(): boolean {
    return this.options.rows !== undefined && this.count >= this.options.rows;
  }

  /** Takes in the next row; `where` names its file, where there are several. */
  add(cells: string[], where = this.where): void {
    if (this.gatherers) this.take(cells, where);
    else {
      this.waiting.push(cells);
      if (this.waiting.length >= FIRST_LOOK) this.look();
    }
  }

  /** Decides what the first rows say about header and columns. */
  private look(): void {
    const rows = this.waiting;
    this.waiting = [];
    const first = rows[0];
    if (!first) throw new DataError(`${this.where} holds no row of data.`);
    if (rows.length === 1 && this.options.header === undefined && first.every((cell) => isName(cell)))
      throw new DataError(`${this.where} holds no row of data: its only row reads like the names of its columns.`);
    const header = this.options.header ?? looksLikeHeader(rows);
    this.open(header ? first : first.map((_, i) => this.options.names?.[i] ?? `column ${i + 1}`));
    if (header) this.row++;
    for (const cells of header ? rows.slice(1) : rows) this.take(cells, this.where);
  }

  private open(given: readonly string[]): void {
    const { where, options } = this;
    const names = given.map((name, i) => name.trim() || `column ${i + 1}`);
    const twice = names.findIndex((name, i) => names.indexOf(name) < i);
    if (twice >= 0)
      throw new DataError(
        `${where} has two columns called "${names[twice]}" (${names.indexOf(names[twice]!) + 1} and ${twice + 1}); rename one.`,
      );
    const dropped = new Set((options.drop ?? []).map((name) => findColumn(name, names, where)));
    const wishes = wishesFor(options.columns ?? {}, names, where);
    const { target } = options;
    this.target = target === undefined || target === "none" ? undefined : findColumn(target, names, where);
    if (this.target !== undefined && dropped.has(this.target))
      throw new DataError(`${where}: the column "${names[this.target]}" cannot be the target and be left out.`);
    if (dropped.size === names.length) throw new DataError(`${where}: every column is left out.`);
    this.names = names;
    this.gatherers = names.map((name, i) => (dropped.has(i) ? undefined : new Gatherer(name, wishes[i])));
  }

  /** Rows of a further file: their header, if any, has been compared. */
  get columnNames(): readonly string[] {
    if (!this.gatherers) this.look();
    return this.names;
  }

  private take(cells: string[], where: string): void {
    if (this.full) return;
    this.row++;
    const { names, gatherers } = this;
    if (cells.length !== names.length)
      throw new DataError(`${where}, row ${this.row}: ${cells.length} cells where there are ${names.length} columns.`);
    const { takes } = this.options;
    if (takes && !takes(this.seen++)) return;
    const place = { where, row: this.row };
    const { sink } = this.options;
    if (sink) {
      for (let i = 0, kept = 0; i < cells.length; i++) if (gatherers![i]) sink.cell(kept++, cells[i]!.trim(), place);
      sink.end();
    } else for (let i = 0; i < cells.length; i++) gatherers![i]?.add(cells[i]!, place);
    this.count++;
    if (!sink && !this.surveyed && this.count % 4096 === 0) this.checkMemory();
  }

  private checkMemory(): void {
    const kept = this.gatherers!.filter(Boolean).length;
    const budget = this.options.budget ?? BUDGET;
    if (this.count * kept * BYTES <= budget) return;
    if (this.options.beyond === "survey") {
      this.surveyed = true;
      for (const gatherer of this.gatherers!) gatherer?.forget();
      return;
    }
    const size = (bytes: number) => `${(bytes / 2 ** 30).toPrecision(2)} GiB`;
    throw new DataError(
      `${this.where} is too large for this machine's memory: after ${this.count.toLocaleString("en")} rows its ${kept} columns need more than ${size(budget)}; leave columns out with --drop, or read fewer rows with --rows ${this.count}.`,
    );
  }

  /** The number of the next row is counted from the beginning of a file. */
  restart(row: number): void {
    this.row = row;
  }

  /** The table of all rows; nothing may be added afterwards. */
  finish(): ReadTable {
    if (!this.gatherers) this.look();
    if (this.count === 0) throw new DataError(`${this.where} holds no row of data.`);
    const columns: Column[] = [];
    const values: Float64Array[] = [];
    const missing: (Uint8Array | undefined)[] = [];
    let [gaps, small] = [0, true];
    let target: number | undefined;
    for (const [i, gatherer] of this.gatherers!.entries()) {
      if (!gatherer) continue;
      this.gatherers![i] = undefined;
      const isTarget = i === this.target;
      if (isTarget) target = columns.length;
      const found = gatherer.finish(this.where, isTarget);
      columns.push(found.column);
      values.push(found.values);
      gaps += found.missing;
      small &&= found.small;
      missing.push(
        found.missing > 0 ? Uint8Array.from(found.values, (value) => Number(Number.isNaN(value))) : undefined,
      );
    }
    const table: Table = { columns, count: this.count, values, missing };
    return { table, gaps, small, surveyed: this.surveyed, ...(target === undefined ? {} : { target }) };
  }
}

const isName = (cell: string) => !isNumber(cell.trim()) && !isMissing(cell.trim());

/**
 * Whether the first of some rows names the columns: none of its cells is a number or missing, and either some column below
 * it holds numbers (nine in ten), or all are different and none comes again in its column although half of the columns repeat.
 */
export function looksLikeHeader([head = [], ...rows]: readonly (readonly string[])[]): boolean {
  const cells = head.map((cell) => cell.trim());
  if (rows.length === 0 || cells.some((cell) => isNumber(cell) || isMissing(cell))) return false;
  const below = (i: number) => rows.map((row) => (row[i] ?? "").trim()).filter((cell) => !isMissing(cell));
  const columns = cells.map((_, i) => below(i));
  if (columns.some((values) => values.length > 0 && values.filter(isNumber).length >= 0.9 * values.length)) return true;
  if (new Set(cells).size < cells.length) return false;
  const repeating = columns.filter((values) => new Set(values).size < values.length).length;
  return repeating >= cells.length / 2 && cells.every((cell, i) => !columns[i]!.includes(cell));
}
