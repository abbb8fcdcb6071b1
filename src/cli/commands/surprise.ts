import { checkEnding, isImage, writeExamples } from "../../artifacts/examples.node.ts";
import { writeFileAtomic } from "../../artifacts/files.node.ts";
import { scenePng, sceneSvg } from "../../artifacts/pictures/scene.ts";
import { surpriseScene } from "../../artifacts/pictures/surprise.ts";
import { UsageError } from "../../base/errors.ts";
import { type HostArray, toNested } from "../../base/host.ts";
import { showShape, sizeOf } from "../../base/shape.ts";
import { rows } from "../../models/bound.ts";
import type { Surprise } from "../../models/inspection.ts";
import type { CommandSpec, Invocation, Result } from "../command.ts";
import { chosenExamples, inputOptions } from "../input.ts";
import { inspectable, orderOption, textOption } from "../inspect.ts";
import { surpriseOfSequences } from "../sequences/index.ts";
import { surpriseOfText } from "../surprise-text.ts";
import { trainedOptions, withTrained } from "../trained.ts";

/** Examples that are looked at when no count is given. */
const USUAL = 8;

/** `sampo surprise`. */
export const surpriseCommand: CommandSpec = {
  name: "surprise",
  summary: "Show how unexpected every pixel, token or step is to a model that predicts one after the other, in nats.",
  arguments: [["<run>", "run folder"]],
  options: [
    {
      flags: "--out <file>",
      description:
        "PNG or SVG (examples beside their maps; surprise.png), NPY or CSV (nats); of text HTML or CSV; of sequences CSV, Parquet or JSONL",
    },
    textOption,
    orderOption,
    ...inputOptions,
    ...trainedOptions,
  ],
  examples: [
    "surprise runs/m --out surprise.png",
    "surprise runs/m --input drawings/ --binarize threshold --out surprise.npy",
    'surprise runs/g --text "To be, or not to be"',
    "surprise runs/g --input play.txt --out play.html",
    "surprise runs/h --input walks.csv --out surprise.csv",
  ],
  run,
};

async function run({ args, options, out }: Invocation): Promise<Result> {
  return withTrained(args[0]!, options, out, async (use) => {
    const model = inspectable(use.trained.model, "surprise");
    if (model.data.values === "tokens") return surpriseOfText(use, model, options, out);
    if (model.data.values === "sequences") return surpriseOfSequences(use, model, options, out);
    if (options.text !== undefined)
      throw new UsageError(`This ${model.name} was not trained on text: leave --text out.`);
    const file = fileFor(options.out as string | undefined, model.data.shape);
    const { x, labels, from } = await chosenExamples(use, options, out, USUAL);
    const order = options.order as number | undefined;
    const found = await model.surprise(use.on, x, {
      ...(labels ? { labels } : {}),
      ...(order === undefined ? {} : { order }),
      progress: (fraction) => out.progress({ label: "surprise", fraction }),
    });
    const figures = figuresOf(found);
    const about = { run: args[0], from, order: found.order, orders: found.orders, unit: "nats", ...figures };
    if (file === undefined) {
      const values = toNested(found.nats) as unknown[];
      return { text: values.map((row) => JSON.stringify(row)).join("\n"), json: { ...about, surprise: values } };
    }
    if (/\.(png|svg)$/i.test(file)) writePicture(file, x, found, `${model.name}, ${from}${orderNote(found)}`);
    else await writeExamples(file, found.nats);
    return { text: describe(file, from, about), json: { ...about, file } };
  });
}

/** Where to write: a picture unless the examples are no images. */
function fileFor(asked: string | undefined, shape: readonly number[]): string | undefined {
  if (asked !== undefined) checkEnding(asked, [".png", ".svg", ".npy", ".csv"]);
  if (isImage(shape)) return asked ?? "surprise.png";
  if (asked !== undefined && /\.(png|svg)$/i.test(asked))
    throw new UsageError(`Examples of shape ${showShape(shape)} are no images; write .npy or .csv.`);
  return asked;
}

function writePicture(file: string, images: HostArray<"float32">, { nats }: Surprise, about: string): void {
  const scene = surpriseScene({ images, nats, about });
  writeFileAtomic(file, file.toLowerCase().endsWith(".svg") ? sceneSvg(scene) : scenePng(scene));
}

/** Says which order, where there are several. */
export const orderNote = ({ order, orders }: { readonly order: number; readonly orders: number }) =>
  orders > 1 ? `, order ${order} of 0 to ${orders - 1}` : "";

/** The totals of the examples, and their mean. */
function figuresOf({ nats }: Surprise) {
  const count = nats.shape[0]!;
  const size = sizeOf(nats.shape.slice(1));
  const bits = (total: number) => total / size / Math.LN2;
  const examples = Array.from({ length: count }, (_, i) => {
    const own = rows(nats, i, i + 1).data;
    const total = own.reduce((sum, value) => sum + value, 0);
    const most = own.reduce((best, value, place) => (value > own[best]! ? place : best), 0);
    return { nats: total, bitsPerDim: bits(total), most: { place: most, nats: own[most]! } };
  });
  const mean = examples.reduce((sum, example) => sum + example.nats, 0) / count;
  return { count, nats: mean, bitsPerDim: bits(mean), examples };
}

interface About extends ReturnType<typeof figuresOf> {
  readonly order: number;
  readonly orders: number;
}

function describe(file: string, from: string, about: About): string {
  const { count, nats, bitsPerDim } = about;
  return `${file}: surprise of ${count} examples of ${from}${orderNote(about)}, ${nats.toFixed(2)} nats each in the mean, ${bitsPerDim.toFixed(4)} bits per dimension`;
}
