import { expect, test } from "vitest";
import { fold, key, split } from "./key.ts";
import { fillBits, type Key } from "./philox.ts";

const show = (k: Key) => `${k.hi}:${k.lo}`;

test("a seed beyond 32 bits uses both words", () => {
  expect(key(0)).toEqual({ hi: 0, lo: 0 });
  expect(key(2 ** 32 + 7)).toEqual({ hi: 1, lo: 7 });
});

test.each([-1, 0.5, Number.NaN, 2 ** 53])("seed %s is refused", (seed) => {
  expect(() => key(seed)).toThrow(/whole number/);
  expect(() => fold(key(0), seed)).toThrow(/whole number/);
});

test("folding separates numbers, texts, orders and parents", () => {
  const k = key(1);
  const keys = [
    k,
    fold(k, 0),
    fold(k, 1),
    fold(k, 2 ** 32),
    fold(k, "0"),
    fold(k, ""),
    fold(k, "a"),
    fold(k, "b"),
    fold(k, "encoder"),
    fold(k, "encoder\0"),
    fold(k, "encoderencoder"),
    fold(fold(k, "encoder"), "encoder"),
    fold(fold(k, 0), 1),
    fold(fold(k, 1), 0),
    fold(key(2), 0),
    fold(k, "abcdef"),
    fold(k, "abcdefg"),
    fold(k, "ä"),
  ];
  expect(new Set(keys.map(show)).size).toBe(keys.length);
});

test("folding is a pure function of key and tag", () => {
  expect(fold(key(5), "noise")).toEqual(fold(key(5), "noise"));
  expect(split(key(5), 3)).toEqual([0, 1, 2].map((i) => fold(key(5), i)));
});

test("a derived stream shares no 64-bit piece with its parent", () => {
  const parent = new Uint32Array(40_000);
  const child = new Uint32Array(40_000);
  fillBits(key(3), parent);
  fillBits(fold(key(3), 0), child);
  const pieces = (words: Uint32Array) =>
    Array.from({ length: words.length / 2 }, (_, i) => `${words[2 * i]}:${words[2 * i + 1]}`);
  const seen = new Set(pieces(parent));
  expect(pieces(child).filter((piece) => seen.has(piece))).toEqual([]);
});

test("flipping one bit of the tag flips about half of the bits of the key", () => {
  const count = (x: number) => x.toString(2).replaceAll("0", "").length;
  const flips: number[] = [];
  for (let tag = 0; tag < 64; tag++)
    for (let bit = 0; bit < 20; bit++) {
      const [a, b] = [fold(key(9), tag), fold(key(9), tag ^ (1 << bit))];
      flips.push(count((a.hi ^ b.hi) >>> 0) + count((a.lo ^ b.lo) >>> 0));
    }
  const mean = flips.reduce((sum, n) => sum + n, 0) / flips.length;
  expect(Math.abs(mean - 32)).toBeLessThan(5 * (4 / Math.sqrt(flips.length))); // binomial(64, ½): standard deviation 4
});
