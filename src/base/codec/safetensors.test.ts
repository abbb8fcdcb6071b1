import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { toleratesDamage } from "../../../tests/support/fuzz.ts";
import { DataError } from "../errors.ts";
import { float32, HostArray, int64, scalar } from "../host.ts";
import { decodeSafetensors, encodeSafetensors, fillTree } from "./safetensors.ts";

const tree = {
  encoder: [{ weight: float32([1, -2, 3.5, 4, 5, 6], [2, 3]), bias: float32([0.25, Number.NaN, -0], [3]) }],
  step: new HostArray("int64", [], BigInt64Array.of(-(2n ** 60n))),
  mask: new HostArray("bool", [3], Uint8Array.of(1, 0, 1)),
  wide: new HostArray("float64", [1, 2], Float64Array.of(Math.PI, 5e-324)),
  empty: float32([], [0, 4]),
};

/** A file with a hand-written header, to check what the format says and not only that our two halves agree. */
function file(header: unknown, data: Uint8Array = new Uint8Array()): Uint8Array {
  const text = new TextEncoder().encode(typeof header === "string" ? header : JSON.stringify(header));
  const bytes = new Uint8Array(8 + text.length + data.length);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(text.length), true);
  bytes.set(text, 8);
  bytes.set(data, 8 + text.length);
  return bytes;
}
const entry = (dtype: string, shape: number[], begin: number, end: number) => ({
  dtype,
  shape,
  data_offsets: [begin, end],
});
const refused = (bytes: Uint8Array, message: RegExp) => {
  expect(() => decodeSafetensors(bytes)).toThrow(DataError);
  expect(() => decodeSafetensors(bytes)).toThrow(message);
};

describe("safetensors", () => {
  test("a tree comes back bit for bit, with its metadata", () => {
    const bytes = encodeSafetensors(tree, { model: "vae", note: 'quotes " and ü' });
    const { tensors, metadata } = decodeSafetensors(bytes);
    expect(fillTree(tree, tensors)).toEqual(tree);
    expect(metadata).toEqual({ model: "vae", note: 'quotes " and ü' });
    expect([...tensors.keys()]).toEqual(["step", "wide", "empty", "encoder/0/bias", "encoder/0/weight", "mask"]);
  });

  test("the bytes follow the published layout", () => {
    const bytes = encodeSafetensors({ a: float32([1, 2]) });
    const length = Number(new DataView(bytes.buffer).getBigUint64(0, true));
    expect(length % 8).toBe(0);
    expect(JSON.parse(new TextDecoder().decode(bytes.subarray(8, 8 + length)))).toEqual({ a: entry("F32", [2], 0, 8) });
    expect([...bytes.subarray(8 + length)]).toEqual([0, 0, 0x80, 0x3f, 0, 0, 0, 0x40]);
  });

  test("equal trees give equal bytes whatever the order of their branches", () => {
    const a = { x: scalar(1), y: scalar(2) };
    expect(encodeSafetensors({ y: a.y, x: a.x })).toEqual(encodeSafetensors(a));
  });

  test("half floats widen and narrow integers become int64", () => {
    const header = {
      h: entry("F16", [3], 0, 6),
      b: entry("BF16", [1], 6, 8),
      i: entry("I32", [1], 8, 12),
      u: entry("U8", [1], 12, 13),
    };
    const data = Uint8Array.of(0x00, 0x3c, 0x01, 0x00, 0x00, 0xfc, 0xc0, 0xbf, 0xfe, 0xff, 0xff, 0xff, 200);
    const { tensors } = decodeSafetensors(file(header, data));
    expect(tensors.get("h")).toEqual(float32([1, 2 ** -24, Number.NEGATIVE_INFINITY]));
    expect(tensors.get("b")).toEqual(float32([-1.5]));
    expect(tensors.get("i")).toEqual(int64([-2]));
    expect(tensors.get("u")).toEqual(int64([200]));
  });

  test("bytes that begin inside a larger buffer are read where they lie", () => {
    const bytes = encodeSafetensors(tree);
    const shifted = new Uint8Array(bytes.length + 3);
    shifted.set(bytes, 3);
    expect(fillTree(tree, decodeSafetensors(shifted.subarray(3)).tensors)).toEqual(tree);
    expect(fillTree(tree, decodeSafetensors(Buffer.from(bytes)).tensors)).toEqual(tree);
  });

  test("every kind of damage is named", () => {
    const eight = new Uint8Array(8);
    refused(Uint8Array.of(1, 2), /truncated/);
    refused(file("{", eight), /not valid JSON/);
    refused(Uint8Array.of(255, 255, 255, 255, 0, 0, 0, 0, 123), /header of 4294967295 bytes/);
    refused(Uint8Array.of(99, 0, 0, 0, 0, 0, 0, 0, 123), /truncated/);
    refused(file("[]"), /not a JSON object/);
    refused(
      file(
        '{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}',
        eight,
      ),
      /"a" twice/,
    );
    refused(file({ a: entry("F99", [1], 0, 4) }, eight), /unknown dtype "F99"/);
    refused(file({ a: entry("toString", [1], 0, 4) }, eight), /unknown dtype/);
    refused(file({ a: entry("F32", [2], 0, 16) }, eight), /outside the 8 bytes/);
    refused(file({ a: entry("F32", [1], 8, 4) }, eight), /outside/);
    refused(file({ a: entry("F32", [1], -4, 0) }, eight), /outside/);
    refused(file({ a: entry("F32", [3], 0, 8) }, eight), /truncated/);
    refused(file({ a: entry("F32", [1], 0, 8) }, eight), /takes 8 bytes where its shape needs 4/);
    refused(file({ a: entry("F32", [2 ** 30, 2 ** 30, 2 ** 30], 0, 8) }, eight), /truncated/);
    refused(file({ a: entry("F32", [1e300, 0], 0, 0) }), /size 1e\+300/);
    refused(file({ a: entry("F32", [-1], 0, 4) }, eight), /size -1/);
    refused(file({ a: entry("F32", [2], 0, 8), b: entry("F32", [1], 4, 8) }, eight), /overlaps/);
    refused(file({ a: entry("F32", [1], 4, 8) }, eight), /hole of 4 bytes/);
    refused(file({ a: entry("F32", [1], 0, 4) }, eight), /4 bytes after its last tensor/);
    refused(file({ a: entry("BOOL", [8], 0, 8) }, eight.fill(2)), /truth value/);
    refused(file({ a: 3 }), /not described/);
    refused(file({ __metadata__: { a: 1 } }), /not an object of strings/);
  });

  test("a file of another model is refused by name, shape and dtype", () => {
    const { tensors } = decodeSafetensors(encodeSafetensors({ a: float32([1, 2]) }));
    expect(() => fillTree({ b: float32([1, 2]) }, tensors)).toThrow(/no tensor "b"/);
    expect(() => fillTree({ a: float32([1]) }, tensors)).toThrow(/float32\[2\] where float32\[1\]/);
    expect(() => fillTree({ a: int64([1, 2]) }, tensors)).toThrow(/where int64\[2\]/);
    expect(() => fillTree({}, tensors)).toThrow(/the tensor "a", which the model does not know/);
  });

  test("names that JavaScript treats specially survive; colliding ones are refused", () => {
    const { tensors } = decodeSafetensors(
      encodeSafetensors(
        JSON.parse('{"__proto__":0,"constructor":1}', (_, v) => (typeof v === "number" ? scalar(v) : v)),
      ),
    );
    expect(new Set(tensors.keys())).toEqual(new Set(["__proto__", "constructor"]));
    expect(() => encodeSafetensors({ a: { b: scalar(1) }, "a/b": scalar(2) })).toThrow(
      /"a\/b" cannot be written twice/,
    );
    expect(() => encodeSafetensors({ __metadata__: scalar(1) })).toThrow(DataError);
  });

  test("any tree of float32 leaves comes back", () => {
    const leaf = fc.float32Array({ maxLength: 6 }).map((data) => float32(data));
    const property = fc.property(
      fc.dictionary(fc.string(), leaf, { maxKeys: 5, noNullPrototype: true }),
      (dictionary) => {
        fc.pre(!Object.hasOwn(dictionary, "__metadata__"));
        expect(fillTree(dictionary, decodeSafetensors(encodeSafetensors(dictionary)).tensors)).toEqual(dictionary);
      },
    );
    fc.assert(property, { numRuns: 100, seed: 1 });
  });

  test("damaged files raise DataError and nothing else", () => {
    toleratesDamage(encodeSafetensors(tree, { a: "b" }), decodeSafetensors, 1500);
  });
});
