import { join } from "node:path";
import type { Band, LearningCurves, PairCrossing } from "../evaluation/learning-curve/index.ts";
import { ensureFolder, writeFileAtomic } from "./files.node.ts";
import { printJson } from "./json.ts";
import { type ReportTable, renderReport } from "./report/report.ts";

/** What a folder with learning curves says. */
export interface LearningCurveDocument extends LearningCurves {
  readonly format: 1;
  readonly data: { readonly name: string; readonly protocol: string; readonly hash: string };
  readonly seed: number;
  /** What the band around a curve is. */
  readonly band: string;
  readonly note: string;
  /** Every model's configuration by its name. */
  readonly configurations: Readonly<Record<string, unknown>>;
  readonly seconds: number;
  readonly command: string;
  readonly versions: Readonly<Record<string, unknown>>;
  readonly machine: Readonly<Record<string, unknown>>;
}

/** Where learning curves are written in their folder. */
export function learningCurvePaths(folder: string) {
  return {
    json: join(folder, "learning-curve.json"),
    report: join(folder, "report.html"),
    pictures: {
      error: { svg: join(folder, "error.svg"), png: join(folder, "error.png") },
      logLoss: { svg: join(folder, "log-loss.svg"), png: join(folder, "log-loss.png") },
    },
  };
}

const figures = {
  error: { title: "Error on test rows", y: "share of wrong classes", unit: "error" },
  logLoss: { title: "Log-loss on test rows", y: "nats per row", unit: "log-loss" },
} as const;

type Figure = keyof typeof figures;

const whole = (rows: number) => Math.round(rows).toLocaleString("en");

/** What a comparison of two curves found, in one sentence. */
export function crossingSentence(
  { first, second, crossing, better, figure }: PairCrossing,
  sizes: readonly number[],
): string {
  const by = figure === "error" ? "error" : "log-loss";
  const range = `from ${whole(sizes[0]!)} to ${whole(sizes.at(-1)!)} training rows`;
  if (crossing) {
    const [before, after] = crossing.direction === 1 ? [first, second] : [second, first];
    return `By ${by} ${after} overtakes ${before} at ${whole(crossing.rows)} training rows (95 % interval ${whole(crossing.low)} to ${whole(crossing.high)}).`;
  }
  if (better === 0)
    return `By ${by} no crossing ${range}: ${first} and ${second} do not differ beyond chance at any size.`;
  return `By ${by} no crossing ${range}: ${better === 1 ? first : second} is the better one wherever they differ.`;
}

/** A curve that falls by more than this factor is drawn over a logarithmic axis. */
const FAR = 4;

/** The curves of one figure with their bands over a logarithmic axis, and where they cross, as SVG. */
async function picture(curves: LearningCurves, figure: Figure): Promise<string> {
  const { curveChart } = await import("./charts/charts.node.ts");
  const { sizes, models, crossings, repetitions } = curves;
  const means = models.flatMap((one) => one[figure].mean);
  const least = Math.min(...means);
  const far = Math.max(...means) > FAR * least && least > 0;
  const floor = far ? least / 2 : 0;
  const series = models.map((one) => ({
    name: one.name,
    x: sizes,
    y: one[figure].mean,
    low: one[figure].low.map((low) => Math.max(low, floor)),
    high: one[figure].high,
  }));
  const ends = [
    Math.max(floor, Math.min(...series.flatMap(({ low }) => low))),
    Math.max(...series.flatMap(({ high }) => high)),
  ];
  const marks = crossings
    .filter((one) => one.figure === figure && one.crossing)
    .map(({ crossing, first, second }) => ({
      name: `${models.length > 2 ? `${first}, ${second}: ` : ""}crossing at ${whole(crossing!.rows)}`,
      x: [crossing!.rows, crossing!.rows],
      y: ends,
      dashed: true,
    }));
  const { title, y } = figures[figure];
  return curveChart([...series, ...marks], {
    title,
    subtitle: `mean of ${repetitions} repetitions with its 95 % t interval`,
    x: "training rows",
    y,
    log: far ? "xy" : "x",
  });
}

/** Writes the JSON document, both pictures as SVG and PNG, and one report; gives their paths. */
export async function writeLearningCurve(folder: string, document: LearningCurveDocument) {
  const paths = learningCurvePaths(folder);
  ensureFolder(folder);
  const { default: sharp } = await import("sharp");
  const charts: { svg: string }[] = [];
  for (const figure of ["error", "logLoss"] as const) {
    const svg = await picture(document, figure);
    charts.push({ svg });
    writeFileAtomic(paths.pictures[figure].svg, svg);
    const png = await sharp(Buffer.from(svg), { density: 144 }).flatten({ background: "#ffffff" }).png().toBuffer();
    writeFileAtomic(paths.pictures[figure].png, png);
  }
  writeFileAtomic(paths.json, `${printJson(document)}\n`);
  writeFileAtomic(paths.report, page(document, charts));
  return paths;
}

function page(document: LearningCurveDocument, charts: readonly { readonly svg: string }[]): string {
  const { models, crossings, sizes, repetitions, testRows, data, target, resplit, note, band } = document;
  const names = models.map(({ name }) => name);
  return renderReport({
    title: `Learning curves of ${names.join(", ").replace(/, ([^,]*)$/, " and $1")}`,
    lead: `${crossings.map((one) => crossingSentence(one, sizes)).join(" ")} Data: ${data.protocol}${resplit ? " Here all rows are one: every repetition draws its test rows anew, and trains on the others." : ""}`,
    summary: [
      ...crossings.map(({ figure, first, second, crossing }): [string, string] => [
        `${models.length > 2 ? `${first}, ${second}: ` : ""}crossing by ${figure === "error" ? "error" : "log-loss"}`,
        crossing ? `${whole(crossing.rows)} rows` : "none",
      ]),
      ["Predicted", target],
      ["Repetitions", repetitions],
      [resplit ? "Test rows, drawn each time" : "Test rows", testRows],
    ],
    charts: charts.map((chart, i) => ({ ...chart, caption: i === 0 ? band : note })),
    tables: [crossingTable(document), figuresTable(document)],
    configuration: document.configurations,
    reproduce: [document.command],
    environment: { ...document.versions, ...document.machine },
    footer: `Sampo ${String(document.versions.sampo)}`,
  });
}

function crossingTable({ crossings }: LearningCurves): ReportTable {
  return {
    title: "Crossings",
    head: ["models", "by", "training rows", "95 % interval", "of 1,000 resamples cross"],
    numbers: [2, 3, 4],
    rows: crossings.map(({ first, second, figure, crossing, better }) => [
      `${first}, ${second}`,
      figures[figure].unit,
      crossing ? whole(crossing.rows) : "none",
      crossing
        ? `${whole(crossing.low)} to ${whole(crossing.high)}`
        : better === 0
          ? "no difference"
          : `${better === 1 ? first : second} better`,
      crossing ? `${(100 * crossing.share).toFixed(0)} %` : "–",
    ]),
    note: "A crossing lies between a size at which one model is better beyond the 95 % t interval of the paired differences and a larger one at which the other is; it is where the mean curves meet, by straight lines over the logarithm of rows. Its interval resamples repetitions (bootstrap percentiles).",
  };
}

const shown = ({ mean, high }: Band, s: number) => `${mean[s]!.toFixed(4)} ± ${(high[s]! - mean[s]!).toFixed(4)}`;

function figuresTable({ sizes, models }: LearningCurves): ReportTable {
  const columns = (["error", "logLoss"] as const).flatMap((figure) => models.map((one) => ({ figure, one })));
  return {
    title: "Figures",
    head: ["training rows", ...columns.map(({ figure, one }) => `${one.name}: ${figures[figure].unit}`)],
    numbers: columns.map((_, i) => i + 1),
    rows: sizes.map((size, s) => [whole(size), ...columns.map(({ figure, one }) => shown(one[figure], s))]),
    note: "Means ± half the width of their 95 % t intervals over repetitions; log-losses in nats per row.",
  };
}
