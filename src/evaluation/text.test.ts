import { expect, test } from "vitest";
import { HostArray } from "../base/host.ts";
import { bpeTokenizer, charTokenizer, trainBpe } from "../data/text/index.ts";
import type { DataSpec } from "../data/types.ts";
import { TextCounter } from "./text.ts";

const spec: DataSpec = { shape: [4], values: "tokens", vocabulary: 3 };
const rowsOf = (...rows: number[][]) =>
  new HostArray("float32", [rows.length, rows[0]!.length], Float32Array.from(rows.flat()));

test("windows: every token but the first counts, characters are those of the modelled tokens", () => {
  const text = new TextCounter({ spec, tokenizer: charTokenizer(["\n", "a", "é"]) });
  text.add(rowsOf([0, 1, 2, 1]), [-6]);
  text.add(rowsOf([1, 1, 2, 1]), [-3]);
  const { stderrPerToken, ...rest } = text.figure();
  expect(rest).toEqual({
    tokens: 6,
    natsPerToken: 1.5,
    bitsPerToken: 1.5 / Math.LN2,
    bitsPerDim: 1.5 / Math.LN2,
    bitsPerChar: 1.5 / Math.LN2,
    perplexity: Math.exp(1.5),
  });
  expect(stderrPerToken).toBeCloseTo(0.5, 12); // of 2 and 1 nats per token: 0.707 / √2
});

test("lines: up to the end, which counts once as one character", () => {
  const text = new TextCounter({ spec: { ...spec, boundary: 0 }, tokenizer: charTokenizer(["\n", "a", "é"]) });
  text.add(rowsOf([0, 1, 0, 0], [0, 1, 2, 0]), [-4, -6]);
  expect(text.figure()).toMatchObject({ tokens: 5, natsPerToken: 2, bitsPerChar: 2 / Math.LN2, stderrPerToken: 0 });
});

test("byte pairs: bits per character count characters, not tokens or bytes", () => {
  const tokenizer = bpeTokenizer(trainBpe(new TextEncoder().encode("éaéaéa"), 258));
  const tokens = tokenizer.encode(new TextEncoder().encode("éaé"));
  const text = new TextCounter({ spec: { ...spec, shape: [tokens.length + 1] }, tokenizer });
  text.add(rowsOf([0, ...tokens]), [-3 * Math.LN2]);
  expect(text.figure().bitsPerChar).toBeCloseTo(1, 12);
});
