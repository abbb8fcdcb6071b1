import { join } from "node:path";
import { HostArray } from "../base/host.ts";
import { can, type Numbers } from "../models/contract.ts";
import { maskOf } from "../models/masks.ts";
import { asSamples, interpolate, reconstruct } from "../models/uses.ts";
import { fold, key } from "../random/index.ts";
import { directionImages } from "./directions.node.ts";
import { gridPng, interleave, isImage } from "./examples.node.ts";
import { writeFileAtomic } from "./files.node.ts";
import { inspectionPictures } from "./inspection.node.ts";
import { pngDataUri } from "./pictures/png.ts";
import type { ReportPicture } from "./report/report.ts";
import { type ReportInputs, testExamples } from "./run-inputs.node.ts";

const PAIRS = 8;
const STEPS = 11;
const INSPECTED = 8;

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
export function drawLearnt({ trained: { model, run }, on }: ReportInputs): ReportPicture[] {
  const svg = model.drawing?.(on.params);
  if (svg === undefined) return [];
  writeFileAtomic(join(run.paths.pictures, "drawing.svg"), `${svg}\n`);
  return [{ title: "What was learnt", svg, alt: "Drawing of what was learnt", broad: true }];
}

/** Draws what the model can show, writes it into the run folder, and gives it to the report. */
export async function drawPictures(inputs: ReportInputs): Promise<ReportPicture[]> {
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
