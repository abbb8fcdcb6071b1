import { createHash } from "node:crypto";
import { DataError } from "../base/errors.ts";
import { readTokenizer, type Tokenizer } from "../data/text/index.ts";
import { readText, writeFileAtomic } from "./files.node.ts";
import type { Manifest } from "./manifest.ts";
import type { Run } from "./run.node.ts";

const hashOf = (content: string) => createHash("sha256").update(content).digest("hex");

/** What a manifest says about a tokeniser. */
export function aboutTokenizer(tokenizer: Tokenizer): NonNullable<Manifest["tokenizer"]> {
  return { kind: tokenizer.kind, vocabulary: tokenizer.vocabulary, hash: hashOf(tokenizer.json()) };
}

/** Writes the tokeniser into the run folder. */
export function writeTokenizer({ paths }: Run, tokenizer: Tokenizer): void {
  writeFileAtomic(paths.tokenizer, tokenizer.json());
}

/** The tokeniser a run was trained with, undefined for runs on other data; refuses one that has changed since. */
export function tokenizerOfRun({ paths, manifest, folder }: Run): Tokenizer | undefined {
  if (!manifest.tokenizer) return undefined;
  const content = readText(paths.tokenizer);
  if (hashOf(content) !== manifest.tokenizer.hash)
    throw new DataError(
      `${paths.tokenizer} is not the tokeniser ${folder} was trained with (its hash differs); restore it from a copy.`,
    );
  return readTokenizer(content, paths.tokenizer);
}
