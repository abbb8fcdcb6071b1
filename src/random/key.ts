import { UsageError } from "../base/errors.ts";
import { type Key, philoxBlocks, upperWord } from "./philox.ts";

/** Last counter words that keep the kinds of derived keys apart, and apart from streams, which use 0. */
const NUMBER = 1;
const TEXT = 2;
const TEXT_END = 3;

function checkInteger(value: number, what: string): void {
  if (!Number.isSafeInteger(value) || value < 0)
    throw new UsageError(`${what} must be a whole number from 0 to 2^53 - 1, not ${value}.`);
}

/** The key of a seed: the same seed gives the same numbers on every machine and backend. */
export function key(seed: number): Key {
  checkInteger(seed, "A seed");
  return { hi: upperWord(seed), lo: seed >>> 0 };
}

const words = new Uint32Array(4);

function derive(k: Key, tag: number, kind: number): Key {
  philoxBlocks(words, 0, 1, k, tag >>> 0, upperWord(tag), 0, kind);
  return { hi: words[1]!, lo: words[0]! };
}

/** UTF-8 bytes in groups of six, each group under a fresh key; the length goes in last so that no text is a prefix. */
function foldText(k: Key, text: string): Key {
  const bytes = new TextEncoder().encode(text);
  let result = k;
  for (let start = 0; start < bytes.length; start += 6) {
    const group = bytes.subarray(start, start + 6).reduce((sum, byte) => sum * 256 + byte, 0);
    result = derive(result, group, TEXT);
  }
  return derive(result, bytes.length, TEXT_END);
}

/** An independent key for a purpose: `fold(k, "dropout")`, `fold(k, epoch)`. The parent may still be used itself. */
export function fold(k: Key, tag: number | string): Key {
  if (typeof tag === "string") return foldText(k, tag);
  checkInteger(tag, "A key's tag");
  return derive(k, tag, NUMBER);
}

/** `n` independent keys: `split(k, n)[i]` is `fold(k, i)`. */
export function split(k: Key, n: number): Key[] {
  return Array.from({ length: n }, (_, i) => fold(k, i));
}
