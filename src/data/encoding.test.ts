import { expect, test } from "vitest";
import { requantized } from "../base/bytes.ts";
import { fold, key } from "../random/index.ts";
import { binarizeOnce, checkEncoding, type Encoding, fillExamples, fillOneHot } from "./encoding.ts";
import type { DataSpec, Split } from "./types.ts";

const spec: DataSpec = { shape: [1, 5, 10], values: "bytes", classes: ["a", "b", "c"] };
const SIZE = 50;
const COUNT = 256;
/** Example i has byte i everywhere, but for a 0 and a 255 in front. */
const split: Split = {
  count: COUNT,
  x: Uint8Array.from({ length: COUNT * SIZE }, (_, i) =>
    i % SIZE === 0 ? 0 : i % SIZE === 1 ? 255 : Math.floor(i / SIZE),
  ),
  labels: Uint8Array.from({ length: COUNT }, (_, i) => i % 3),
};
const all = Array.from({ length: COUNT }, (_, i) => i);
const k = key(3);

function encode(indices: ArrayLike<number>, encoding: Encoding, epoch = 0): Float32Array {
  const out = new Float32Array(indices.length * SIZE);
  fillExamples(out, split, spec, indices, encoding, { key: k, epoch });
  return out;
}

test("bytes are scaled to [0, 1] or [-1, 1]", () => {
  const row = encode([51], {});
  expect([...row.subarray(0, 3)]).toEqual([0, 1, Math.fround(51 / 255)]);
  expect([...encode([51], { range: "symmetric" }).subarray(0, 3)]).toEqual([
    -1,
    1,
    Math.fround(2 * Math.fround(0.2) - 1),
  ]);
});

test("rows come in the order of the indices", () => {
  const out = encode([9, 4, 9], {});
  expect([out[2], out[SIZE + 2], out[2 * SIZE + 2]]).toEqual([9, 4, 9].map((byte) => Math.fround(byte / 255)));
});

test("a threshold is at 128", () => {
  const out = encode([127, 128], { binarize: "threshold" });
  expect([out[2], out[SIZE + 2]]).toEqual([0, 1]);
});

test.each(["static", "dynamic"] as const)("%s binarisation has the right frequency for every byte", (binarize) => {
  const draws = 40;
  const ones = new Float64Array(COUNT);
  let others = 0;
  for (let epoch = 0; epoch < draws; epoch++) {
    const noise = binarize === "dynamic" ? { key: k, epoch } : { key: fold(k, epoch), epoch: 0 };
    const out = new Float32Array(COUNT * SIZE);
    fillExamples(out, split, spec, all, { binarize }, noise);
    out.forEach((value, i) => {
      others += Number(value !== 0 && value !== 1);
      if (i % SIZE > 1) ones[Math.floor(i / SIZE)]! += value;
    });
  }
  const n = draws * (SIZE - 2);
  let chiSquare = 0;
  for (let byte = 1; byte < 255; byte++) {
    const p = byte / 255;
    chiSquare += (ones[byte]! - n * p) ** 2 / (n * p * (1 - p));
  }
  expect(others).toBe(0);
  expect(ones[0]).toBe(0);
  expect(ones[255]).toBe(n);
  expect(chiSquare).toBeLessThan(254 + 5 * Math.sqrt(2 * 254)); // false alarm below 1e-5
});

test("static draws stay for ever, dynamic draws change with the epoch", () => {
  expect(encode(all, { binarize: "static" }, 7)).toEqual(encode(all, { binarize: "static" }, 0));
  expect(encode(all, { binarize: "dynamic" }, 7)).toEqual(encode(all, { binarize: "dynamic" }, 7));
  expect(encode(all, { binarize: "dynamic" }, 7)).not.toEqual(encode(all, { binarize: "dynamic" }, 8));
});

test.each([{ binarize: "static" }, { binarize: "dynamic" }, { dequantize: true }] as const)(
  "%o: an example's noise does not depend on the batch around it",
  (encoding) => {
    const whole = encode(all, encoding, 2);
    for (const example of [0, 1, 100, 255])
      expect(encode([3, example], encoding, 2).subarray(SIZE)).toEqual(
        whole.subarray(example * SIZE, (example + 1) * SIZE),
      );
  },
);

test("dequantised bytes floor back to themselves and fill their bin evenly", () => {
  const out = encode(all, { dequantize: true }, 1);
  let [sum, wrong] = [0, 0];
  out.forEach((value, i) => {
    wrong += Number(requantized(value) !== split.x[i]! / 255);
    wrong += Number(requantized(Math.fround(split.x[i]! / 255)) !== split.x[i]! / 255);
    sum += value * 256 - split.x[i]!;
  });
  expect(wrong).toBe(0);
  expect(Math.abs(sum / out.length - 0.5)).toBeLessThan(5 / Math.sqrt(12 * out.length));
  expect(Math.max(...out)).toBeLessThan(1);
});

test("binarising once gives the bits of the static encoding under the split's key", () => {
  const once = binarizeOnce({ spec, splits: { train: split, valid: split, test: split } }, "static", k);
  const out = new Float32Array(COUNT * SIZE);
  fillExamples(out, split, spec, all, { binarize: "static" }, { key: fold(k, "test"), epoch: 0 });
  expect(once.spec.values).toBe("binary");
  expect(once.splits.test.x).toEqual(Uint8Array.from(out));
  expect(once.splits.test.x).not.toEqual(once.splits.train.x);
  const again = new Float32Array(COUNT * SIZE);
  fillExamples(again, once.splits.test, once.spec, all, {}, { key: k, epoch: 0 });
  expect(again).toEqual(out);
});

test("real numbers pass unchanged, labels become one-hot rows", () => {
  const real: Split = { count: 2, x: Float32Array.of(1.5, -2, 300, 0.25) };
  const out = new Float32Array(2);
  fillExamples(out, real, { shape: [2], values: "real" }, [1], { range: "symmetric" }, { key: k, epoch: 0 });
  expect([...out]).toEqual([300, 0.25]);
  const rows = new Float32Array(6).fill(9);
  fillOneHot(rows, split, 3, [2, 3]);
  expect([...rows]).toEqual([0, 0, 1, 1, 0, 0]);
  expect(() => fillOneHot(rows, real, 3, [0])).toThrow(/no labels/);
});

test("encodings that make no sense are refused", () => {
  const real: DataSpec = { shape: [2], values: "real" };
  const attempt = (s: DataSpec, encoding: Encoding) => () =>
    fillExamples(new Float32Array(2), { count: 1, x: new Float32Array(2) }, s, [0], encoding, { key: k, epoch: 0 });
  expect(attempt(real, { binarize: "static" })).toThrow(/real numbers/);
  expect(attempt(real, { dequantize: true })).toThrow(/dequantised/);
  expect(attempt(spec, { dequantize: true, binarize: "static" })).toThrow(/not both/);
});

test("tokens pass as they are, windows overlap by their stride, and no encoding touches them", () => {
  const spec: DataSpec = { shape: [3], values: "tokens", vocabulary: 7 };
  const split: Split = { count: 4, x: Uint8Array.of(0, 1, 2, 3, 4, 5), stride: 1 };
  const out = new Float32Array(6);
  fillExamples(out, split, spec, [3, 1], { range: "symmetric" }, { key: key(0), epoch: 0 });
  expect([...out]).toEqual([3, 4, 5, 1, 2, 3]);
  expect(() => checkEncoding(spec, { binarize: "threshold" })).toThrow(/holds tokens/);
  expect(() => checkEncoding(spec, { dequantize: true })).toThrow(/is tokens/);
});
