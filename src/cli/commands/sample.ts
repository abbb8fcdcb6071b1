import { checkEnding, isImage, writeExamples } from "../../artifacts/examples.node.ts";
import { writeFileAtomic } from "../../artifacts/files.node.ts";
import { UsageError } from "../../base/errors.ts";
import { toNested } from "../../base/host.ts";
import { showShape } from "../../base/shape.ts";
import { can } from "../../models/contract.ts";
import { key } from "../../random/index.ts";
import type { CommandSpec, Invocation, Result } from "../command.ts";
import { numberList, realNumber, wholeNumber } from "../parse.ts";
import { sampleTable } from "../rows/index.ts";
import { sampleSequences } from "../sequences/index.ts";
import { choiceOf, choiceOptions, refuseTextOptions, textOptions, writeTexts } from "../text.ts";
import { capable, type InUse, labelsFor, trainedOptions, withTrained } from "../trained.ts";

/** `sampo sample`. */
export const sampleCommand: CommandSpec = {
  name: "sample",
  summary: "Draw from a trained model; the same seed gives the same file.",
  arguments: [["<run>", "run folder"]],
  options: [
    { flags: "-n, --count <number>", description: "how many (64; one text)", parse: wholeNumber(1) },
    { flags: "--seed <number>", description: "seed (0)", parse: wholeNumber(0), default: 0 },
    {
      flags: "--out <file>",
      description: "PNG grid, NPY, CSV or SVG; TXT for text; CSV, Parquet or JSONL for rows; else printed",
    },
    {
      flags: "--temperature <number>",
      description: "spread of the latent noise, or divisor of the logits; 1 is the model",
      parse: realNumber(0),
      default: 1,
    },
    {
      flags: "--labels <list>",
      description: "classes to draw, such as 0-9, for conditional models",
      parse: numberList,
    },
    { flags: "--mean", description: "means of p(x|z) instead of draws" },
    ...choiceOptions,
    ...textOptions,
    ...trainedOptions,
  ],
  examples: [
    'sample runs/g --prompt "ROMEO:" --tokens 300 --temperature 0.8 --top-p 0.95',
    "sample runs/v -n 64 --seed 1 --out grid.png",
    "sample runs/v -n 1000 --out samples.npy",
    "sample runs/independent-table -n 1000 --out rows.csv",
  ],
  run: sample,
};

async function sample({ args, options, out }: Invocation): Promise<Result> {
  const file = options.out as string | undefined;
  return withTrained(args[0]!, options, out, async (use) => {
    const { trained, on } = use;
    if (can(trained.model, "read") && trained.run.manifest.tokenizer) return sampleText(use, options, out);
    refuseTextOptions(trained.model.name, options);
    if (trained.model.data.values === "table") return sampleTable(use, options, out);
    if (trained.model.data.values === "sequences") return sampleSequences(use, options, out);
    if (file !== undefined) checkEnding(file);
    const model = capable(trained.model, "sample");
    if (file?.endsWith(".png") && !isImage(model.data.shape))
      throw new UsageError(
        `This model draws examples of shape ${showShape(model.data.shape)}, which are no images; write .npy or .csv.`,
      );
    const count = (options.count as number | undefined) ?? 64;
    const samples = await model.sample(on, {
      count,
      key: key(options.seed as number),
      ...choiceOf(options),
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

/** Texts are printed, or written into a text file. */
async function sampleText(use: InUse, options: Invocation["options"], out: Invocation["out"]): Promise<Result> {
  const given = ["mean", "labels"].find((name) => options[name] !== undefined);
  if (given) throw new UsageError(`This ${use.trained.model.name} writes text: leave --${given} out.`);
  const file = options.out as string | undefined;
  if (file === undefined) return writeTexts(use, options, out);
  checkEnding(file, [".txt"]);
  const { text, json } = await writeTexts(use, options, { ...out, stream: () => false });
  writeFileAtomic(file, `${text}\n`);
  return { text: `${file}: ${options.count ?? 1} texts, seed ${options.seed}`, json: { ...(json as object), file } };
}
