import { pieces } from "../data/cells-between.ts";
import { rowsOfSplit } from "../data/sequences.ts";
import type { Column } from "../data/table/types.ts";
import type { Bound } from "../models/bound.ts";
import { can } from "../models/contract.ts";
import { fold, key, uniform } from "../random/index.ts";
import { examples, type TrainingData } from "../training/index.ts";
import { classificationsOf } from "./evaluations.node.ts";
import type { ReportChart, ReportTable } from "./report/report.ts";
import type { Trained } from "./trained.node.ts";

/** What the figures of a table are made from. */
interface Inputs {
  readonly trained: Trained;
  readonly on: Bound;
  readonly data: TrainingData;
}

/** Test rows that are enough to draw; where there are fewer, training rows are drawn. */
const ENOUGH = 300;
/** Rows that are drawn, columns that get a chart, columns of the pair plot, classes of a confusion. */
const [ROWS, MARGINALS, PAIRS, CLASSES] = [1000, 24, 5, 20];

/** Rows column by column. */
type Columns = readonly Float64Array[];

const columnsOf = (cells: ArrayLike<number>, width: number): Columns =>
  Array.from({ length: width }, (_, i) =>
    Float64Array.from({ length: cells.length / width }, (__, n) => cells[n * width + i]!),
  );

/** Charts of a model of tables: gaps, class balance, marginals of data and samples, pairs of columns. */
export async function tableCharts({ trained: { model }, on, data }: Inputs): Promise<ReportChart[]> {
  const { columns, target } = model.data;
  if (!columns) return [];
  const split = data.dataset.splits.test.count < ENOUGH ? "train" : "test";
  const { count } = data.dataset.splits[split];
  const step = Math.max(1, Math.floor(count / ROWS));
  const indices = Uint32Array.from({ length: Math.min(ROWS, count) }, (_, i) => i * step);
  const { x } = examples(model, data, split, indices, { key: key(0), epoch: 0 });
  const real = columnsOf(x.data, columns.length);
  const wanted = model.data.values === "sequences" ? indices.length : ROWS;
  const drawn = can(model, "sample")
    ? await model.sample(on, { count: wanted, key: fold(key(0), "report") })
    : undefined;
  const sampled = drawn && columnsOf(drawn.data, columns.length);
  const first = target === undefined ? [] : [target];
  const order = [...first, ...columns.map((_, i) => i).filter((i) => i !== target)].slice(0, MARGINALS);
  const marginals: ReportChart[] = [];
  for (const i of order) {
    const title = i === target && columns[i]!.levels ? `Class balance: ${columns[i]!.name}` : columns[i]!.name;
    marginals.push({ svg: await marginal(title, columns[i]!, nameOf(split), real[i]!, sampled?.[i]) });
  }
  return [
    ...(await missingness(columns, data)),
    ...marginals,
    ...(await pairs(columns, target, nameOf(split), real, sampled)),
  ];
}

/** What the rows of a split are called in a legend. */
const nameOf = (split: string) => (split === "test" ? "test rows" : "training rows");

/** How much of each column is missing in the training rows, where anything is. */
async function missingness(columns: readonly Column[], { dataset }: TrainingData): Promise<ReportChart[]> {
  const train = rowsOfSplit(dataset.spec, dataset.splits.train);
  const { count } = train;
  const gaps = columns.map(() => 0);
  for (const { cells } of pieces(train, columns.length))
    for (let i = 0; i < cells.length; i++) if (Number.isNaN(cells[i])) gaps[i % columns.length]!++;
  const bars = columns
    .map(({ name }, i) => ({
      name,
      value: (100 * gaps[i]!) / count,
      label: `${((100 * gaps[i]!) / count).toFixed(1)} %`,
    }))
    .filter(({ value }) => value > 0);
  if (bars.length === 0) return [];
  const { barChart } = await import("./charts/charts.node.ts");
  const text = { title: "Missing cells", subtitle: "share of the training rows", x: "%" };
  return [{ svg: barChart(bars.slice(0, MARGINALS), text) }];
}

/** The distribution of a column in data and in samples. */
async function marginal(
  title: string,
  column: Column,
  rows: string,
  real: Float64Array,
  sampled?: Float64Array,
): Promise<string> {
  const sources = [{ name: rows, values: real }, ...(sampled ? [{ name: "samples", values: sampled }] : [])].map(
    ({ name, values }) => ({ name, values: values.filter((value) => !Number.isNaN(value)) }),
  );
  const text = { title, subtitle: column.kind };
  const bins = binsOf(
    column,
    sources.map((source) => source.values),
  );
  if (bins && bins.names.length <= 40) {
    const { sharesChart } = await import("./charts/table-charts.node.ts");
    const shares = sources.map(({ name, values }) => {
      const counts = bins.names.map(() => 0);
      for (const value of values) counts[Math.floor((value - bins.start) / bins.width)]!++;
      return { name, shares: counts.map((n) => n / Math.max(1, values.length)) };
    });
    return sharesChart(bins.names, shares, text);
  }
  const { histogram } = await import("./charts/charts.node.ts");
  return histogram(sources, { ...text, bins: 30 });
}

/** The levels of a column, or ranges of as many whole numbers each that hold its counts; undefined for real numbers. */
function binsOf({ kind, levels }: Column, all: readonly Float64Array[]) {
  if (levels) return { names: levels, start: 0, width: 1 };
  if (kind !== "count") return undefined;
  const top = Math.max(0, ...all.map((values) => values.reduce((a, b) => Math.max(a, b), 0)));
  const start = Math.min(top, ...all.map((values) => values.reduce((a, b) => Math.min(a, b), top)));
  const width = Math.ceil((top - start + 1) / 24);
  const name = (low: number) => (width === 1 ? String(low) : `${low}–${low + width - 1}`);
  const names = Array.from({ length: Math.floor((top - start) / width) + 1 }, (_, i) => name(start + i * width));
  return { names, start, width };
}

/**
 * At most so many rows of those that hold anything (beyond the end of a sequence there is nothing), column by column: one
 * drawn from each of equal stretches, so that no period of the rows shows.
 */
export function thinned(all: Columns, most: number): Columns {
  const held: number[] = [];
  for (let n = 0; n < all[0]!.length; n++) if (all.some((column) => !Number.isNaN(column[n]!))) held.push(n);
  const count = Math.min(most, held.length);
  const u = uniform(fold(key(0), "picked"), [count]).data;
  const picked = Array.from(u, (v, i) => held[Math.min(held.length - 1, Math.floor(((i + v) * held.length) / count))]!);
  return all.map((column) => Float64Array.from(picked, (n) => column[n]!));
}

/** Clouds of pairs of columns that are numbers: rows of data below the diagonal, as many samples above it. */
async function pairs(
  columns: readonly Column[],
  target: number | undefined,
  rows: string,
  real: Columns,
  sampled: Columns | undefined,
): Promise<ReportChart[]> {
  const numeric = columns.flatMap(({ kind }, i) => (kind === "real" || kind === "count" ? [i] : [])).slice(0, PAIRS);
  if (numeric.length < 2 || !sampled) return [];
  const data = thinned(real, ROWS);
  const draws = thinned(sampled, data[0]!.length);
  const { pairsChart } = await import("./charts/table-charts.node.ts");
  const classes = target === undefined ? undefined : columns[target]!.levels;
  const few = classes && classes.length <= 10 ? classes : undefined;
  const source = (name: string, from: Columns) => ({
    name,
    columns: numeric.map((i) => from[i]!),
    ...(few ? { classes: from[target!]!.map((level) => (Number.isNaN(level) ? few.length : level)) } : {}),
  });
  const svg = pairsChart(
    numeric.map((i) => columns[i]!.name),
    [source(rows, data), source("samples", draws)],
    {
      title: "Pairs of columns",
      subtitle: `below the diagonal ${rows}, above it samples`,
      ...(few ? { classes: few } : {}),
    },
  );
  return [{ svg }];
}

/** What was measured of the target's prediction: figures by split, and the latest confusion. */
export function classificationTables({ run, checkpoint }: Trained): ReportTable[] {
  const figures = classificationsOf(run, checkpoint);
  const last = figures.at(-1);
  if (!last) return [];
  const percent = (share: number) => (100 * share).toFixed(1);
  const accuracy: ReportTable = {
    title: "Classification",
    head: ["split", "accuracy (%)", "most frequent class (%)", "log-loss (nats)"],
    numbers: [1, 2, 3],
    rows: figures.map((one) => [
      `${one.split}, ${one.count.toLocaleString("en")} rows`,
      `${percent(one.accuracy)} ± ${percent(one.accuracyStderr)}`,
      percent(one.majority),
      `${one.logLoss.toFixed(4)} ± ${one.logLossStderr.toFixed(4)}`,
    ]),
    note: `How often the most probable ${last.target} is the true one, and the mean of −log of the probability it was given, ± one standard error.`,
  };
  if (last.classes.length > CLASSES) return [accuracy];
  const confusion: ReportTable = {
    title: "Confusion",
    head: [`true ${last.target}`, ...last.classes.map((name) => `as ${name}`)],
    numbers: last.classes.map((_, i) => i + 1),
    rows: last.confusion.map((row, i) => [last.classes[i]!, ...row.map(String)]),
    note: `Rows of ${last.split} by their true class and the most probable one.`,
  };
  return [accuracy, confusion];
}
