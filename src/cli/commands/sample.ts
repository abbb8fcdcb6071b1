import { checkEnding, isImage, writeExamples } from "../../artifacts/examples.node.ts";
import { UsageError } from "../../base/errors.ts";
import { toNested } from "../../base/host.ts";
import { showShape } from "../../base/shape.ts";
import { key } from "../../random/index.ts";
import type { CommandSpec, Invocation, Result } from "../command.ts";
import { numberList, realNumber, wholeNumber } from "../parse.ts";
import { capable, labelsFor, trainedOptions, withTrained } from "../trained.ts";

/** `sampo sample`. */
export const sampleCommand: CommandSpec = {
  name: "sample",
  summary: "Draw from a trained model; the same seed gives the same file.",
  arguments: [["<run>", "run folder"]],
  options: [
    { flags: "-n, --count <number>", description: "how many", parse: wholeNumber(1), default: 64 },
    { flags: "--seed <number>", description: "seed (0)", parse: wholeNumber(0), default: 0 },
    { flags: "--out <file>", description: "PNG grid, NPY, CSV or SVG; without it the numbers are printed" },
    {
      flags: "--temperature <number>",
      description: "spread of the latent noise; 1 is the model",
      parse: realNumber(0),
      default: 1,
    },
    {
      flags: "--labels <list>",
      description: "classes to draw, such as 0-9, for conditional models",
      parse: numberList,
    },
    { flags: "--mean", description: "means of p(x|z) instead of draws" },
    ...trainedOptions,
  ],
  examples: ["sample runs/v -n 64 --seed 1 --out grid.png", "sample runs/v -n 1000 --out samples.npy"],
  run: sample,
};

async function sample({ args, options, out }: Invocation): Promise<Result> {
  const file = options.out as string | undefined;
  if (file !== undefined) checkEnding(file);
  return withTrained(args[0]!, options, out, async ({ trained, on }) => {
    const model = capable(trained.model, "sample");
    if (file?.endsWith(".png") && !isImage(model.data.shape))
      throw new UsageError(
        `This model draws examples of shape ${showShape(model.data.shape)}, which are no images; write .npy or .csv.`,
      );
    const count = options.count as number;
    const samples = await model.sample(on, {
      count,
      key: key(options.seed as number),
      temperature: options.temperature as number,
      mean: options.mean === true,
      progress: (fraction) => out.progress({ label: "sample", fraction }),
      ...labelsFor(model, options.labels as number[] | undefined, count),
    });
    const about = { run: args[0], count, seed: options.seed, shape: samples.shape };
    if (file === undefined) {
      const values = toNested(samples);
      return {
        text: (values as unknown[]).map((row) => JSON.stringify(row)).join("\n"),
        json: { ...about, samples: values },
      };
    }
    await writeExamples(file, samples);
    return { text: `${file}: ${count} samples, seed ${options.seed}`, json: { ...about, file } };
  });
}
