import { DataError } from "../../base/errors.ts";
import { alphabetOrder, byteCharacters, spell } from "./alphabet.ts";
import { type AddedToken, tokenizerJson } from "./format.ts";
import { Heap } from "./heap.ts";
import type { Tokenizer } from "./tokenizer.ts";
import { bytesOfText, escapedText } from "./utf8.ts";
import { wordsOf } from "./words.ts";

/** What a byte-level pair encoding consists of. */
export interface Bpe {
  /** Bytes of every token by its number. */
  readonly tokens: readonly Uint8Array[];
  /** Pairs of tokens that become one, the most important first. */
  readonly merges: readonly (readonly [left: number, right: number])[];
  /** Tokens matched literally before anything else (<|endoftext|>). */
  readonly added?: readonly AddedToken[];
  /** Whether text is first cut by GPT-2's regular expression; merges never cross a cut. */
  readonly words: boolean;
}

/** Large enough for any vocabulary; a pair is one whole number below 2^53. */
const PAIR = 2 ** 26;

/** A pair of tokens as one number. */
export const pairOf = (left: number, right: number): number => left * PAIR + right;

/** The tokens of a pair. */
export const ofPair = (pair: number): [number, number] => [Math.floor(pair / PAIR), pair % PAIR];

interface Rule {
  readonly rank: number;
  readonly token: number;
}

type Rules = ReadonlyMap<number, Rule>;

/** What merging makes of each pair: the token that spells both. */
function rulesOf({ tokens, merges }: Bpe): Rules {
  const bySpelling = new Map(tokens.map((bytes, id) => [spell(bytes), id]));
  return new Map(
    merges.map(([left, right], rank) => {
      const spelling = spell(tokens[left]!) + spell(tokens[right]!);
      const token = bySpelling.get(spelling);
      if (token === undefined) throw new DataError(`A tokeniser merges to ${spelling}, which is none of its tokens.`);
      return [pairOf(left, right), { rank, token }];
    }),
  );
}

/** Words whose tokens are kept, so that each is merged once. */
const KEPT = 200_000;

/** Byte-level pair encoding (Sennrich et al. 2015, arXiv 1508.07909; Radford et al. 2019): any bytes can be encoded. */
export function bpeTokenizer(bpe: Bpe, kind: "bpe" | "byte" = "bpe"): Tokenizer {
  const rules = rulesOf(bpe);
  const added = [...(bpe.added ?? [])].sort((a, b) => b.content.length - a.content.length);
  const numbers = byteNumbers(bpe, new Set(added.map(({ id }) => id)));
  const known = new Map<string, readonly number[]>();
  const encodeWord = (word: string): readonly number[] => {
    const kept = known.get(word);
    if (kept) return kept;
    const tokens = merged(
      Array.from(bytesOfText(word), (byte) => numbers[byte]!),
      rules,
    );
    if (known.size < KEPT) known.set(word, tokens);
    return tokens;
  };
  const encodePlain = (text: string, into: number[]) => {
    for (const word of bpe.words ? wordsOf(text) : [text]) for (const token of encodeWord(word)) into.push(token);
  };
  return {
    kind,
    vocabulary: bpe.tokens.length,
    bytes: bpe.tokens,
    encode: (text) => {
      if (rules.size === 0 && added.length === 0) return Uint32Array.from(text, (byte) => numbers[byte]!);
      const tokens: number[] = [];
      for (const part of partsOf(escapedText(text), added))
        if (typeof part === "string") encodePlain(part, tokens);
        else tokens.push(part.id);
      return Uint32Array.from(tokens);
    },
    json: () =>
      tokenizerJson({
        tokens: bpe.tokens.map(spell),
        merges: bpe.merges.map(([left, right]) => `${spell(bpe.tokens[left]!)} ${spell(bpe.tokens[right]!)}`),
        added: bpe.added ?? [],
        byteLevel: true,
        words: bpe.words,
      }),
  };
}

/** The token of every single byte. */
function byteNumbers({ tokens }: Bpe, added: ReadonlySet<number>): Int32Array {
  const numbers = new Int32Array(256).fill(-1);
  tokens.forEach((bytes, id) => {
    if (bytes.length === 1 && !added.has(id)) numbers[bytes[0]!] = id;
  });
  const missing = numbers.indexOf(-1);
  if (missing !== -1)
    throw new DataError(
      `A byte-level tokeniser has a token for every byte, and this one has none for byte ${missing} (${byteCharacters[missing]}).`,
    );
  return numbers;
}

/** Text cut at added tokens; the longest of those that begin at a place is taken. */
function partsOf(text: string, added: readonly AddedToken[]): (string | AddedToken)[] {
  if (!added.some(({ content }) => text.includes(content))) return [text];
  const escaped = added.map(({ content }) => content.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&"));
  const byContent = new Map(added.map((token) => [token.content, token]));
  return text
    .split(new RegExp(`(${escaped.join("|")})`))
    .filter((part) => part !== "")
    .map((part) => byContent.get(part) ?? part);
}

/**
 * Merges neighbours by rank, the first in the text among equals, until no rule applies: O(n log n) in the length of a
 * word, so that a megabyte without a space is no trap.
 */
function merged(symbols: number[], rules: Rules): number[] {
  if (rules.size === 0 || symbols.length < 2) return symbols;
  const next = symbols.map((_, i) => i + 1);
  const previous = symbols.map((_, i) => i - 1);
  const queue = new Heap<readonly [rank: number, at: number, pair: number]>((a, b) =>
    a[0] === b[0] ? a[1] < b[1] : a[0] < b[0],
  );
  const offer = (at: number) => {
    const after = next[at]!;
    if (at < 0 || after >= symbols.length) return;
    const pair = pairOf(symbols[at]!, symbols[after]!);
    const rule = rules.get(pair);
    if (rule) queue.push([rule.rank, at, pair]);
  };
  for (let at = 0; at + 1 < symbols.length; at++) offer(at);
  for (let best = queue.pop(); best; best = queue.pop()) {
    const [, at, pair] = best;
    const after = next[at]!;
    if (symbols[at] === -1 || after >= symbols.length || pairOf(symbols[at]!, symbols[after]!) !== pair) continue;
    symbols[at] = rules.get(pair)!.token;
    symbols[after] = -1;
    next[at] = next[after]!;
    if (next[at]! < symbols.length) previous[next[at]!] = at;
    if (previous[at]! >= 0) offer(previous[at]!);
    offer(at);
  }
  return symbols.filter((symbol) => symbol !== -1);
}

/** One token for each byte: its number is the byte. */
export function byteTokenizer(): Tokenizer {
  const tokens = Array.from({ length: 256 }, (_, byte) => Uint8Array.of(byte));
  return bpeTokenizer({ tokens, merges: [], words: false }, "byte");
}

/** The 256 tokens every trained tokeniser begins with, in the order of GPT-2's vocabulary. */
export const firstTokens: readonly Uint8Array[] = alphabetOrder.map((byte) => Uint8Array.of(byte));
