import { DataError } from "../../base/errors.ts";
import { isMissing, isNumber, type Place, spot } from "./cells.ts";
import type { Column } from "./types.ts";
import type { Wish } from "./wishes.ts";

/** Most different texts a column of names may have; with more it holds names of things, or prose. */
export const MAX_LEVELS = 4096;
/** Whole numbers from 0 to this are counts; larger ones more likely measure or name something. */
const MAX_COUNT = 9999;
/** Cells a piece of a column holds. */
const PIECE = 65_536;

/** Numbers in pieces, so that growing never copies. */
class Growing<A extends Uint16Array | Float64Array> {
  private readonly make: (length: number) => A;
  readonly pieces: A[] = [];
  length = 0;
  private kept = true;

  constructor(make: (length: number) => A) {
    this.make = make;
  }

  push(value: number): void {
    if (!this.kept) {
      this.length++;
      return;
    }
    const within = this.length % PIECE;
    if (within === 0) this.pieces.push(this.make(PIECE));
    this.pieces[this.pieces.length - 1]![within] = value;
    this.length++;
  }

  /** Gives up the numbers, and from here on only counts. */
  forget(): void {
    this.kept = false;
    this.pieces.length = 0;
  }

  /** Every number changed by a function, as one array; the pieces are given up on the way. */
  drain(map: (value: number) => number): Float64Array {
    if (!this.kept) return new Float64Array(0);
    const all = new Float64Array(this.length);
    for (let start = 0; this.pieces.length > 0; start += PIECE) {
      const piece = this.pieces.shift()!;
      const end = Math.min(PIECE, this.length - start);
      for (let i = 0; i < end; i++) all[start + i] = map(piece[i]!);
    }
    return all;
  }
}

/** A column with its numbers, NaN where missing; none where they were forgotten. */
export interface Gathered {
  readonly column: Column;
  readonly values: Float64Array;
  readonly missing: number;
  /** Whether bytes hold every cell. */
  readonly small: boolean;
}

/**
 * Takes in the cells of a column as text and finds out what it holds. Texts are kept as numbers of a dictionary (two bytes
 * a cell) while there are at most 4,096 different ones, numbers beyond that as doubles.
 */
export class Gatherer {
  readonly name: string;
  private readonly wish: Wish | undefined;
  private readonly dictionary = new Map<string, number>();
  /** Of each text: how often it was seen, and the first row it stands in. */
  private readonly seen: number[] = [];
  private readonly firstRow: number[] = [];
  private codes: Growing<Uint16Array> | undefined = new Growing((length) => new Uint16Array(length));
  private numbers: Growing<Float64Array> | undefined;
  private missing = 0;
  private kept = true;
  private allWhole = true;
  private low = Number.POSITIVE_INFINITY;
  private high = Number.NEGATIVE_INFINITY;

  constructor(name: string, wish?: Wish) {
    this.name = name;
    this.wish = wish;
  }

  /** Gives up the cells so far and further ones, and only finds out what the column holds. */
  forget(): void {
    this.kept = false;
    this.codes?.forget();
    this.numbers?.forget();
  }

  /** Takes in the next cell. */
  add(raw: string, place: Place): void {
    const text = raw.trim();
    const code = this.codes && this.dictionary.get(text);
    if (code !== undefined) {
      this.codes!.push(code);
      if (code > 0) this.seen[code]!++;
      else this.missing++;
      return;
    }
    if (isMissing(text) && !this.wish?.levels?.includes(text)) this.addMissing(text);
    else if (this.numbers) this.addNumber(text, place);
    else this.addText(text, place);
  }

  private addMissing(text: string): void {
    this.missing++;
    if (this.numbers) this.numbers.push(Number.NaN);
    else {
      this.dictionary.set(text, 0);
      this.codes!.push(0);
    }
  }

  private addText(text: string, place: Place): void {
    const code = Math.max(1, this.seen.length);
    if (code > MAX_LEVELS) {
      this.turnToNumbers(place);
      this.addNumber(text, place);
      return;
    }
    this.dictionary.set(text, code);
    this.seen[code] = 1;
    this.firstRow[code] = place.row;
    this.codes!.push(code);
  }

  private addNumber(text: string, place: Place): void {
    if (!isNumber(text))
      throw new DataError(
        `${spot(place, this)}: "${text.slice(0, 40)}" stands among numbers; correct it, write it as an empty cell, or leave the column out with --drop.`,
      );
    const value = Number(text);
    this.widen(value);
    this.numbers!.push(value);
  }

  private widen(value: number): void {
    if (!Number.isInteger(value)) this.allWhole = false;
    if (value < this.low) this.low = value;
    if (value > this.high) this.high = value;
  }

  /** The different texts by their codes; 0 stands for none. */
  private get texts(): (string | undefined)[] {
    const list: (string | undefined)[] = [undefined];
    for (const [text, code] of this.dictionary) if (code > 0) list[code] = text;
    return list;
  }

  /** More different texts than levels can be: from here on the column can only hold numbers. */
  private turnToNumbers({ where }: Place): void {
    const { texts } = this;
    const name = this.wish?.kind === "categorical" || this.wish?.kind === "ordinal";
    const odd = texts.findIndex((text) => text !== undefined && !isNumber(text));
    if (name || texts.filter((text) => text !== undefined && !isNumber(text)).length > MAX_LEVELS / 2)
      throw new DataError(
        `${where}, column "${this.name}": more than ${MAX_LEVELS} different texts, such as "${(texts[1] ?? "").slice(0, 40)}", are too many for a column of names; leave it out with --drop.`,
      );
    if (odd > 0)
      throw new DataError(
        `${spot({ where, row: this.firstRow[odd]! }, this)}: "${texts[odd]!.slice(0, 40)}" stands among numbers; correct it, write it as an empty cell, or leave the column out with --drop.`,
      );
    const values = texts.map((text) => (text === undefined ? Number.NaN : Number(text)));
    for (const value of values) if (!Number.isNaN(value)) this.widen(value);
    const numbers = new Growing((length) => new Float64Array(length));
    const { codes } = this;
    if (!this.kept) {
      numbers.forget();
      numbers.length = codes!.length;
    }
    let left = codes!.length;
    while (codes!.pieces.length > 0) {
      const piece = codes!.pieces.shift()!;
      const end = Math.min(PIECE, left);
      left -= end;
      for (let i = 0; i < end; i++) numbers.push(values[piece[i]!] ?? Number.NaN);
    }
    this.numbers = numbers;
    this.codes = undefined;
    this.dictionary.clear();
  }

  /** The column with its numbers; nothing may be added afterwards. */
  finish(where: string, isTarget: boolean): Gathered {
    const count = (this.codes ?? this.numbers!).length;
    if (count > 0 && this.missing === count)
      throw new DataError(
        `${where}, column "${this.name}": none of the ${count} rows has a value; leave it out with --drop.`,
      );
    const kind = this.wish?.kind ?? this.inferred(where, isTarget);
    const { name, missing } = this;
    if (kind === "categorical" || kind === "ordinal") {
      const found = this.named(kind, where);
      return { ...found, missing, small: missing === 0 && found.column.levels!.length <= 256 };
    }
    const values = this.measured(kind, where);
    const small = missing === 0 && this.allWhole && this.low >= 0 && this.high <= 255;
    return { column: { name, kind }, values, missing, small };
  }

  private inferred(where: string, isTarget: boolean): Column["kind"] {
    if (this.codes) {
      const texts = this.texts.slice(1) as string[];
      const odd = texts.findIndex((text) => !isNumber(text));
      if (odd >= 0) this.refuseStray(texts, odd, where);
      const distinct = new Set(texts.map(Number));
      if (odd >= 0 || distinct.size <= 2) return "categorical";
      for (const text of texts) this.widen(Number(text));
      if (isTarget && this.allWhole && distinct.size <= 100) return "categorical";
    }
    return this.allWhole && this.low >= 0 && this.high <= MAX_COUNT ? "count" : "real";
  }

  /** A few texts in a column of many different numbers are slips of the pen, not levels. */
  private refuseStray(texts: readonly string[], odd: number, where: string): void {
    const numbers = texts.filter(isNumber).length;
    if (numbers < 20 || numbers < 0.9 * texts.length) return;
    throw new DataError(
      `${spot({ where, row: this.firstRow[odd + 1]! }, this)}: "${texts[odd]!.slice(0, 40)}" stands among numbers; correct it, write it as an empty cell, or say --columns "${this.name}:categorical".`,
    );
  }

  private named(kind: "categorical" | "ordinal", where: string): Pick<Gathered, "column" | "values"> {
    if (!this.codes)
      throw new DataError(
        `${where}, column "${this.name}": more than ${MAX_LEVELS} different numbers are too many for levels; say --columns "${this.name}:real".`,
      );
    const { texts } = this;
    const numeric = texts.every((text) => text === undefined || isNumber(text));
    const names = texts.map((text) => (numeric && text !== undefined ? String(Number(text)) : text));
    const distinct = [...new Set(names.slice(1) as string[])];
    const sorted = numeric ? distinct.sort((a, b) => Number(a) - Number(b)) : distinct.sort();
    const levels = this.wish?.levels ?? sorted;
    const place = new Map(levels.map((level, i) => [level, i]));
    const values = names.map((name, code) => {
      if (name === undefined) return Number.NaN;
      const level = place.get(name) ?? place.get(texts[code]!);
      if (level === undefined)
        throw new DataError(
          `${spot({ where, row: this.firstRow[code]! }, this)}: "${name}" is not among the levels ${levels.join(", ")}.`,
        );
      return level;
    });
    const { name, codes } = this;
    return { column: { name, kind, levels }, values: codes.drain((code) => values[code] ?? Number.NaN) };
  }

  private measured(kind: "count" | "real", where: string): Float64Array {
    const fits = (value: number) => kind === "real" || (Number.isInteger(value) && value >= 0);
    if (!this.codes) {
      const values = this.numbers!.drain((value) => value);
      if (!this.kept && kind === "count" && !(this.allWhole && this.low >= 0))
        throw new DataError(`${where}, column "${this.name}" does not hold counts, whole numbers from 0 on.`);
      const wrong = values.findIndex((value) => !Number.isNaN(value) && !fits(value));
      if (wrong < 0) return values;
      throw new DataError(`${where}, column "${this.name}": ${values[wrong]} is no count, a whole number from 0 on.`);
    }
    const values = this.texts.map((text, code) => {
      if (text === undefined) return Number.NaN;
      if (isNumber(text) && fits(Number(text))) {
        this.widen(Number(text));
        return Number(text);
      }
      const what = kind === "count" ? "no count, a whole number from 0 on" : "not a finite number";
      throw new DataError(`${spot({ where, row: this.firstRow[code]! }, this)}: "${text.slice(0, 40)}" is ${what}.`);
    });
    return this.codes.drain((code) => values[code] ?? Number.NaN);
  }
}
