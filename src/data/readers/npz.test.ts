import { zipSync } from "fflate";
import { describe, expect, test } from "vitest";
import { toleratesDamage } from "../../../tests/support/fuzz.ts";
import { encodeNpy } from "../../base/codec/npy.ts";
import { isZip, readNpz } from "./npz.ts";

const x = { type: "float32", shape: [2, 2], data: Float32Array.of(1, 2, 3, 4) } as const;
const y = { type: "uint8", shape: [2], data: Uint8Array.of(7, 8) } as const;
const files = { "x.npy": encodeNpy(x), "y.npy": encodeNpy(y), "notes.txt": Uint8Array.of(1) };
const stored = zipSync(files, { level: 0 });
const deflated = zipSync(files, { level: 9 });

/** Where a signature lies. */
function find(bytes: Uint8Array, ...signature: number[]): number {
  return bytes.findIndex((_, i) => signature.every((byte, j) => bytes[i + j] === byte));
}

describe("npz", () => {
  test("reads stored and deflated arrays, leaving other files alone", () => {
    for (const bytes of [stored, deflated]) {
      expect(isZip(bytes)).toBe(true);
      expect([...readNpz(bytes)]).toEqual([
        ["x", x],
        ["y", y],
      ]);
    }
  });

  test("sizes that the archive declares are not believed", () => {
    const lying = deflated.slice();
    const directory = find(lying, 0x50, 0x4b, 1, 2);
    new DataView(lying.buffer).setUint32(directory + 24, 0xffffffff, true);
    expect(readNpz(lying).get("x")).toEqual(x);
    new DataView(lying.buffer).setUint32(directory + 20, 0xfffffff0, true);
    expect(() => readNpz(lying)).toThrow(/truncated/);
  });

  test("a bomb stops at the limit, over all arrays together", () => {
    const big = encodeNpy({ type: "uint8", shape: [2 ** 24], data: new Uint8Array(2 ** 24) });
    const bomb = zipSync({ "a.npy": big, "b.npy": big });
    expect(() => readNpz(bomb, "bomb.npz", 2 ** 20)).toThrow(/"a\.npy" of bomb\.npz unpacks to more than/);
    expect(() => readNpz(bomb, "bomb.npz", 2 ** 24 + 2 ** 20)).toThrow(/"b\.npy" of bomb\.npz unpacks to more than/);
  });

  test("damage is named", () => {
    const flipped = stored.slice();
    flipped[find(flipped, 0x93, 0x4e)]! ^= 1;
    expect(() => readNpz(flipped)).toThrow(/checksum does not fit/);
    expect(() => readNpz(deflated.subarray(0, deflated.length - 4))).toThrow(/directory is missing/);
    expect(() => readNpz(zipSync({ "a.txt": Uint8Array.of(1) }))).toThrow(/no \.npy array/);
    const text = zipSync({ "a.npy": new TextEncoder().encode("hello, this is not an array") });
    expect(() => readNpz(text)).toThrow(/Array "a".*not an NPY file/);
  });

  test("damaged files raise DataError and nothing else", () => {
    toleratesDamage(stored, (bytes) => readNpz(bytes), 800);
    toleratesDamage(deflated, (bytes) => readNpz(bytes), 800);
  });
});
