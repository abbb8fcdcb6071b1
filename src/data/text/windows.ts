import { DataError } from "../../base/errors.ts";
import { sizeOf } from "../../base/shape.ts";
import type { Parts } from "../splits.ts";
import { type DataSpec, type Dataset, type Split, type SplitName, splitNames } from "../types.ts";
import { singleToken, type Tokenizer } from "./tokenizer.ts";
import { characterStart } from "./utf8.ts";

/** A text with the name it has in sentences. */
export interface TextPart {
  readonly text: Uint8Array;
  readonly where: string;
}

/** The text of each split. */
export type TextParts = Readonly<Record<SplitName, TextPart>>;

/** Cuts a text in its own order at fractions of its length, never within a character. */
export function cutText({ text, where }: TextPart, trainEnd: number, validEnd: number): TextParts {
  const ends = [trainEnd, validEnd].map((share) => characterStart(text, Math.floor(share * text.length)));
  const part = (name: SplitName, from: number, to: number) => ({
    text: text.subarray(from, to),
    where: `the ${name} part of ${where}`,
  });
  return {
    train: part("train", 0, ends[0]!),
    valid: part("valid", ends[0]!, ends[1]!),
    test: part("test", ends[1]!, text.length),
  };
}

/** Numbers of tokens in the smallest array that holds them exactly. */
function stored(tokens: Uint32Array, vocabulary: number): Split["x"] {
  return vocabulary <= 256 ? Uint8Array.from(tokens) : Float32Array.from(tokens);
}

/**
 * Text as windows of T + 1 tokens, the last T of which are modelled. Training draws windows that begin at any token
 * (each once an epoch, in an order drawn by key), the other splits are cut into windows that follow one another, so that
 * every token but the first is modelled once; what fills no window at the end is left out.
 */
export function windowsOf(parts: TextParts, tokenizer: Tokenizer, context: number): Parts {
  const encoded = new Map<Uint8Array, Split["x"]>();
  const split = (name: SplitName): Split => {
    const { text, where } = parts[name];
    const tokens = encoded.get(text) ?? stored(tokenizer.encode(text, where), tokenizer.vocabulary);
    encoded.set(text, tokens);
    if (tokens.length <= context)
      throw new DataError(
        `${where} has ${tokens.length} tokens, and a window takes ${context + 1}; give more text or a smaller --context.`,
      );
    const stride = name === "train" ? 1 : context;
    return {
      count: Math.floor((tokens.length - 1 - context) / stride) + 1,
      x: tokens,
      stride,
    };
  };
  const { vocabulary } = tokenizer;
  const spec: DataSpec = { shape: [context + 1], values: "tokens", vocabulary };
  return { spec, splits: { train: split("train"), valid: split("valid"), test: split("test") } };
}

/** The lines of a text without their ends; empty ones are left out. */
export function linesOf({ text, where }: TextPart): Uint8Array[] {
  const lines: Uint8Array[] = [];
  for (let start = 0; start < text.length; ) {
    const end = text.indexOf(0x0a, start);
    const stop = end === -1 ? text.length : end;
    const trimmed = text[stop - 1] === 0x0d && stop > start ? stop - 1 : stop;
    if (trimmed > start) lines.push(text.subarray(start, trimmed));
    start = stop + 1;
  }
  if (lines.length === 0) throw new DataError(`${where} holds no line of text.`);
  return lines;
}

/**
 * Lines as examples of one length: a boundary token (the line's end) before each, one after it, and more to fill the
 * longest line's length. The end is modelled, what fills is not.
 */
export function framedLines(
  lines: Readonly<Record<SplitName, readonly Uint8Array[]>>,
  tokenizer: Tokenizer,
  where: string,
): Parts {
  const boundary = singleToken(tokenizer, "\n");
  if (boundary === undefined)
    throw new DataError(`${where} is read line by line, and the tokeniser has no token for the end of a line.`);
  const rows = (name: SplitName) => lines[name].map((line) => tokenizer.encode(line, where));
  const encoded = { train: rows("train"), valid: rows("valid"), test: rows("test") };
  const longest = Math.max(
    ...splitNames.map((name) => encoded[name].reduce((most, row) => Math.max(most, row.length), 0)),
  );
  const size = longest + 2;
  const split = (name: SplitName): Split => {
    const all = new Uint32Array(encoded[name].length * size).fill(boundary);
    encoded[name].forEach((row, i) => {
      all.set(row, i * size + 1);
    });
    return { count: encoded[name].length, x: stored(all, tokenizer.vocabulary) };
  };
  const { vocabulary } = tokenizer;
  const spec: DataSpec = { shape: [size], values: "tokens", vocabulary, boundary };
  return { spec, splits: { train: split("train"), valid: split("valid"), test: split("test") } };
}

/** A split in which windows follow one another, each token modelled once: what a mean over the text is taken of. */
export function consecutive(split: Split, spec: DataSpec): Split {
  const size = sizeOf(spec.shape);
  if (spec.values !== "tokens" || split.stride === undefined || split.stride >= size - 1) return split;
  return { ...split, stride: size - 1, count: Math.floor((split.x.length - size) / (size - 1)) + 1 };
}

/** The same data with every split cut into windows that follow one another. */
export function consecutiveSplits<D extends Pick<Dataset, "spec" | "splits">>(data: D): D {
  const { spec, splits } = data;
  const cut = (name: SplitName) => consecutive(splits[name], spec);
  return { ...data, splits: { train: cut("train"), valid: cut("valid"), test: cut("test") } };
}

/** How many tokens of an example are modelled: all but the first, up to the second boundary token where there is one. */
export function modelledTokens(row: ArrayLike<number>, { boundary }: Pick<DataSpec, "boundary">): number {
  if (boundary === undefined) return row.length - 1;
  for (let i = 1; i < row.length; i++) if (row[i] === boundary) return i;
  return row.length - 1;
}
