import { describe, expect, test } from "vitest";
import { toleratesDamage } from "../../../tests/support/fuzz.ts";
import { DataError } from "../errors.ts";
import type { FileArray } from "./elements.ts";
import { toHostArray } from "./elements.ts";
import { decodeNpy, encodeNpy } from "./npy.ts";

/** An NPY file written by hand after NEP 1, independent of the encoder. */
function npy(
  descr: string,
  shape: string,
  data: readonly number[],
  options: { fortran?: boolean; version?: number } = {},
) {
  const { fortran = false, version = 1 } = options;
  const head = `{'descr': ${descr}, 'fortran_order': ${fortran ? "True" : "False"}, 'shape': ${shape}, }\n`;
  const length = version === 1 ? [head.length & 255, head.length >> 8] : [head.length & 255, head.length >> 8, 0, 0];
  return Uint8Array.of(
    0x93,
    ...new TextEncoder().encode("NUMPY"),
    version,
    0,
    ...length,
    ...new TextEncoder().encode(head),
    ...data,
  );
}

describe("npy", () => {
  test("reads little- and big-endian elements of every version", () => {
    for (const version of [1, 2, 3]) {
      expect(decodeNpy(npy("'<i2'", "(2,)", [1, 0, 255, 255], { version })).data).toEqual(Int16Array.of(1, -1));
      expect(decodeNpy(npy("'>i2'", "(2,)", [0, 1, 255, 255], { version })).data).toEqual(Int16Array.of(1, -1));
    }
    expect(decodeNpy(npy("'>f4'", "(1, 1)", [0x3f, 0x80, 0, 0]))).toEqual({
      type: "float32",
      shape: [1, 1],
      data: Float32Array.of(1),
    });
    expect(decodeNpy(npy("'<f2'", "()", [0, 0x3c])).data).toEqual(Float32Array.of(1));
    expect(decodeNpy(npy("'|b1'", "(2,)", [1, 0])).type).toBe("bool");
    expect(decodeNpy(npy("'<u8'", "(1,)", [255, 255, 255, 255, 255, 255, 255, 255])).data).toEqual(
      BigUint64Array.of(2n ** 64n - 1n),
    );
  });

  test("column-major files come out row-major", () => {
    const flat = decodeNpy(npy("'|u1'", "(2, 3)", [1, 4, 2, 5, 3, 6], { fortran: true }));
    expect(flat.data).toEqual(Uint8Array.of(1, 2, 3, 4, 5, 6));
    const stored = Array.from({ length: 24 }, (_, i) => i);
    const cube = decodeNpy(npy("'|u1'", "(2, 3, 4)", stored, { fortran: true }));
    const expected = stored.map((i) => Math.floor(i / 12) + 2 * (Math.floor(i / 4) % 3) + 6 * (i % 4));
    expect([...cube.data]).toEqual(expected);
  });

  test("what is written is read back, and starts its data at a multiple of 64", () => {
    const arrays: FileArray[] = [
      { type: "float32", shape: [2, 2], data: Float32Array.of(1, 2, 3, Number.NaN) },
      { type: "int64", shape: [1], data: BigInt64Array.of(-5n) },
      { type: "uint8", shape: [], data: Uint8Array.of(7) },
      { type: "bool", shape: [0, 3], data: new Uint8Array() },
    ];
    for (const array of arrays) {
      const bytes = encodeNpy(array);
      expect(decodeNpy(bytes)).toEqual(array);
      expect((bytes.length - array.data.byteLength) % 64).toBe(0);
    }
  });

  test("host arrays keep what fits", () => {
    expect(toHostArray(decodeNpy(npy("'|u1'", "(1,)", [200])), "x").data).toEqual(BigInt64Array.of(200n));
    expect(() => toHostArray(decodeNpy(npy("'|b1'", "(1,)", [3])), "x")).toThrow(DataError);
  });

  test("damage and foreign types are named", () => {
    const refused = (bytes: Uint8Array, message: RegExp) => expect(() => decodeNpy(bytes)).toThrow(message);
    refused(new Uint8Array(4), /not an NPY file/);
    refused(npy("'<f4'", "(3,)", [0, 0, 0, 0]), /truncated.*3 elements/);
    refused(npy("'<f4'", "(1000000000, 2000000000)", []), /truncated/);
    refused(npy("'<f4'", "(99999999999999999999,)", []), /size NaN/);
    refused(npy("'<f4'", "(1,)", [0, 0, 0, 0, 0]), /1 bytes more/);
    refused(npy("'|O'", "(1,)", [0]), /element type '\|O'/);
    refused(npy("[('a', '<f4')]", "(1,)", [0, 0, 0, 0]), /element type/);
    refused(npy("'<f4'", "(a,)", []), /damaged/);
    refused(npy("'<f4'", "(1,)", [0, 0, 0, 0], { version: 9 }), /version 9/);
    refused(npy("'<f4'", "(1,)", []).subarray(0, 30), /truncated within/);
  });

  test("damaged files raise DataError and nothing else", () => {
    toleratesDamage(npy("'<f4'", "(2, 1)", [0, 0, 128, 63, 0, 0, 0, 64], { fortran: true }), decodeNpy, 1500);
  });
});
