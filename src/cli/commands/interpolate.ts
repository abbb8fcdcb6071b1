import { checkEnding, comfortableScale, gridPng, isImage, writeExamples } from "../../artifacts/examples.node.ts";
import { writeFileAtomic } from "../../artifacts/files.node.ts";
import { encodeAnimatedPng, frames } from "../../artifacts/index.ts";
import { UsageError } from "../../base/errors.ts";
import { showShape } from "../../base/shape.ts";
import { interpolate } from "../../models/uses.ts";
import { key } from "../../random/index.ts";
import type { CommandSpec, Invocation, Result } from "../command.ts";
import { chosenExamples, inputOptions } from "../input.ts";
import { wholeNumber } from "../parse.ts";
import { capable, trainedOptions, withTrained } from "../trained.ts";

/** Milliseconds of a frame of a film. */
const FRAME = 80;

/** `sampo interpolate`. */
export const interpolateCommand: CommandSpec = {
  name: "interpolate",
  summary: "Walk between examples in latent space: one path a row, or a film.",
  arguments: [["<run>", "run folder"]],
  options: [
    {
      flags: "--pairs <number>",
      description: "paths: between examples 1 and 2, 3 and 4, …",
      parse: wholeNumber(1),
      default: 8,
    },
    {
      flags: "--steps <number>",
      description: "images of a path, both ends included",
      parse: wholeNumber(2),
      default: 11,
    },
    { flags: "--out <file>", description: "PNG, NPY or CSV (interpolation.png)", default: "interpolation.png" },
    { flags: "--film", description: "an animated PNG: all paths at once, there and back" },
    ...inputOptions.filter(({ flags }) => !flags.includes("--count")),
    ...trainedOptions,
  ],
  examples: [
    "interpolate runs/v --pairs 8 --steps 11 --out strip.png",
    "interpolate runs/v --pairs 16 --steps 24 --film --out film.png",
  ],
  run: interpolateRun,
};

async function interpolateRun({ args, options, out }: Invocation): Promise<Result> {
  const { pairs, steps, film } = options as { pairs: number; steps: number; film?: boolean };
  const file = String(options.out);
  checkEnding(file, film ? [".png"] : [".png", ".npy", ".csv"]);
  return withTrained(args[0]!, options, out, async (use) => {
    const model = capable(use.trained.model, "encode", "decode");
    const picture = file.toLowerCase().endsWith(".png");
    if (picture && !isImage(model.data.shape))
      throw new UsageError(`Examples of shape ${showShape(model.data.shape)} are no images; write .npy or .csv.`);
    const { x, labels, from } = await chosenExamples(use, { ...options, count: 2 * pairs }, out);
    const paths = await interpolate(model, use.on, x, steps, {
      key: key(options.seed as number),
      ...(labels ? { labels } : {}),
      progress: (fraction) => out.progress({ label: "decode", fraction }),
    });
    const drawn = paths.shape[0]! / steps;
    if (film) writeFileAtomic(file, filmOf(paths, steps));
    else if (picture) writeFileAtomic(file, gridPng(paths, { columns: steps }));
    else await writeExamples(file, paths);
    const text = `${file}: ${drawn} ${drawn === 1 ? "path" : "paths"} of ${steps} steps between examples of ${from}`;
    return { text, json: { run: args[0], from, pairs: drawn, steps, film: film === true, shape: paths.shape, file } };
  });
}

type Images = Parameters<typeof gridPng>[0];

function filmOf(paths: Images, steps: number): Uint8Array {
  const scale = comfortableScale(paths.shape.slice(1));
  return encodeAnimatedPng(frames(paths, steps, { bounce: true, scale }), FRAME);
}
