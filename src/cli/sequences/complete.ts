import { extname } from "node:path";
import { writeFileAtomic } from "../../artifacts/files.node.ts";
import { HostArray } from "../../base/host.ts";
import { sizeOf } from "../../base/shape.ts";
import { maskOf } from "../../models/masks.ts";
import { fold, key } from "../../random/index.ts";
import type { Result } from "../command.ts";
import type { Reporter } from "../output/index.ts";
import { capable, type InUse } from "../trained.ts";
import { filledText } from "./filled-text.ts";
import { chosenSequences } from "./read.ts";
import { counted, type Options, type Sequences } from "./types.ts";
import { checkEnding, write } from "./write.ts";

/** Fills the gaps of sequences; what a CSV file holds stays as it was written. */
export async function completeSequences(use: InUse, options: Options, out: Reporter): Promise<Result> {
  const model = capable(use.trained.model, "complete");
  const file = String(options.out ?? "completed.csv");
  checkEnding(model, file);
  const input = await chosenSequences(use, options, out);
  const random = key(options.seed as number);
  const observed = observedOf(input, options.mask as string | undefined, fold(random, "mask"));
  let gaps = 0;
  for (const one of observed.data) gaps += Number(one === 0);
  let how = "";
  const done = await model.complete(use.on, input.x, observed, {
    key: random,
    stated: (told) => {
      how = told;
    },
    progress: (fraction) => out.progress({ label: "complete", fraction }),
  });
  const path = options.input as string | undefined;
  const isCsv = (name: string) => /\.(csv|tsv|txt)$/i.test(name);
  if (path !== undefined && isCsv(path) && extname(file).toLowerCase() === ".csv")
    writeFileAtomic(file, await filledText(path, model, input, done, observed));
  else await write(model, file, input.names, input.lengths, done);
  const count = input.names.length;
  const text = `${file}: ${counted(count)} of ${input.from}, ${gaps} gaps filled by ${how}`;
  return { text, json: { run: use.trained.run.folder, from: input.from, count, gaps, how, seed: options.seed, file } };
}

/** 1 where a cell is known or lies beyond the end of its sequence, 0 where it is missing or hidden by the mask. */
function observedOf(
  { x, lengths }: Sequences,
  mask: string | undefined,
  random: ReturnType<typeof key>,
): HostArray<"float32"> {
  const hidden = mask === undefined ? undefined : maskOf(mask, x.shape.slice(1), x.shape[0]!, random);
  const size = sizeOf(x.shape.slice(1));
  const width = x.shape[2]!;
  const data = Float32Array.from(x.data, (value, at) => {
    const n = Math.floor(at / size);
    if (at - n * size >= lengths[n]! * width) return 1;
    return Number.isNaN(value) ? 0 : (hidden?.data[at] ?? 1);
  });
  return new HostArray("float32", x.shape, data);
}
