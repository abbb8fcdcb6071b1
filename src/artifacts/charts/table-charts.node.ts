import * as Plot from "@observablehq/plot";
import { type ChartText, defaultWidth, entriesFor, frame, nothing } from "./frame.node.ts";
import { colourAt } from "./palette.ts";

/** Shares of the same levels from one source: rows of data, or of samples. */
export interface Shares {
  readonly name: string;
  readonly shares: readonly number[];
}

const most = 14; // letters of a level that are shown

const clipped = (text: string) => ([...text].length > most ? `${[...text].slice(0, most - 1).join("")}…` : text);

/** Bars of several sources side by side for each level, in per cent. */
export function sharesChart(levels: readonly string[], sources: readonly Shares[], options: ChartText): string {
  const bars = sources.flatMap(({ name, shares }, source) =>
    shares.map((share, level) => ({ level, source, name, share: 100 * share })),
  );
  if (bars.length === 0) return frame(options, [], nothing);
  const longest = Math.max(...levels.map((level) => Math.min(most, level.length)));
  const wide = levels.length * (longest + 1) > 66;
  return frame(
    { y: "share of rows (%)", ...options },
    entriesFor(
      sources.map(({ name }) => name),
      "square",
    ),
    {
      marginTop: 8,
      marginRight: 24,
      marginLeft: 54,
      marginBottom: wide ? 78 : 26,
      fx: {
        label: null,
        domain: levels.map((_, i) => i),
        tickFormat: (level: number) => clipped(levels[level]!),
        axis: "bottom",
        padding: 0.2,
        ...(wide ? { tickRotate: -40 } : {}),
      },
      x: { axis: null, domain: sources.map((_, i) => i), padding: 0.05 },
      y: { label: null, grid: true, nice: true },
      marks: [
        Plot.barY(bars, {
          fx: "level",
          x: "source",
          y: "share",
          fill: (bar: { source: number }) => colourAt(bar.source),
        }),
        Plot.ruleY([0]),
      ],
      color: { type: "identity" },
    },
  );
}

/** Numbers of a column from two sources and, to colour them, the class of each row. */
export interface PairSource {
  readonly name: string;
  /** One array of numbers for each column; NaN where missing. */
  readonly columns: readonly ArrayLike<number>[];
  readonly classes?: ArrayLike<number>;
}

/** The range that holds all but the outermost hundredths of a column, with some air. */
function rangeOf(values: ArrayLike<number>): [number, number] {
  const sorted = Array.from(values)
    .filter(Number.isFinite)
    .sort((a, b) => a - b);
  const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0;
  const [low, high] = [at(0.01), at(0.99)];
  const air = 0.08 * (high - low) || 0.5;
  return [low - air, high + air];
}

/**
 * Every pair of columns as a small cloud of points: the first source below the diagonal, the second above it, on the range
 * of the first; what lies outside is left out.
 */
export function pairsChart(
  names: readonly string[],
  sources: readonly [PairSource, PairSource],
  options: ChartText & { readonly classes?: readonly string[] },
): string {
  const ranges = names.map((_, i) => rangeOf(sources[0].columns[i]!));
  const spots = names.flatMap((_, row) => names.flatMap((__, column) => (row === column ? [] : cloud(row, column))));
  function cloud(row: number, column: number) {
    const { columns, classes } = sources[row > column ? 0 : 1];
    const within = (value: number, i: number) => (value - ranges[i]![0]) / (ranges[i]![1] - ranges[i]![0]);
    return Array.from(columns[column]!, (value, n) => ({
      row,
      column,
      x: within(value, column),
      y: within(columns[row]![n]!, row),
      label: classes?.[n] ?? 0,
    })).filter(({ x, y }) => x >= 0 && x <= 1 && y >= 0 && y <= 1);
  }
  const width = options.width ?? defaultWidth;
  const titles = names.map((name, i) => ({ row: i, column: i, x: 0.5, y: 0.5, name: clipped(name) }));
  const cells = names.flatMap((_, row) => names.map((__, column) => ({ row, column })));
  const scale = { axis: null, domain: names.map((_, i) => i), padding: 0.06 } as const;
  return frame({ ...options, width }, entriesFor(options.classes ?? [], "dot"), {
    margin: 12,
    height: width - 40,
    fx: scale,
    fy: scale,
    x: { axis: null, domain: [0, 1] },
    y: { axis: null, domain: [0, 1] },
    marks: [
      Plot.rect(cells, {
        fx: "column",
        fy: "row",
        x1: 0,
        x2: 1,
        y1: 0,
        y2: 1,
        stroke: "currentColor",
        strokeOpacity: 0.25,
      }),
      Plot.dot(spots, {
        fx: "column",
        fy: "row",
        x: "x",
        y: "y",
        r: 1.4,
        fill: (spot: { label: number }) => colourAt(spot.label),
        fillOpacity: 0.6,
      }),
      Plot.text(titles, { fx: "column", fy: "row", x: "x", y: "y", text: "name", fontSize: 13, fontWeight: 600 }),
    ],
    color: { type: "identity" },
  });
}
