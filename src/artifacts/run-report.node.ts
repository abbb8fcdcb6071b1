import { join } from "node:path";
import { HostArray } from "../base/host.ts";
import { decodeText, openingToken } from "../data/text/index.ts";
import { labelsOf, toPlane } from "../evaluation/index.ts";
import type { Bound } from "../models/bound.ts";
import { continueText } from "../models/continue.ts";
import { type AnyModel, can, type Numbers } from "../models/contract.ts";
import { maskOf } from "../models/masks.ts";
import { asSamples, interpolate, reconstruct } from "../models/uses.ts";
import { fold, key } from "../random/index.ts";
import { examples, type TrainingData } from "../training/index.ts";
import { directionImages, explainedChart } from "./directions.node.ts";
import { likelihoodsOf } from "./evaluations.node.ts";
import { gridPng, interleave, isImage } from "./examples.node.ts";
import { kindOf, writeFileAtomic } from "./files.node.ts";
import { inspectionPictures, surprisingText } from "./inspection.node.ts";
import { type JsonRecord, readJsonLines } from "./jsonl.node.ts";
import { excerpt, learntTables } from "./learnt.node.ts";
import { commandLines } from "./manifest.ts";
import { pngDataUri } from "./pictures/png.ts";
import { type ReportChart, type ReportPicture, type ReportTable, renderReport } from "./report/report.ts";
import { classificationTables, tableCharts } from "./table-report.node.ts";
import { fittedOf, type Trained } from "./trained.node.ts";

/** What a report is made from. */
export interface ReportInputs {
  readonly trained: Trained;
  readonly on: Bound;
  readonly data: TrainingData;
}

const PAIRS = 8;
const STEPS = 11;
const MAP = 2000;
const INSPECTED = 8;

/** Draws the pictures of a run, writes them and report.html, and returns the report's path. */
export async function writeRunReport(inputs: ReportInputs): Promise<string> {
  const { run, entry, checkpoint, model } = inputs.trained;
  const { on } = inputs;
  const { manifest, paths } = run;
  const outcome = fittedOf(inputs.trained);
  const pictures = [...drawLearnt(inputs), ...(await drawPictures(inputs))];
  const records = kindOf(paths.metrics) === "file" ? readJsonLines(paths.metrics) : [];
  const html = renderReport({
    title: `${entry.title} on ${manifest.data.name}`,
    lead: `${entry.paper}. Data: ${manifest.data.protocol}`,
    summary: [
      ["Training steps", manifest.last?.step ?? 0],
      ["Training time", span(manifest.seconds)],
      ["Parameters shown", `${checkpoint.name}, step ${checkpoint.step}`],
      ["Status", manifest.status],
      ...(outcome ? [["Fitted", outcome.text] as const] : []),
    ],
    likelihoods: likelihoodsOf(run, checkpoint),
    tables: [
      ...classificationTables(inputs.trained),
      ...figuresTold(records),
      ...learntTables(model, on.params).map(excerpt),
    ],
    charts: [
      ...(await explainedChart(model, on.params)),
      ...(await tableCharts(inputs)),
      ...(await curves(records, unitOf(model))),
      ...(await latentMap(inputs)),
    ],
    pictures,
    texts: [...(await writeTexts(inputs)), ...(await readTexts(inputs))],
    configuration: { model: manifest.model, ...manifest.configuration, training: manifest.training ?? {} },
    environment: { ...manifest.versions, ...manifest.machine },
    reproduce: commandLines(manifest),
    footer: `Sampo ${manifest.versions.sampo} · ${manifest.created.slice(0, 10)}`,
  });
  writeFileAtomic(paths.report, html);
  return paths.report;
}

/** A span of time: `0.066 s`, `4.2 min`. */
const span = (seconds: number) =>
  seconds < 60 ? `${Number(seconds.toPrecision(2))} s` : `${(seconds / 60).toFixed(1)} min`;

/** Units of figures that training tells. */
const units: Readonly<Record<string, string>> = {
  natsPerToken: "nats per token",
  bitsPerDim: "bits per dimension",
  elbo: "nats per example",
  kl: "nats per example",
  reconstruction: "nats per example",
  bic: "−2 log likelihood + p log n",
  aic: "−2 log likelihood + 2p",
  components: "components",
};

/** Tokens a report shows. */
const TOKENS = 400;

/** A text from the model, or as many lines as fit, where it was trained on text. */
async function writeTexts({ trained: { model }, on, data }: ReportInputs) {
  const { tokenizer } = data.dataset;
  if (!tokenizer || !can(model, "read")) return [];
  const { boundary } = model.data;
  const count = boundary === undefined ? 1 : 20;
  const texts: number[][] = Array.from({ length: count }, () => []);
  const options = { key: fold(key(0), "report"), count, tokens: TOKENS };
  for await (const next of continueText(model, on, [openingToken(tokenizer, boundary)], options))
    for (const [i, token] of next.entries()) if (!texts[i]!.includes(boundary ?? -1)) texts[i]!.push(token);
  const text = texts.map((tokens) => decodeText(tokenizer, tokens)).join("");
  return [
    {
      title: boundary === undefined ? "A text drawn from the model, seed 0" : "Lines drawn from the model, seed 0",
      text,
    },
  ];
}

/** The beginning of the test text with what surprised the model in it. */
async function readTexts({ trained: { model }, on, data: { dataset } }: ReportInputs) {
  return dataset.tokenizer ? surprisingText(model, on, dataset.tokenizer, dataset.splits.test.x) : [];
}

/** The chart functions, loaded when they are needed: they are the largest part of a command's start. */
const charts = () => import("./charts/charts.node.ts");

/** The course of what training told, where there is a course: what was told once stands in a table. */
async function curves(records: readonly JsonRecord[], unit: (name: string) => string): Promise<ReportChart[]> {
  const { curveChart } = await charts();
  return courses(records)
    .filter(({ series }) => series.some(({ x }) => x.length > 1))
    .map(({ name, series }) => ({
      svg: curveChart(series, { title: name, x: "step", y: unit(name), focus: true }),
    }));
}

/** What training told once. */
function figuresTold(records: readonly JsonRecord[]): ReportTable[] {
  const once = courses(records).filter(({ series }) => series.every(({ x }) => x.length === 1));
  const rows = once.flatMap(({ name, series }) =>
    series.map((one) => [`${name} (${one.name})`, String(Number(one.y[0]!.toPrecision(6)))]),
  );
  return rows.length === 0 ? [] : [{ title: "Figures of the fit", head: ["figure", "value"], numbers: [1], rows }];
}

/** Every figure that training told, of train and of valid, by step. */
function courses(records: readonly JsonRecord[]) {
  const series = (split: string, name: string) => {
    const of = records.filter((record) => record.split === split && typeof record[name] === "number");
    const column = (field: string) => of.map((record) => Number(record[field]));
    return { name: split, x: column("step"), y: column(name) };
  };
  const names = [...new Set(records.flatMap((record) => Object.keys(record)))].filter(
    (name) => !["split", "step", "epoch", "seconds", "best"].includes(name),
  );
  return names.map((name) => ({
    name,
    series: [series("train", name), series("valid", name)].filter(({ x }) => x.length > 0),
  }));
}

/** The unit of a figure; a loss is in nats where the model states probabilities. */
function unitOf(model: AnyModel): (name: string) => string {
  const loss = can(model, "logProb") || can(model, "classify") ? "nats per example" : "";
  return (name) => units[name] ?? (name === "loss" ? loss : "");
}

/** Test examples in model units, chosen evenly over the split so that sorted files show every class. */
function testExamples({ trained, data }: ReportInputs, count: number) {
  const { test } = data.dataset.splits;
  const step = Math.max(1, Math.floor(test.count / count));
  const indices = Uint32Array.from({ length: Math.min(count, test.count) }, (_, i) => i * step);
  const { x } = examples(trained.model, data, "test", indices, { key: key(0), epoch: 0 });
  const all = labelsOf(trained.model, data, "test", 0, test.count);
  const labels = all && Array.from(indices, (index) => all[index]!);
  const shown = test.labels ? Array.from(indices, (index) => test.labels![index]!) : targetsOf(data, x);
  return { x, shown, options: { key: key(0), ...(labels ? { labels } : {}) } };
}

/** The levels of the target of rows of a table; undefined where there is none, or where one is missing. */
function targetsOf({ dataset: { spec } }: TrainingData, x: Numbers): number[] | undefined {
  if (spec.target === undefined || !spec.classes) return undefined;
  const width = spec.columns!.length;
  const levels = Array.from({ length: x.shape[0]! }, (_, n) => x.data[n * width + spec.target!]!);
  return levels.some(Number.isNaN) ? undefined : levels;
}

/** One picture of a report: how it is called, what it shows, how many images stand in a row. */
interface Drawn {
  readonly name: string;
  readonly title: string;
  readonly alt: string;
  readonly caption: string;
  readonly images: Numbers;
  readonly columns: number;
}

/** The drawing of what a model has learnt, which is written into the run folder too. */
function drawLearnt({ trained: { model, run }, on }: ReportInputs): ReportPicture[] {
  const svg = model.drawing?.(on.params);
  if (svg === undefined) return [];
  writeFileAtomic(join(run.paths.pictures, "drawing.svg"), `${svg}\n`);
  return [{ title: "What was learnt", svg, alt: "Drawing of what was learnt", broad: true }];
}

/** Draws what the model can show, writes it into the run folder, and gives it to the report. */
async function drawPictures(inputs: ReportInputs): Promise<ReportPicture[]> {
  const { model, run } = inputs.trained;
  if (!isImage(model.data.shape)) return [];
  const drawn = [
    ...drawDirections(inputs),
    ...(await drawSamples(inputs)),
    ...(await drawCodes(inputs)),
    ...(await drawCompletions(inputs)),
  ];
  const pictures = drawn.map(({ name, title, alt, caption, images, columns }) => {
    const png = gridPng(images, { columns });
    writeFileAtomic(join(run.paths.pictures, `${name}.png`), png);
    return { title, src: pngDataUri(png), alt, caption };
  });
  const { x, options } = testExamples(inputs, INSPECTED);
  return [
    ...pictures,
    ...(await inspectionPictures(
      { model, on: inputs.on, x: x as HostArray<"float32">, ...options },
      run.paths.pictures,
    )),
  ];
}

function drawDirections({ trained: { model }, on }: ReportInputs): Drawn[] {
  const found = directionImages(model, on.params);
  if (!found) return [];
  const { name, images } = found;
  return [
    {
      name: `${name}s`,
      title: `${name[0]!.toUpperCase()}${name.slice(1)}s`,
      alt: `Grid of ${images.shape[0]} ${name}s`,
      caption: `The first ${images.shape[0]}, each scaled to its largest entry: grey is zero, light is positive.`,
      images,
      columns: 8,
    },
  ];
}

async function drawSamples({ trained: { model }, on }: ReportInputs): Promise<Drawn[]> {
  if (!can(model, "sample")) return [];
  const classes = model.data.classes?.length ?? 1;
  const labels = model.conditional ? { labels: Array.from({ length: 64 }, (_, i) => i % classes) } : {};
  const options = { count: 64, key: fold(key(0), "report"), ...labels };
  const samples = {
    name: "samples",
    title: "Samples",
    alt: "Grid of 64 samples",
    caption: "Drawn from the model, seed 0.",
    images: await model.sample(on, options),
    columns: 8,
  };
  if (!can(model, "decode")) return [samples];
  const means = {
    name: "means",
    title: "Means",
    alt: "Grid of 64 sample means",
    caption: "The same latent codes: means of p(x|z) instead of draws.",
    images: await model.sample(on, { ...options, mean: true }),
    columns: 8,
  };
  return [samples, means];
}

async function drawCodes(inputs: ReportInputs): Promise<Drawn[]> {
  const { model } = inputs.trained;
  if (!can(model, "encode") || !can(model, "decode")) return [];
  const { x, options } = testExamples(inputs, 32);
  const reconstructions = {
    name: "reconstructions",
    title: "Reconstructions",
    alt: "Test images beside their reconstructions",
    caption: "Test examples, each followed by its reconstruction.",
    images: interleave(asSamples(model, x), await reconstruct(model, inputs.on, x, options)),
    columns: 8,
  };
  const ends = testExamples(inputs, 2 * PAIRS);
  const interpolations = {
    name: "interpolations",
    title: "Interpolations",
    alt: "Rows of images that change from one test image into another",
    caption: "Straight lines in latent space between the codes of two test examples, decoded.",
    images: await interpolate(model, inputs.on, ends.x, STEPS, ends.options),
    columns: STEPS,
  };
  return [reconstructions, interpolations];
}

async function drawCompletions(inputs: ReportInputs): Promise<Drawn[]> {
  const { model } = inputs.trained;
  if (!can(model, "complete")) return [];
  const { x, options } = testExamples(inputs, 32);
  const mask = maskOf("top-half", model.data.shape, x.shape[0]!, key(0));
  const hidden = asSamples(model, x).data.map((value, i) => (mask.data[i] === 1 ? value : 0.5));
  const done = asSamples(model, await model.complete(inputs.on, x, mask, options));
  return [
    {
      name: "completions",
      title: "Completions",
      alt: "Half images beside their completions",
      caption: "Upper halves of test images (lower half hidden), and one draw of the rest given what was seen.",
      images: interleave(new HostArray(x.dtype, x.shape, hidden), done),
      columns: 8,
    },
  ];
}

/** How far from one a sum of shares may be that have been rounded to float32. */
const SLACK = 1e-4;

/** Whether the numbers of each code are shares that sum to one: most of them then stand at the corners, and no plane shows more. */
export function areShares({ data, shape }: Numbers): boolean {
  const width = data.length / shape[0]!;
  for (let at = 0; at < data.length; at += width) {
    let sum = 0;
    for (let i = at; i < at + width; i++) {
      if (!(data[i]! >= 0)) return false;
      sum += data[i]!;
    }
    if (Math.abs(sum - 1) > SLACK) return false;
  }
  return true;
}

async function latentMap(inputs: ReportInputs): Promise<ReportChart[]> {
  const { model } = inputs.trained;
  if (!can(model, "encode") || model.data.values === "sequences") return [];
  const { x, shown, options } = testExamples(inputs, MAP);
  const codes = await model.encode(inputs.on, x, options);
  if (areShares(codes)) return [];
  const classes = model.data.classes;
  const { scatterChart } = await charts();
  const svg = scatterChart(toPlane(codes), shown, {
    title: "Latent map",
    subtitle:
      codes.shape[1] === 2 ? "mean codes of test examples" : "mean codes of test examples, two principal components",
    ...(classes ? { classes } : {}),
  });
  return [{ svg }];
}
