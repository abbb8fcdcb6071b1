import * as Plot from "@observablehq/plot";
import { ShapeError } from "../../base/errors.ts";
import { type ChartText, defaultWidth, entriesFor, frame, type LegendEntry, nothing, textWidth } from "./frame.node.ts";
import { colourAt } from "./palette.ts";

/** One line of a curve chart; gaps are where y is not finite. `low` and `high` draw a band around the line. */
export interface Series {
  readonly name: string;
  readonly x: ArrayLike<number>;
  readonly y: ArrayLike<number>;
  readonly low?: ArrayLike<number>;
  readonly high?: ArrayLike<number>;
  readonly dashed?: boolean;
}

/** Options of a curve chart: which axes are logarithmic; `focus` leaves an early transient above or below the picture. */
export interface CurveOptions extends ChartText {
  readonly log?: "x" | "y" | "xy";
  readonly focus?: boolean;
}

interface Spot {
  x: number;
  y: number;
  low: number;
  high: number;
}

const margins = { marginTop: 8, marginRight: 24, marginBottom: 26 };

/** Numbers of an axis: 20k instead of 20,000, and powers of ten on a logarithmic axis that goes far. */
function tickFormat(values: readonly number[], log: boolean): Pick<Plot.ScaleOptions, "tickFormat"> {
  const largest = values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  if (log && (largest >= 10_000 || values.some((value) => Math.abs(value) < 0.01))) return { tickFormat: "~e" };
  if (log) return values.some((value) => Math.abs(value) < 1) ? { tickFormat: "~g" } : {}; // 0.3, not 300m
  if (largest >= 2e6) return { tickFormat: (value: number) => (value === 0 ? "0" : `${+(value / 1e6).toFixed(3)}M`) };
  return largest >= 10_000
    ? { tickFormat: (value: number) => (value === 0 ? "0" : `${+(value / 1000).toFixed(3)}k`) }
    : {};
}

function spotsOf(series: Series, log: string): Spot[] {
  const fine = (value: number, axis: string) => Number.isFinite(value) && (!log.includes(axis) || value > 0);
  return Array.from(series.x, (x, i) => {
    const y = series.y[i] ?? Number.NaN;
    return { x, y: fine(y, "y") ? y : Number.NaN, low: series.low?.[i] ?? y, high: series.high?.[i] ?? y };
  }).filter((spot) => fine(spot.x, "x"));
}

function quantile(sorted: readonly number[], share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))]!;
}

/** Where the curves are after the first tenth of the x axis, with some air: the range that shows what still changes. */
function focusedDomain(spots: readonly Spot[]): [number, number] | undefined {
  const first = spots.reduce((least, spot) => Math.min(least, spot.x), Number.POSITIVE_INFINITY);
  const last = spots.reduce((most, spot) => Math.max(most, spot.x), Number.NEGATIVE_INFINITY);
  const settled = spots.filter((spot) => spot.x >= first + (last - first) / 10);
  const sorted = settled.map((spot) => spot.y).sort((a, b) => a - b);
  if (sorted.length < 8) return undefined;
  const [low, high] = [quantile(sorted, 0.01), quantile(sorted, 0.99)];
  const air = (high - low) * 0.08;
  return high > low ? [low - air, high + air] : undefined;
}

function lineMarks(series: Series, spots: Spot[], index: number, clip: boolean): Plot.Markish[] {
  const stroke = colourAt(index);
  const clipped = clip ? { clip: true as const } : {};
  const band = series.low && series.high;
  const dashes = series.dashed ? { strokeDasharray: "5 4" } : {};
  const marks: Plot.Markish[] = band
    ? [Plot.areaY(spots, { x: "x", y1: "low", y2: "high", fill: stroke, fillOpacity: 0.18, ...clipped })]
    : [];
  marks.push(Plot.lineY(spots, { x: "x", y: "y", stroke, strokeWidth: 2, ...dashes, ...clipped }));
  if (spots.length === 1) marks.push(Plot.dot(spots, { x: "x", y: "y", fill: stroke, r: 3.5 }));
  return marks;
}

/** Lines over a common axis (training curves, scans of a setting) as SVG. */
export function curveChart(series: readonly Series[], options: CurveOptions): string {
  const log = options.log ?? "";
  const lines = series.map((one) => spotsOf(one, log));
  const spots = lines.flat().filter((spot) => Number.isFinite(spot.y));
  const domain = options.focus ? focusedDomain(spots) : undefined;
  const entries = series.map(
    (one, index): LegendEntry => ({ name: one.name, colour: colourAt(index), shape: one.dashed ? "dashed" : "line" }),
  );
  if (spots.length === 0) return frame(options, [], nothing);
  const axis = (name: "x" | "y") => ({
    type: log.includes(name) ? ("log" as const) : ("linear" as const),
    label: null,
    ...tickFormat(
      spots.map((spot) => spot[name]),
      log.includes(name),
    ),
  });
  return frame(options, series.length > 1 ? entries : [], {
    ...margins,
    marginLeft: 54,
    x: axis("x"),
    y: { ...axis("y"), grid: true, nice: !domain && !log.includes("y"), ...(domain ? { domain } : {}) },
    marks: series.flatMap((one, index) => lineMarks(one, lines[index]!, index, domain !== undefined)),
  });
}

/** How scatter points are coloured and how many are drawn at most (evenly picked, 4000 when not given). */
export interface ScatterOptions extends ChartText {
  readonly classes?: readonly string[];
  readonly most?: number;
  /** Radius of a point in pixels. */
  readonly radius?: number;
}

function classNames(labels: ArrayLike<number>, classes?: readonly string[]): string[] {
  const highest = Array.from(labels).reduce((most, label) => Math.max(most, label), -1);
  return Array.from({ length: highest + 1 }, (_, label) => classes?.[label] ?? String(label));
}

function picked(count: number, most: number): number[] {
  const step = Math.max(1, count / most);
  return Array.from({ length: Math.min(count, most) }, (_, i) => Math.floor(i * step));
}

/** Points in the plane, [n, 2] row-major, coloured by label when there are labels: a map of a latent space, or 2-D samples. */
export function scatterChart(
  points: ArrayLike<number>,
  labels: ArrayLike<number> | undefined,
  options: ScatterOptions,
): string {
  const count = points.length / 2;
  if (!Number.isInteger(count) || (labels && labels.length !== count))
    throw new ShapeError(
      `A scatter chart needs points of shape [n, 2] and n labels, not ${points.length} numbers and ${labels?.length ?? 0} labels.`,
    );
  const spots = picked(count, options.most ?? 4000)
    .map((i) => ({ x: points[2 * i]!, y: points[2 * i + 1]!, label: labels?.[i] ?? 0 }))
    .filter((spot) => Number.isFinite(spot.x) && Number.isFinite(spot.y));
  const width = options.width ?? defaultWidth;
  if (spots.length === 0) return frame(options, [], nothing);
  const names = labels ? classNames(labels, options.classes) : [];
  return frame({ ...options, width }, entriesFor(names, "dot"), {
    ...margins,
    marginLeft: 54,
    height: options.height ?? width - 60,
    x: { label: null, grid: true, nice: true },
    y: { label: null, grid: true, nice: true },
    marks: [
      Plot.dot(spots, {
        x: "x",
        y: "y",
        r: options.radius ?? (spots.length > 1500 ? 1.8 : 2.8),
        fill: (spot: { label: number }) => colourAt(spot.label),
        fillOpacity: 0.75,
      }),
    ],
    color: { type: "identity" },
  });
}

/** One bar with an optional standard error, drawn as a whisker of ± one. */
export interface Bar {
  readonly name: string;
  readonly value: number;
  readonly stderr?: number;
  readonly label?: string;
}

/** Horizontal bars, in the given order, with their values written beside them. */
export function barChart(bars: readonly Bar[], options: ChartText): string {
  const width = options.width ?? defaultWidth;
  const shown = bars.filter((bar) => Number.isFinite(bar.value)).map((bar, row) => ({ ...bar, row: String(row) }));
  if (shown.length === 0) return frame(options, [], nothing);
  const nameOf = (row: string) => shown[Number(row)]!.name;
  const label = (bar: Bar) => bar.label ?? String(Math.round(bar.value * 1000) / 1000);
  const longest = (texts: string[]) => Math.max(0, ...texts.map((text) => textWidth(text, 12)));
  const error = (bar: Bar) => bar.stderr ?? 0;
  return frame(options, [], {
    ...margins,
    marginTop: 8,
    marginLeft: Math.min(width / 2, longest(shown.map((bar) => bar.name)) + 24),
    marginRight: longest(shown.map(label)) + 24,
    height: options.height ?? 40 + shown.length * 34,
    x: { label: null, grid: true, nice: true },
    y: { type: "band", label: null, padding: 0.3, tickSize: 0, tickFormat: nameOf },
    marks: [
      Plot.barX(shown, { x: "value", y: "row", fill: colourAt(0), rx: 2 }),
      Plot.ruleY(
        shown.filter((bar) => error(bar) > 0),
        {
          y: "row",
          x1: (bar: Bar) => bar.value - error(bar),
          x2: (bar: Bar) => bar.value + error(bar),
          strokeWidth: 2,
        },
      ),
      Plot.text(shown, {
        x: (bar: Bar) => Math.max(0, bar.value + error(bar)),
        y: "row",
        text: label,
        textAnchor: "start",
        dx: 7,
        fontWeight: 600,
      }),
      Plot.ruleX([0]),
    ],
  });
}

/** Values whose distribution a histogram shows. */
export interface Sample {
  readonly name: string;
  readonly values: ArrayLike<number>;
}

/** Overlaid histograms, each as the share of its values in each of `bins` bins of equal width. */
export function histogram(samples: readonly Sample[], options: ChartText & { bins?: number }): string {
  const finite = samples.map((sample) => Array.from(sample.values).filter(Number.isFinite));
  const all = finite.flat();
  if (all.length === 0) return frame(options, [], nothing);
  const low = all.reduce((least, value) => Math.min(least, value), Number.POSITIVE_INFINITY);
  const high = all.reduce((most, value) => Math.max(most, value), Number.NEGATIVE_INFINITY);
  const bins = options.bins ?? Math.max(8, Math.min(60, Math.round(Math.sqrt(all.length))));
  const width = high > low ? (high - low) / bins : 1;
  const start = high > low ? low : low - 0.5;
  const marks = finite.flatMap((values, index) => histogramMarks(shares(values, start, width, bins), index));
  const names = samples.length > 1 ? samples.map((sample) => sample.name) : [];
  const text = { ...options, y: options.y ?? "share of values (%)" };
  return frame(text, entriesFor(names, "square"), {
    ...margins,
    marginLeft: 54,
    x: { label: null },
    y: { label: null, grid: true, percent: true },
    marks: [...marks, Plot.ruleY([0])],
  });
}

interface Bin {
  x1: number;
  x2: number;
  share: number;
}

/** The share of the values in each bin; the highest value belongs to the last bin. */
export function shares(values: readonly number[], start: number, width: number, bins: number): Bin[] {
  const counts = new Array<number>(bins).fill(0);
  for (const value of values) {
    const bin = Math.min(bins - 1, Math.max(0, Math.floor((value - start) / width)));
    counts[bin] = counts[bin]! + 1;
  }
  return counts.map((count, i) => ({
    x1: start + i * width,
    x2: start + (i + 1) * width,
    share: values.length > 0 ? count / values.length : 0,
  }));
}

function histogramMarks(bins: Bin[], index: number): Plot.Markish[] {
  return [
    Plot.rectY(bins, { x1: "x1", x2: "x2", y: "share", fill: colourAt(index), fillOpacity: 0.45, inset: 0.5 }),
    Plot.ruleY(bins, { x1: "x1", x2: "x2", y: "share", stroke: colourAt(index), strokeWidth: 1.5 }),
  ];
}
