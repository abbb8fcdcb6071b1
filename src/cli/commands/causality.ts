import { checkEnding, isImage, writeExamples } from "../../artifacts/examples.node.ts";
import { writeFileAtomic } from "../../artifacts/files.node.ts";
import { causalityScene, placeName } from "../../artifacts/pictures/causality.ts";
import { scenePng, sceneSvg } from "../../artifacts/pictures/scene.ts";
import { UsageError } from "../../base/errors.ts";
import { showShape, sizeOf } from "../../base/shape.ts";
import { rows } from "../../models/bound.ts";
import type { Causality } from "../../models/inspection.ts";
import { spreadPlaces } from "../../models/places.ts";
import { key } from "../../random/index.ts";
import { causalityOfText } from "../causality-text.ts";
import type { CommandSpec, Invocation, Result } from "../command.ts";
import { chosenExamples, inputOptions } from "../input.ts";
import { inspectable, orderOption, textOption } from "../inspect.ts";
import { wholeNumber } from "../parse.ts";
import { trainedOptions, withTrained } from "../trained.ts";
import { orderNote } from "./surprise.ts";

/** Examples the derivatives are taken at when no count is given. */
const USUAL = 8;

/** `sampo causality`. */
export const causalityCommand: CommandSpec = {
  name: "causality",
  summary: "Show which inputs the prediction of a pixel or token depends on, and how strongly, by derivatives.",
  arguments: [["<run>", "run folder"]],
  options: [
    {
      flags: "--at <place>",
      description:
        "what is predicted: row,column or row,column,channel of a pixel, or the number of a token; repeatable",
      repeated: true,
    },
    {
      flags: "--out <file>",
      description: "PNG or SVG (a map for each place; causality.png), NPY or CSV (strengths); of text HTML or CSV",
    },
    {
      flags: "--probes <number>",
      description: "random directions for each example in which many logits are looked at (2; 32 of text)",
      parse: wholeNumber(1),
    },
    textOption,
    orderOption,
    ...inputOptions,
    ...trainedOptions,
  ],
  examples: [
    "causality runs/m --out causality.png",
    "causality runs/m --at 14,14 --at 20,9 -n 32 --out seen.svg",
    'causality runs/g --text "To be, or not to "',
  ],
  run,
};

async function run({ args, options, out }: Invocation): Promise<Result> {
  return withTrained(args[0]!, options, out, async (use) => {
    const model = inspectable(use.trained.model, "causality");
    if (model.data.values === "tokens") return causalityOfText(use, model, options, out);
    if (options.text !== undefined)
      throw new UsageError(`This ${model.name} was not trained on text: leave --text out.`);
    const { shape } = model.data;
    const file = fileFor(options.out as string | undefined, shape);
    const places = placesOf(options.at as string[] | undefined, shape);
    const { x, labels, from } = await chosenExamples(use, options, out, USUAL);
    const { order, probes } = options as { order?: number; probes?: number };
    const found = await model.causality(use.on, x, places, {
      key: key(options.seed as number),
      ...(labels ? { labels } : {}),
      ...(order === undefined ? {} : { order }),
      ...(probes === undefined ? {} : { probes }),
      progress: (fraction) => out.progress({ label: "causality", fraction }),
    });
    const about = `${model.name}, at ${x.shape[0]} examples of ${from}${orderNote(found)}`;
    if (/\.(png|svg)$/i.test(file)) {
      const scene = causalityScene({ ...found, places, about });
      writeFileAtomic(file, /\.svg$/i.test(file) ? sceneSvg(scene) : scenePng(scene));
    } else await writeExamples(file, found.strength);
    const maps = places.map((place, v) => summary(found, place, v, shape));
    const { order: used, orders } = found;
    const json = { run: args[0], from, count: x.shape[0], order: used, orders, maps, file };
    return { text: [`${file}: ${about}`, ...maps.map(describe)].join("\n"), json };
  });
}

function fileFor(asked: string | undefined, shape: readonly number[]): string {
  if (asked !== undefined) checkEnding(asked, [".png", ".svg", ".npy", ".csv"]);
  if (isImage(shape)) return asked ?? "causality.png";
  if (asked !== undefined && !/\.(png|svg)$/i.test(asked)) return asked;
  throw new UsageError(`Examples of shape ${showShape(shape)} are no images; write .npy or .csv with --out.`);
}

/** The places of the flattened example that a command line names; nine spread over an image when it names none. */
export function placesOf(asked: readonly string[] | undefined, shape: readonly number[]): number[] {
  return asked ? asked.map((text) => placeOf(text, shape)) : spreadPlaces(shape);
}

function placeOf(text: string, shape: readonly number[]): number {
  const numbers = text.split(",").map((part) => (part.trim() === "" ? Number.NaN : Number(part)));
  const axes = shape.length === 3 ? [shape[1]!, shape[2]!, shape[0]!] : [sizeOf(shape)];
  const wanted =
    axes.length === 3
      ? `row,column below ${axes[0]},${axes[1]}${axes[2]! > 1 ? `, or row,column,channel below ${axes.join()}` : ""}`
      : `a number below ${axes[0]}`;
  const [row, column] = numbers;
  const least = axes.length === 3 ? 2 : 1;
  const fits = numbers.every((number, i) => Number.isInteger(number) && number >= 0 && number < (axes[i] ?? 0));
  if (!fits || numbers.length < least) throw new UsageError(`--at ${text}: expected ${wanted}, counted from 0.`);
  if (axes.length === 1) return row!;
  const channel = numbers[2] ?? shape[0]! - 1;
  return (channel * shape[1]! + row!) * shape[2]! + column!;
}

/** What is said of one map. */
function summary({ strength, seen, before }: Causality, place: number, v: number, shape: readonly number[]) {
  const own = rows(strength, v, v + 1).data;
  const size = own.length;
  const sum = (flags: Uint8Array) => flags.subarray(v * size, (v + 1) * size).reduce((a, b) => a + b, 0);
  const strongest = own.reduce((best, value, at) => (value > own[best]! ? at : best), 0);
  const [height, width] = shape.length === 3 ? [shape[1]!, shape[2]!] : [1, size];
  const at = (index: number) =>
    shape.length === 3
      ? {
          row: Math.floor(index / width) % height,
          column: index % width,
          channel: Math.floor(index / (width * height)),
        }
      : { variable: index };
  return {
    place,
    ...at(place),
    name: shape.length === 3 ? placeName(place, shape) : `variable ${place}`,
    before: sum(before.data),
    seen: sum(seen.data),
    strongest: own[strongest]! > 0 ? { ...at(strongest), strength: own[strongest]! } : null,
  };
}

const describe = ({ name, before, seen }: ReturnType<typeof summary>) => `${name}: sees ${seen} of ${before} before it`;
