import { gzipSync } from "fflate";
import { describe, expect, test } from "vitest";
import { toleratesDamage } from "../../../tests/support/fuzz.ts";
import { encodeIdx, isIdx, readIdx } from "./idx.ts";
import { gunzip } from "./inflate.ts";

const cube = encodeIdx([2, 1, 3], Uint8Array.of(1, 2, 3, 4, 5, 255));

describe("idx", () => {
  test("reads every type code, big-endian as the format demands", () => {
    const one = (code: number, ...data: number[]) => readIdx(Uint8Array.of(0, 0, code, 1, 0, 0, 0, 1, ...data)).data;
    expect(one(8, 200)).toEqual(Uint8Array.of(200));
    expect(one(9, 200)).toEqual(Int8Array.of(-56));
    expect(one(11, 255, 254)).toEqual(Int16Array.of(-2));
    expect(one(12, 0, 1, 0, 0)).toEqual(Int32Array.of(65536));
    expect(one(13, 0x3f, 0x80, 0, 0)).toEqual(Float32Array.of(1));
    expect(one(14, 0xbf, 0xe0, 0, 0, 0, 0, 0, 0)).toEqual(Float64Array.of(-0.5));
  });

  test("reads gzip and plain bytes alike", () => {
    expect(readIdx(cube)).toEqual({ type: "uint8", shape: [2, 1, 3], data: Uint8Array.of(1, 2, 3, 4, 5, 255) });
    expect(readIdx(gzipSync(cube))).toEqual(readIdx(cube));
    expect(isIdx(cube)).toBe(true);
    expect(isIdx(gzipSync(cube))).toBe(false);
  });

  test("damage is named, and a hostile header allocates nothing", () => {
    expect(() => readIdx(cube.subarray(0, cube.length - 1))).toThrow(/truncated: its header claims 6 elements/);
    expect(() => readIdx(Uint8Array.of(...cube, 0))).toThrow(/1 bytes more than its shape \(2, 1, 3\)/);
    expect(() => readIdx(Uint8Array.of(0, 0, 8, 2, 127, 255, 255, 255, 127, 255, 255, 255))).toThrow(/truncated/);
    expect(() => readIdx(Uint8Array.of(0, 0, 8, 1, 255, 255, 255, 255))).toThrow(/size 4294967295/);
    expect(() => readIdx(Uint8Array.of(0, 0, 8, 3, 0, 0))).toThrow(/header of 3 sizes/);
    expect(() => readIdx(Uint8Array.of(0, 0, 7, 1))).toThrow(/type code 7/);
    expect(() => readIdx(new Uint8Array())).toThrow(/not an IDX file/);
  });

  test("damaged files raise DataError and nothing else", () => {
    toleratesDamage(cube, readIdx, 800);
    toleratesDamage(gzipSync(cube), readIdx, 800);
  });
});

describe("gunzip", () => {
  const content = Uint8Array.from({ length: 100_000 }, (_, i) => (i * i) & 255);
  const packed = gzipSync(content);

  test("unpacks across many steps, and several members in one file", () => {
    expect(gunzip(packed, "x")).toEqual(content);
    expect(gunzip(Uint8Array.of(...gzipSync(cube), ...gzipSync(cube)), "x")).toEqual(Uint8Array.of(...cube, ...cube));
  });

  test("a bomb stops at the limit, long before it has unpacked", () => {
    const bomb = gzipSync(new Uint8Array(2 ** 26));
    const before = process.memoryUsage().arrayBuffers;
    expect(() => gunzip(bomb, "the bomb", 2 ** 20)).toThrow(/the bomb unpacks to more than 1048576 bytes/);
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(2 ** 26);
  });

  test("a flipped bit anywhere in the data is noticed", () => {
    for (const at of [20, 100, packed.length >> 1, packed.length - 6, packed.length - 2]) {
      const copy = packed.slice();
      copy[at]! ^= 4;
      expect(() => gunzip(copy, "x")).toThrow(/damaged|truncated/);
    }
    for (const length of [3, 17, 30, packed.length - 9, packed.length - 1])
      expect(() => gunzip(packed.subarray(0, length), "x")).toThrow(/gzip|truncated/);
  });
});
