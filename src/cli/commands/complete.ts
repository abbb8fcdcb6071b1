import { checkEnding, gridPng, interleave, isImage, writeExamples } from "../../artifacts/examples.node.ts";
import { writeFileAtomic } from "../../artifacts/files.node.ts";
import { UsageError } from "../../base/errors.ts";
import { HostArray } from "../../base/host.ts";
import { showShape } from "../../base/shape.ts";
import type { Numbers } from "../../models/contract.ts";
import { asSamples } from "../../models/uses.ts";
import { fold, key } from "../../random/index.ts";
import type { CommandSpec, Invocation, Result } from "../command.ts";
import { fillText } from "../infill.ts";
import { chosenExamples, inputOptions } from "../input.ts";
import { maskFor, maskHelp } from "../mask.ts";
import { wholeNumber } from "../parse.ts";
import { completeTable } from "../rows/index.ts";
import { completeSequences } from "../sequences/index.ts";
import { refuseTextOptions, textOptions, writeTexts } from "../text.ts";
import { capable, type InUse, trainedOptions, withTrained } from "../trained.ts";

/** Examples of a split that are completed when no count is given. */
const USUAL = 32;

/** `sampo complete`. */
export const completeCommand: CommandSpec = {
  name: "complete",
  summary: "Fill in what is missing of examples, or go on with a text; what was given comes back untouched.",
  arguments: [["<run>", "run folder"]],
  options: [
    { flags: "--mask <name|file>", description: `${maskHelp} (top-half of images, the gaps of rows)` },
    {
      flags: "--sweeps <number>",
      description: "sweeps of the sampler (100), or particles (32), where there is no exact conditional",
      parse: wholeNumber(1),
    },
    {
      flags: "--out <file>",
      description:
        "PNG (what was seen beside its completion; completions.png), NPY or CSV; TXT for text, else printed; CSV, Parquet or JSONL for rows",
    },
    ...textOptions,
    { flags: "--blank <character>", description: "the character of --prompt that stands for one that is missing" },
    ...inputOptions,
    ...trainedOptions,
  ],
  examples: [
    'complete runs/g --prompt "To be, or" --tokens 100',
    'complete runs/g --prompt "To be, or ___ to be" --blank _ -n 5',
    "complete runs/v --mask top-half --out done.png",
    "complete runs/independent-table --input with-gaps.csv --out filled.csv",
    "complete runs/v --input drawings/ --binarize threshold --mask random:0.3 --out done.npy",
  ],
  run: complete,
};

async function complete({ args, options, out }: Invocation): Promise<Result> {
  const file = String(options.out ?? "completions.png");
  return withTrained(args[0]!, options, out, async (use) => {
    if (use.trained.run.manifest.tokenizer) return completeText(use, options, out);
    refuseTextOptions(use.trained.model.name, options);
    const { values } = use.trained.model.data;
    if (values === "table") return completeTable(use, options, out);
    if (values === "sequences") return completeSequences(use, options, out);
    checkEnding(file, [".png", ".npy", ".csv"]);
    const model = capable(use.trained.model, "complete");
    const picture = file.toLowerCase().endsWith(".png");
    if (picture && !isImage(model.data.shape))
      throw new UsageError(`Examples of shape ${showShape(model.data.shape)} are no images; write .npy or .csv.`);
    const { x, labels, from } = await chosenExamples(use, options, out, USUAL);
    const random = key(options.seed as number);
    const mask = String(options.mask ?? "top-half");
    const observed = await maskFor(mask, model.data.shape, x.shape[0]!, fold(random, "mask"));
    const sweeps = options.sweeps as number | undefined;
    const how = new Set<string>();
    const completed = await model.complete(use.on, x, observed, {
      key: random,
      ...(labels ? { labels } : {}),
      ...(sweeps === undefined ? {} : { sweeps }),
      stated: (each) => void how.add(each),
      progress: (fraction) => out.progress({ label: "complete", fraction }),
    });
    const done = asSamples(model, completed);
    if (picture) writeFileAtomic(file, comparison(asSamples(model, x), observed, done));
    else await writeExamples(file, done);
    const count = x.shape[0]!;
    const text = `${file}: ${count} ${count === 1 ? "completion" : "completions"} of ${from}, observed: ${mask}${drawnFrom(how)}`;
    return {
      text,
      json: { run: args[0], from, count, mask, seed: options.seed, shape: done.shape, file, drawnFrom: [...how] },
    };
  });
}

/** What completions are drawn from, where the model says. */
const drawnFrom = (how: ReadonlySet<string>) => (how.size === 0 ? "" : `; drawn from ${[...how].join(" and ")}`);

/** Options that say which examples to complete, and how. */
const ofExamples = ["mask", "sweeps", "split", "input", "binarize", "size", "labels"];

/** A text from its beginning on, or with its gaps filled. */
async function completeText(use: InUse, options: Invocation["options"], out: Invocation["out"]): Promise<Result> {
  if (options.prompt === undefined)
    throw new UsageError('Say which text to complete, for example: --prompt "To be, or"');
  const useless = ofExamples.find((name) => options[name] !== undefined);
  if (useless)
    throw new UsageError(`--${useless} is for images and rows; a text is completed from its --prompt alone.`);
  const file = options.out as string | undefined;
  if (file !== undefined) checkEnding(file, [".txt"]);
  const printed = file === undefined ? out : { ...out, stream: () => false };
  const done = await (options.blank === undefined ? writeTexts : fillText)(use, options, printed);
  if (file === undefined) return done;
  writeFileAtomic(file, `${done.text}\n`);
  return {
    text: `${file}: ${(options.count as number | undefined) ?? 1} completed`,
    json: { ...(done.json as object), file },
  };
}

/** Each example with its hidden part in middle grey, followed by its completion. */
function comparison(x: Numbers, observed: Numbers, done: Numbers): Uint8Array {
  const seen = x.data.map((value, i) => (observed.data[i]! > 0.5 ? value : 0.5));
  const pairs = interleave(new HostArray(x.dtype, x.shape, seen), done);
  return gridPng(pairs, { columns: Math.min(8, 2 * Math.ceil(Math.sqrt(x.shape[0]! / 2))) });
}
