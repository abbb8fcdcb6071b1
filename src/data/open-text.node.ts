import { UsageError } from "../base/errors.ts";
import { fold, key, permutation } from "../random/index.ts";
import type { CatalogueEntry } from "./catalogue.ts";
import type { Files, Loaded } from "./named.ts";
import type { OpenDeps, OpenOptions } from "./open-options.node.ts";
import type { Tokenizer } from "./text/index.ts";
import { cutText, framedLines, linesOf, type TextPart, type TextParts, windowsOf } from "./text/windows.ts";
import { readTexts, tokenizerFor } from "./text.node.ts";
import { type SplitName, splitNames } from "./types.ts";

/** Text as tokens, with what made them so. */
export type LoadedText = Loaded & { readonly tokenizer: Tokenizer };

/** Tokens a model looks back on when nobody says how many. */
const USUAL_CONTEXT = 64;

/** Refuses options that say something about text where there is none. */
export function refuseTextOptions(where: string, { tokenizer, context, lines }: OpenOptions): void {
  const given = Object.entries({ tokenizer, context, lines }).find(([, value]) => value !== undefined);
  if (given) throw new UsageError(`Only text is cut into tokens, and ${where} is none: leave ${given[0]} out.`);
}

/** Refuses options that say something about other data than text. */
export function refuseForText(where: string, { size, target, drop, standardize }: OpenOptions): void {
  const given = Object.entries({ size, target, drop, standardize }).find(([, value]) => value !== undefined);
  if (given) throw new UsageError(`${where} is text: leave ${given[0]} out.`);
}

/** The published texts: tiny-shakespeare as one text, names line by line. */
export async function openNamedText(
  entry: CatalogueEntry,
  files: Files,
  options: OpenOptions,
  deps: OpenDeps,
): Promise<LoadedText> {
  const { path } = entry.files[0]!;
  const whole: TextPart = { text: await files.need(path), where: path };
  if (entry.name === "names" || options.lines) return openLines(whole, entry.title, options, deps);
  const parts = cutText(whole, 0.9, 1);
  const protocol = `${entry.title}: the first 90 % train, the last 10 % valid; there is no other test set, test is valid again`;
  return tokens({ ...parts, test: parts.valid }, protocol, options, deps);
}

/** The text of a file or folder. */
export async function openText(given: string, options: OpenOptions, deps: OpenDeps): Promise<LoadedText> {
  const { parts, protocol } = await readTexts(given);
  if (!options.lines) return tokens(parts, protocol, options, deps);
  const text = Buffer.concat(splitNames.map((name) => parts[name].text));
  return openLines({ text, where: given }, protocol.split(":")[0]!, options, deps);
}

async function tokens(parts: TextParts, protocol: string, options: OpenOptions, deps: OpenDeps): Promise<LoadedText> {
  const tokenizer = await tokenizerOf(parts.train, options, deps);
  const context = options.context ?? options.usual?.context ?? USUAL_CONTEXT;
  const windows = windowsOf(parts, tokenizer, context);
  return { ...windows, tokenizer, protocol: `${protocol}; ${describe(tokenizer)}, windows of ${context}.` };
}

/** Lines shuffled by the seed into 80, 10 and 10 %. */
async function openLines(whole: TextPart, title: string, options: OpenOptions, deps: OpenDeps): Promise<LoadedText> {
  if (options.context !== undefined)
    throw new UsageError(
      `${whole.where} is read line by line, and the longest line is the context: leave context out.`,
    );
  const lines = linesOf(whole);
  const order = permutation(fold(key(options.seed ?? 0), "split"), lines.length);
  const tenth = Math.max(1, Math.round(lines.length / 10));
  if (lines.length < 3) throw new UsageError(`${whole.where} has ${lines.length} lines; 3 are the least to split.`);
  const cut = [0, lines.length - 2 * tenth, lines.length - tenth, lines.length];
  const part = (name: SplitName) => {
    const i = splitNames.indexOf(name);
    return Array.from(order.subarray(cut[i], cut[i + 1]), (index) => lines[index]!);
  };
  const tokenizer = await tokenizerOf(whole, options, deps);
  const framed = framedLines(
    { train: part("train"), valid: part("valid"), test: part("test") },
    tokenizer,
    whole.where,
  );
  const protocol = `${title}: lines shuffled by the seed into 80 / 10 / 10 %; ${describe(tokenizer)}, each line to its end, the end included.`;
  return { ...framed, tokenizer, protocol };
}

async function tokenizerOf(train: TextPart, { tokenizer, usual }: OpenOptions, deps: OpenDeps): Promise<Tokenizer> {
  return deps.tokenizer ?? (await tokenizerFor(tokenizer ?? usual?.tokenizer ?? "char", train, deps.onProgress));
}

const describe = ({ kind, vocabulary }: Tokenizer) =>
  `${kind === "char" ? "characters" : kind === "byte" ? "bytes" : "byte pairs"}, ${vocabulary} tokens`;
