import { statSync } from "node:fs";
import { UsageError } from "../base/errors.ts";

/** Throws where a command would write its result over the file it reads. */
export function checkNotInput(options: Readonly<Record<string, unknown>>): void {
  const { input, out } = options as { input?: string; out?: string };
  if (input === undefined || out === undefined) return;
  const [read, written] = [input, out].map((path) => statSync(path, { throwIfNoEntry: false }));
  if (!read?.isFile() || !written) return;
  if (read.dev === written.dev && read.ino === written.ino)
    throw new UsageError(`${out} is the file that --input reads, and would be lost: give --out another name.`);
}
