import { UsageError } from "../../base/errors.ts";
import { spell } from "./alphabet.ts";
import { type Bpe, firstTokens, ofPair, pairOf } from "./bpe.ts";
import { Heap } from "./heap.ts";
import { bytesOfText, escapedText } from "./utf8.ts";
import { wordsOf } from "./words.ts";

interface Word {
  symbols: number[];
  readonly count: number;
}

/** How often each pair of neighbours occurs, and in which words it did at some time. */
interface Pairs {
  readonly counts: Map<number, number>;
  readonly places: Map<number, Set<number>>;
}

/** The different words of a text with how often each comes, as tokens of single bytes. */
function countWords(text: Uint8Array): Word[] {
  const counts = new Map<string, number>();
  for (const word of wordsOf(escapedText(text))) counts.set(word, (counts.get(word) ?? 0) + 1);
  const numbers = new Uint8Array(256);
  firstTokens.forEach(([byte], id) => {
    numbers[byte!] = id;
  });
  return [...counts].map(([word, count]) => ({ count, symbols: Array.from(bytesOfText(word), (b) => numbers[b]!) }));
}

function addWord({ counts, places }: Pairs, { symbols, count }: Word, index: number, changed?: Set<number>): void {
  for (let i = 0; i + 1 < symbols.length; i++) {
    const pair = pairOf(symbols[i]!, symbols[i + 1]!);
    counts.set(pair, (counts.get(pair) ?? 0) + count);
    const known = places.get(pair);
    if (known) known.add(index);
    else places.set(pair, new Set([index]));
    changed?.add(pair);
  }
}

function removeWord({ counts }: Pairs, { symbols, count }: Word): void {
  for (let i = 0; i + 1 < symbols.length; i++) {
    const pair = pairOf(symbols[i]!, symbols[i + 1]!);
    counts.set(pair, counts.get(pair)! - count);
  }
}

/** A word with every occurrence of a pair, from the left, replaced by one token. */
function withMerged(symbols: readonly number[], left: number, right: number, token: number): number[] {
  const result: number[] = [];
  for (let i = 0; i < symbols.length; i++) {
    const found = symbols[i] === left && symbols[i + 1] === right;
    result.push(found ? token : symbols[i]!);
    if (found) i++;
  }
  return result;
}

/** A pair with the count it had when it was queued; the more frequent comes first, then the pair of smaller tokens. */
type Candidate = readonly [pair: number, count: number];
const comesBefore = (a: Candidate, b: Candidate) => (a[1] === b[1] ? a[0] < b[0] : a[1] > b[1]);

function joined(left: Uint8Array, right: Uint8Array): Uint8Array {
  const both = new Uint8Array(left.length + right.length);
  both.set(left);
  both.set(right, left.length);
  return both;
}

/**
 * Learns a byte-level pair encoding (Sennrich et al. 2015, arXiv 1508.07909): the most frequent pair within the words
 * of the text becomes a token, until there are `vocabulary` tokens or no pair is left. Ties go to the pair of smaller
 * token numbers, so the same text gives the same tokens everywhere; they are those of Hugging Face's trainer.
 */
export function trainBpe(text: Uint8Array, vocabulary: number, progress?: (fraction: number) => void): Bpe {
  if (!Number.isInteger(vocabulary) || vocabulary < 256)
    throw new UsageError(`A byte-level vocabulary has at least the 256 bytes; got ${vocabulary}.`);
  const words = countWords(text);
  const pairs: Pairs = { counts: new Map(), places: new Map() };
  words.forEach((word, index) => {
    addWord(pairs, word, index);
  });
  const queue = new Heap<Candidate>(comesBefore);
  for (const candidate of pairs.counts) queue.push(candidate);
  const tokens = [...firstTokens];
  const numbers = new Map(tokens.map((bytes, id) => [spell(bytes), id]));
  const merges: [number, number][] = [];
  while (tokens.length < vocabulary) {
    const pair = nextPair(queue, pairs.counts);
    if (pair === undefined) break;
    const [left, right] = ofPair(pair);
    const both = joined(tokens[left]!, tokens[right]!);
    const token = numbers.get(spell(both)) ?? tokens.length;
    if (token === tokens.length) tokens.push(both);
    numbers.set(spell(both), token);
    merges.push([left, right]);
    mergePair(words, pairs, queue, pair, token);
    if (tokens.length % 64 === 0) progress?.(tokens.length / vocabulary);
  }
  return { tokens, merges, words: true };
}

/** The most frequent pair; counts that have changed since they were queued are queued anew. */
function nextPair(queue: Heap<Candidate>, counts: ReadonlyMap<number, number>): number | undefined {
  for (let best = queue.pop(); best; best = queue.pop()) {
    const count = counts.get(best[0]) ?? 0;
    if (count === best[1]) return count > 0 ? best[0] : undefined;
    if (count > 0) queue.push([best[0], count]);
  }
  return undefined;
}

function mergePair(words: Word[], pairs: Pairs, queue: Heap<Candidate>, pair: number, token: number): void {
  const [left, right] = ofPair(pair);
  const changed = new Set<number>();
  for (const index of pairs.places.get(pair)!) {
    const word = words[index]!;
    const symbols = withMerged(word.symbols, left, right, token);
    if (symbols.length === word.symbols.length) continue;
    removeWord(pairs, word);
    word.symbols = symbols;
    addWord(pairs, word, index, changed);
  }
  pairs.counts.delete(pair);
  pairs.places.delete(pair);
  for (const each of changed) {
    const count = pairs.counts.get(each);
    if (count !== undefined && count > 0 && ofPair(each).includes(token)) queue.push([each, count]);
  }
}
