import { writeExamples } from "../artifacts/examples.node.ts";
import { toNested } from "../base/host.ts";
import { sizeOf } from "../base/shape.ts";
import type { Numbers } from "../models/contract.ts";
import type { Result } from "./command.ts";

/** Where codes come from, and what they are. */
export interface AboutCodes {
  readonly run: string;
  readonly from: string;
  readonly count: number;
  readonly shape: readonly number[];
}

/** Codes [n, …] written into a file, or printed where none is named. */
export async function codesResult(
  file: string | undefined,
  codes: Numbers,
  given: { readonly run: string; readonly from: string },
): Promise<Result> {
  const about = { ...given, count: codes.shape[0]!, shape: codes.shape };
  if (file !== undefined) {
    await writeExamples(file, codes);
    return written(file, about);
  }
  const values = toNested(codes) as unknown[];
  return { text: values.map((row) => JSON.stringify(row)).join("\n"), json: { ...about, codes: values } };
}

/** What is said of codes that stand in a file. */
export function written(file: string, about: AboutCodes): Result {
  const size = sizeOf(about.shape.slice(1));
  const text = `${file}: codes of ${about.count} examples of ${about.from}, ${size} numbers each`;
  return { text, json: { ...about, file } };
}
