import type { Network, Node } from "../network.ts";

/** What a node's panel shows: its table, rows by the states of its parents. */
export interface Panel {
  readonly title: string;
  /** Heads of the columns: parents, then states. */
  readonly heads: readonly string[];
  /** How many of the columns are parents. */
  readonly parents: number;
  readonly rows: readonly { readonly given: readonly string[]; readonly probabilities: readonly number[] }[];
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

/** The panel of a node, with at most `most` rows of its table; with none only its name. */
export function panelOf(network: Network, node: Node, most: number): Panel {
  const { variable, parents, table } = node;
  const of = parents.map((name) => network.nodes.find((each) => each.variable.name === name)!.variable);
  const width = variable.states.length;
  const all = table.length / width;
  const shown = most === 0 ? 0 : all <= most ? all : most - 1;
  const rows = Array.from({ length: shown }, (_, row) => {
    let rest = row;
    const given = [...of].reverse().map(({ states }) => {
      const state = states[rest % states.length]!;
      rest = Math.floor(rest / states.length);
      return shortened(state);
    });
    return { given: given.reverse(), probabilities: [...table.subarray(row * width, (row + 1) * width)] };
  });
  const heads = most === 0 ? [] : [...parents, ...variable.states].map((name) => shortened(name));
  const widths = heads.map((head, i) => {
    const cells = rows.map(({ given }) => (i < parents.length ? widthOf(given[i]!) : 0));
    return Math.ceil(Math.max(widthOf(head), ...cells, i < parents.length ? 0 : 32)) + PAD;
  });
  const title = shortened(variable.name, 28);
  const hidden = most === 0 ? 0 : all - shown;
  const note = hidden > 0 ? widthOf(`${hidden} more rows`) : 0;
  const inner = Math.max(
    widths.reduce((sum, each) => sum + each, 0),
    widthOf(title) * 1.25,
    note,
  );
  const lines = (heads.length > 0 ? 1 : 0) + rows.length + (hidden > 0 ? 1 : 0);
  const height = TITLE + lines * ROW + (lines > 0 ? PAD - 2 : 0);
  return { title, heads, parents: parents.length, rows, hidden, widths, width: inner + 2 * PAD, height };
}
