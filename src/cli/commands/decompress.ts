import { readBytes, writeFileAtomic } from "../../artifacts/files.node.ts";
import { UsageError } from "../../base/errors.ts";
import { fingerprint } from "../../models/fingerprint.ts";
import type { CommandSpec, Invocation, Result } from "../command.ts";
import { checkContent, compressing, openPacked, valuesOf } from "../packed.ts";
import { decompressText } from "../packed-text.ts";
import { checkNotInput } from "../source.ts";
import { checkStoredEnding, checkStoredType, storedBytes, storedEndings } from "../stored.ts";
import { trainedOptions, withTrained } from "../trained.ts";

/** `sampo decompress`. */
export const decompressCommand: CommandSpec = {
  name: "decompress",
  summary: "Turn a compressed file back into the examples, bit for bit, with the run that compressed it.",
  arguments: [["<run>", "run folder"]],
  options: [
    { flags: "--input <file>", description: "a file that compress wrote" },
    { flags: "--out <file>", description: `where the examples go: ${storedEndings.join(", ")}, any name for text` },
    ...trainedOptions,
  ],
  examples: ["decompress runs/m --input digits.sampo --out back.idx"],
  run: decompress,
};

async function decompress({ args, options, out }: Invocation): Promise<Result> {
  const { input, out: file } = options as { input?: string; out?: string };
  if (input === undefined) throw new UsageError("Say which file to decompress, for example: --input digits.sampo");
  if (file === undefined) throw new UsageError("Say where the examples go, for example: --out back.idx");
  checkNotInput(options);
  return withTrained(args[0]!, options, out, async ({ trained, on, runtime }) => {
    const model = compressing(trained.model);
    if (model.data.values === "tokens") return decompressText({ trained, on, runtime }, model, { input, file }, out);
    checkStoredEnding(file);
    const { header, compressed, labels } = openPacked(readBytes(input), input, model, fingerprint(model, on.params));
    if (header.source) checkStoredType(file, header.source);
    const started = performance.now();
    const x = await model.decompress(on, compressed, {
      ...(labels ? { labels } : {}),
      progress: (fraction) => out.progress({ label: "decompress", fraction }),
    });
    const seconds = (performance.now() - started) / 1000;
    const values = valuesOf(x, model);
    checkContent(values, header, input);
    writeFileAtomic(file, storedBytes(file, values, header.count, model.data, header.source));
    const text = `${file}: ${header.count} examples of ${input}, the same as were compressed, in ${seconds.toFixed(1)} s.`;
    return { text, json: { run: args[0], input, file, count: header.count, shape: x.shape, seconds } };
  });
}
