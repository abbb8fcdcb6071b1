import { checkEnding } from "../../artifacts/examples.node.ts";
import { key } from "../../random/index.ts";
import { codesResult } from "../codes.ts";
import type { CommandSpec, Invocation, Result } from "../command.ts";
import { chosenExamples, inputOptions } from "../input.ts";
import { encodeTable } from "../rows/index.ts";
import { capable, trainedOptions, withTrained } from "../trained.ts";

/** `sampo encode`. */
export const encodeCommand: CommandSpec = {
  name: "encode",
  summary: "Turn examples into latent codes (means of q(z|x)).",
  arguments: [["<run>", "run folder"]],
  options: [
    { flags: "--out <file>", description: "NPY or CSV; without it the numbers are printed" },
    ...inputOptions,
    ...trainedOptions,
  ],
  examples: ["encode runs/v --split test --out codes.npy", "encode runs/v --input drawings/ --out codes.csv"],
  run: encode,
};

async function encode({ args, options, out }: Invocation): Promise<Result> {
  const file = options.out as string | undefined;
  if (file !== undefined) checkEnding(file, [".npy", ".csv"]);
  return withTrained(args[0]!, options, out, async (use) => {
    if (use.trained.model.data.values === "table") return encodeTable(use, options, out);
    const model = capable(use.trained.model, "encode");
    const { x, labels, from } = await chosenExamples(use, options, out);
    const codes = await model.encode(use.on, x, {
      key: key(options.seed as number),
      ...(labels ? { labels } : {}),
      progress: (fraction) => out.progress({ label: "encode", fraction }),
    });
    return codesResult(file, codes, { run: args[0]!, from });
  });
}
