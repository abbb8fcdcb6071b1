import type { Variable } from "../../probability/tables/index.ts";

/** A node as it is drawn: its name, where its arrows come from, and its numbers. */
export interface DrawnNode {
  readonly name: string;
  readonly parents: readonly string[];
  /** The parents whose states make the rows of its numbers, the last varying fastest. */
  readonly above: readonly Variable[];
  /** Heads of the numbers: states, or what they are; none where there is nothing but a name. */
  readonly heads: readonly string[];
  readonly values: ArrayLike<number>;
  /** Whether the numbers are probabilities, which are tinted. */
  readonly probabilities: boolean;
}

/** What a node's panel shows: its table, rows by the states of its parents. */
export interface Panel {
  readonly title: string;
  /** Heads of the columns: parents, then states. */
  readonly heads: readonly string[];
  /** How many of the columns are parents. */
  readonly parents: number;
  readonly rows: readonly { readonly given: readonly string[]; readonly values: readonly number[] }[];
  /** Whether the values are probabilities. */
  readonly probabilities: boolean;
  /** Rows of the table that are not shown. */
  readonly hidden: number;
  readonly widths: readonly number[];
  readonly width: number;
  readonly height: number;
}

/** Units of a panel: heights of its title and rows, and the room around text. */
export const TITLE = 24;
export const ROW = 16;
export const PAD = 7;
/** Letters of 11 units are about so wide: capitals, narrow ones, others. */
const CAPITAL = 8;
const NARROW = 3.6;
const SMALL = 6.3;
/** Longest name of a state or parent that is written out. */
const LONGEST = 14;

/** A name of at most so many letters. */
export function shortened(text: string, longest = LONGEST): string {
  return text.length <= longest ? text : `${text.slice(0, longest - 1)}…`;
}

/** About how wide a text of 11 units is. */
function widthOf(text: string): number {
  let width = 0;
  for (const letter of text) width += /[A-Z@%&_…]/.test(letter) ? CAPITAL : /[ijlt.,:|]/.test(letter) ? NARROW : SMALL;
  return width;
}

/** A probability in three digits: `.812`, `1`, `0`, `<.001`. */
export function shortProbability(p: number): string {
  if (p === 0 || p === 1) return String(p);
  if (p < 0.0005) return "<.001";
  return p > 0.9995 ? ">.999" : p.toFixed(3).replace(/^0/, "");
}

/** A number in four digits. */
export function shortNumber(value: number): string {
  return String(Number(value.toPrecision(4)));
}

/** The panel of a node, with at most `most` rows of its table; with none only its name. */
export function panelOf(node: DrawnNode, limit: number): Panel {
  const { name, above, values, probabilities } = node;
  const width = node.heads.length;
  const most = width === 0 ? 0 : limit;
  const all = width === 0 ? 0 : values.length / width;
  const shown = most === 0 ? 0 : all <= most ? all : most - 1;
  const rows = Array.from({ length: shown }, (_, row) => {
    let rest = row;
    const given = [...above].reverse().map(({ states }) => {
      const state = states[rest % states.length]!;
      rest = Math.floor(rest / states.length);
      return shortened(state);
    });
    return { given: given.reverse(), values: Array.from({ length: width }, (_, k) => values[row * width + k]!) };
  });
  const heads = most === 0 ? [] : [...above.map((each) => each.name), ...node.heads].map((head) => shortened(head));
  const widths = heads.map((head, i) => {
    const cells = rows.map(({ given }) => (i < above.length ? widthOf(given[i]!) : 0));
    return Math.ceil(Math.max(widthOf(head), ...cells, i < above.length ? 0 : 32)) + PAD;
  });
  const title = shortened(name, 28);
  const hidden = most === 0 ? 0 : all - shown;
  const note = hidden > 0 ? widthOf(`${hidden} more rows`) : 0;
  const inner = Math.max(
    widths.reduce((sum, each) => sum + each, 0),
    widthOf(title) * 1.25,
    note,
  );
  const lines = (heads.length > 0 ? 1 : 0) + rows.length + (hidden > 0 ? 1 : 0);
  const height = TITLE + lines * ROW + (lines > 0 ? PAD - 2 : 0);
  return { title, heads, parents: above.length, rows, probabilities, hidden, widths, width: inner + 2 * PAD, height };
}
