import { statSync } from "node:fs";
import { UsageError } from "../base/errors.ts";

type Options = Readonly<Record<string, unknown>>;

/** Options that say how images are taken. */
const ofImages = ["binarize", "size", "labels"];

/** Throws where a command line does not say well which examples it takes, of --input or of a split of the run's data. */
export function checkSource(options: Options, what: "examples" | "rows" | "sequences"): void {
  checkNotInput(options);
  if (options.input !== undefined && options.split !== undefined)
    throw new UsageError(`--split and --input exclude each other: take ${what} of the run's data, or your own.`);
  const useless = what === "examples" ? undefined : ofImages.find((name) => options[name] !== undefined);
  if (useless) throw new UsageError(`--${useless} is for images; ${what} are taken as they are: leave it out.`);
}

/** Throws where a command would write its result over the file it reads. */
export function checkNotInput(options: Options): void {
  const { input, out } = options as { input?: string; out?: string };
  if (input === undefined || out === undefined) return;
  const [read, written] = [input, out].map((path) => statSync(path, { throwIfNoEntry: false }));
  if (!read?.isFile() || !written) return;
  if (read.dev === written.dev && read.ino === written.ino)
    throw new UsageError(`${out} is the file that --input reads, and would be lost: give --out another name.`);
}
