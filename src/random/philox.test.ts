import { expect, test } from "vitest";
import { fillBits, philoxBlocks } from "./philox.ts";

/** From the file kat_vectors of Random123 (D. E. Shaw Research), lines "philox4x32 10": counter, key, result. */
const published = [
  "00000000 00000000 00000000 00000000 00000000 00000000 6627e8d5 e169c58d bc57ac4c 9b00dbd8",
  "ffffffff ffffffff ffffffff ffffffff ffffffff ffffffff 408f276d 41c83b0e a20bc7c6 6d5451fd",
  "243f6a88 85a308d3 13198a2e 03707344 a4093822 299f31d0 d16cfe09 94fdcceb 5001e420 24126ea1",
];

test.each(published)("philox 4x32-10 gives the published words for %s", (line) => {
  const [c0, c1, c2, c3, lo, hi, ...expected] = line.split(" ").map((word) => Number.parseInt(word, 16));
  const out = new Uint32Array(4);
  philoxBlocks(out, 0, 1, { lo: lo!, hi: hi! }, c0!, c1!, c2!, c3!);
  expect([...out]).toEqual(expected);
});

test("the counter carries into its second word", () => {
  const k = { hi: 3, lo: 4 };
  const across = new Uint32Array(8);
  philoxBlocks(across, 0, 2, k, 0xffffffff, 5);
  const after = new Uint32Array(4);
  philoxBlocks(after, 0, 1, k, 0, 6);
  expect([...across.subarray(4)]).toEqual([...after]);
});

test("words do not depend on how the stream is cut into pieces", () => {
  const k = { hi: 1, lo: 2 };
  for (const base of [0, 1, 2, 3, 4 * 2 ** 32 - 6]) {
    const whole = new Uint32Array(23);
    fillBits(k, whole, base);
    for (let cut = 0; cut <= 23; cut++) {
      const left = new Uint32Array(cut);
      const right = new Uint32Array(23 - cut);
      fillBits(k, left, base);
      fillBits(k, right, base + cut);
      expect([...left, ...right]).toEqual([...whole]);
    }
  }
});

test.each([-1, 0.5, Number.NaN])("offset %s is refused", (offset) => {
  expect(() => fillBits({ hi: 0, lo: 0 }, new Uint32Array(4), offset)).toThrow(/from 0 on/);
});
