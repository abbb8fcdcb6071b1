import { join } from "node:path";
import { DataError } from "../base/errors.ts";
import { byLogLoss, ranked, type Standing } from "../evaluation/index.ts";
import type { Numbers } from "../models/contract.ts";
import { gridPng, isImage } from "./examples.node.ts";
import { ensureFolder, kindOf, readBytes, readText, writeFileAtomic } from "./files.node.ts";
import { parseJson, printJson } from "./json.ts";
import { pngDataUri } from "./pictures/png.ts";
import { showBitsPerDim, showNegativeLogLikelihood } from "./report/figures.ts";
import { type ReportChart, type ReportPicture, type ReportTable, renderReport } from "./report/report.ts";
import type { Trained } from "./trained.node.ts";

/** A standing with what its figures were measured with: the same again need not be measured. */
export interface Compared extends Standing {
  readonly measured: {
    readonly checkpoint: Trained["checkpoint"];
    readonly importance: number;
    readonly limit?: number;
    readonly seed: number;
  };
  /** A few samples in letters, for terminals. */
  readonly sketch?: string;
}

/** What a comparison folder says: who stands where, who cannot take part, who is still to come. */
export interface Comparison {
  readonly format: 1;
  readonly data: { readonly name: string; readonly protocol: string; readonly hash: string };
  /** Seconds of training each model is given. */
  readonly seconds: number;
  readonly seed: number;
  readonly leaderboard: readonly Compared[];
  /** Models that are not on the leaderboard, each with the reason. */
  readonly excluded: readonly { readonly model: string; readonly reason: string }[];
  /** Models whose turn has not come. */
  readonly pending: readonly string[];
  /** The command line that makes it, and goes on with it. */
  readonly command: string;
  readonly versions: Readonly<Record<string, unknown>>;
  readonly machine: Readonly<Record<string, unknown>>;
}

/** Where a comparison's own files stand; the models' run folders stand beside them. */
export function comparisonPaths(folder: string) {
  return { json: join(folder, "comparison.json"), report: join(folder, "report.html") };
}

/** The comparison a folder holds, if any. */
export function readComparison(folder: string): Comparison | undefined {
  const { json } = comparisonPaths(folder);
  if (kindOf(json) !== "file") return undefined;
  try {
    const found = parseJson(readText(json)) as unknown as Comparison;
    if (found.format === 1 && Array.isArray(found.leaderboard)) return found;
  } catch {
    // said below
  }
  throw new DataError(`${json} is damaged; take it away, and what is trained is measured again.`);
}

/** Writes comparison.json and report.html of a comparison; `examples` are real ones to see beside the samples. */
export async function writeComparison(folder: string, comparison: Comparison, examples: Numbers): Promise<string> {
  const { json, report } = comparisonPaths(folder);
  ensureFolder(folder);
  writeFileAtomic(json, `${printJson(comparison as never)}\n`);
  writeFileAtomic(report, await page(comparison, examples));
  return report;
}

async function page(comparison: Comparison, examples: Numbers): Promise<string> {
  const { data, excluded, pending, seconds, command, versions, machine } = comparison;
  const leaderboard = ranked(comparison.leaderboard);
  const classes = byLogLoss(leaderboard) ? leaderboard[0]?.classification : undefined;
  const best = leaderboard.find(({ likelihood }) => classes ?? likelihood);
  return renderReport({
    title: `${leaderboard.length} models on ${data.name}`,
    lead: `Each was given ${span(seconds)} of training, and finished the step it was at, on the same machine. Data: ${data.protocol}`,
    summary: [
      ["Best", best?.model ?? "–"],
      ["Its test figure", best ? figureOf(best, classes !== undefined) : "–"],
      ["Models compared", leaderboard.length],
      ["Training, each", span(seconds)],
    ],
    tables: [standingsTable(leaderboard), excludedTable(excluded, pending)],
    charts: await curves(leaderboard),
    pictures: pictures(leaderboard, examples),
    reproduce: [command],
    environment: { ...versions, ...machine },
    footer: `Sampo ${String(versions.sampo)}`,
  });
}

/** The figure that a standing is ranked by. */
function figureOf({ likelihood, classification }: Compared, classes: boolean): string {
  return classes
    ? `log-loss ${classification!.logLoss.toFixed(4)} nats`
    : `${showNegativeLogLikelihood(likelihood!)} nats`;
}

const span = (seconds: number) => (seconds < 120 ? `${+seconds.toFixed(1)} s` : `${+(seconds / 60).toFixed(1)} min`);
const short = (value: number | undefined) => (value === undefined ? "–" : String(Number(value.toPrecision(3))));

/** The figure by part of an example: bits per dimension, or nats per token of text. */
export function partFigure(leaderboard: readonly Standing[]) {
  const text = leaderboard.some(({ likelihood }) => likelihood?.natsPerToken !== undefined);
  const show = ({ likelihood }: Standing) => {
    if (!likelihood) return "–";
    const { natsPerToken, stderrPerToken } = likelihood;
    if (natsPerToken === undefined) return showBitsPerDim(likelihood);
    return showNegativeLogLikelihood({
      kind: likelihood.kind,
      nats: natsPerToken,
      stderr: stderrPerToken ?? Number.NaN,
    });
  };
  return { title: text ? "nats/token" : "bits/dim", show };
}

function standingsTable(leaderboard: readonly Compared[]): ReportTable {
  const bound = leaderboard.some(({ likelihood }) => likelihood?.kind === "lower-bound")
    ? " ≤ marks an upper bound of it, from a lower bound of log p."
    : "";
  const part = partFigure(leaderboard);
  const classes = leaderboard.some(({ classification }) => classification);
  const order = byLogLoss(leaderboard) ? "log-loss" : "negative log-likelihood of a test example ± one standard error";
  return {
    title: "Leaderboard",
    head: [
      "model",
      "nats (test)",
      ...(classes ? ["accuracy (%)", "log-loss"] : ["bits/dim"]),
      "parameters",
      "steps",
      "trained (s)",
      "s/epoch",
      "samples/s",
      "kind, via",
    ],
    numbers: Array.from({ length: classes ? 8 : 7 }, (_, i) => i + 1),
    rows: leaderboard.map(({ likelihood, classification, ...one }, place) => [
      `${place + 1}. ${one.model}${one.status === "diverged" ? " (diverged)" : ""}`,
      likelihood ? showNegativeLogLikelihood(likelihood) : "–",
      ...(classes
        ? [classification ? (100 * classification.accuracy).toFixed(1) : "–", classification?.logLoss.toFixed(4) ?? "–"]
        : [part.show(leaderboard[place]!)]),
      one.parameters.toLocaleString("en"),
      one.steps.toLocaleString("en"),
      short(one.seconds),
      short(one.secondsPerEpoch),
      short(one.samplesPerSecond),
      likelihood ? `${likelihood.kind}, ${likelihood.via}` : "no likelihood",
    ]),
    note: `Mean ${order}, smallest first.${bound} Seconds per epoch include validation.`,
  };
}

function excludedTable(excluded: Comparison["excluded"], pending: readonly string[]): ReportTable {
  const waiting = pending.map((model) => [model, "its turn has not come: the comparison was stopped"]);
  const rows = [...excluded.map(({ model, reason }) => [model, reason]), ...waiting];
  return { title: "Not compared", head: ["model", "why"], rows };
}

/** Validation losses over training time; a model validated once is a dashed level. */
async function curves(leaderboard: readonly Compared[]): Promise<ReportChart[]> {
  const rated = leaderboard.filter(({ likelihood }) => likelihood); // losses of others are of another kind
  const shown = (rated.length > 0 ? rated : leaderboard).filter(({ curve }) => curve.length > 0);
  if (shown.length === 0) return [];
  const { curveChart } = await import("./charts/charts.node.ts");
  const last = Math.max(...shown.map(({ curve }) => curve.at(-1)!.seconds));
  const series = shown.map(({ model, curve }) => {
    const ends = [0, last].map((seconds) => ({ ...curve[0]!, seconds }));
    const level = curve.length === 1 ? ends : curve;
    const column = (of: (point: (typeof curve)[number]) => number) => level.map(of);
    const dashed = curve.length === 1 ? { dashed: true } : {};
    return { name: model, x: column(({ seconds }) => seconds), y: column(({ loss }) => loss), ...dashed };
  });
  const svg = curveChart(series, { title: "Validation loss", x: "seconds of training", y: "nats per example" });
  return [
    {
      svg,
      caption:
        "Losses of models with a bound are bounds. A dashed line is a model validated once, such as one that counts.",
    },
  ];
}

function pictures(leaderboard: readonly Compared[], examples: Numbers): ReportPicture[] {
  if (!isImage(examples.shape.slice(1))) return [];
  const real = {
    title: "Test examples",
    src: pngDataUri(gridPng(examples, { columns: 8 })),
    alt: "Grid of real examples",
    caption: "What samples should look like.",
  };
  const samples = leaderboard.flatMap(({ model, run, likelihood }) => {
    const path = join(run, "pictures", "samples.png");
    if (kindOf(path) !== "file") return [];
    const caption = likelihood ? `${showNegativeLogLikelihood(likelihood)} nats.` : "";
    return [{ title: model, src: pngDataUri(readBytes(path)), alt: `Grid of samples of ${model}`, caption }];
  });
  return [...samples, real];
}
