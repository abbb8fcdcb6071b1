import { describe, expect, it } from "vitest";
import { UsageError } from "../base/errors.ts";
import { key } from "../random/index.ts";
import { maskNames, maskOf } from "./masks.ts";

/** A mask as rows of text, 1 where observed. */
const shown = (name: string, shape: readonly number[], count = 1) => {
  const { data } = maskOf(name, shape, count, key(0));
  const width = shape.at(-1)!;
  return Array.from({ length: data.length / width }, (_, i) => data.subarray(i * width, (i + 1) * width).join(""));
};

describe("masks by region say what is observed", () => {
  const cases: Record<string, string[]> = {
    "top-half": ["1111", "1111", "0000", "0000"],
    "bottom-half": ["0000", "0000", "1111", "1111"],
    "left-half": ["1100", "1100", "1100", "1100"],
    "right-half": ["0011", "0011", "0011", "0011"],
    border: ["1111", "1001", "1001", "1111"],
    none: ["0000", "0000", "0000", "0000"],
  };
  for (const [name, rows] of Object.entries(cases))
    it(name, () => {
      expect(shown(name, [1, 4, 4])).toEqual(rows);
      expect(shown(name, [3, 4, 4], 2)).toEqual(Array.from({ length: 6 }, () => rows).flat());
      expect(maskNames).toContain(name);
    });

  it("halves that together observe every element once, in odd sizes too", () => {
    for (const [a, b] of [
      ["top-half", "bottom-half"],
      ["left-half", "right-half"],
    ] as const) {
      const other = maskOf(b, [1, 5, 3], 1, key(0)).data;
      expect(maskOf(a, [1, 5, 3], 1, key(0)).data.map((value, i) => value + other[i]!)).toEqual(
        new Float32Array(15).fill(1),
      );
    }
  });

  it("vectors as one row", () => {
    expect(shown("left-half", [5])).toEqual(["11000"]);
    expect(maskOf("right-half", [6], 3, key(0)).shape).toEqual([3, 6]);
  });
});

describe("random masks", () => {
  it("observe each element with the probability given, independently by example, channels together", () => {
    const { data } = maskOf("random:0.3", [3, 16, 16], 40, key(5));
    const planes = Array.from({ length: 120 }, (_, i) => data.slice(i * 256, (i + 1) * 256));
    for (let i = 0; i < 40; i++) {
      expect(planes[3 * i + 1]).toEqual(planes[3 * i]);
      expect(planes[3 * i + 2]).toEqual(planes[3 * i]);
    }
    expect(planes[3]).not.toEqual(planes[0]);
    const mean = data.reduce((sum, value) => sum + value, 0) / data.length;
    expect(Math.abs(mean - 0.3)).toBeLessThan(4 * Math.sqrt((0.3 * 0.7) / 10_240));
  });

  it("of an example do not depend on how many there are", () => {
    const many = maskOf("random:0.5", [1, 4, 4], 9, key(1)).data;
    expect(maskOf("random:0.5", [1, 4, 4], 2, key(1)).data).toEqual(many.slice(0, 32));
    expect(maskOf("random", [1, 4, 4], 9, key(1)).data).toEqual(many);
    expect(maskOf("random:0.5", [1, 4, 4], 9, key(2)).data).not.toEqual(many);
  });

  it("observe nothing or everything at the ends", () => {
    expect(maskOf("random:0", [4], 2, key(0)).data).toEqual(new Float32Array(8));
    expect(maskOf("random:1", [4], 2, key(0)).data).toEqual(new Float32Array(8).fill(1));
  });
});

it("names and fractions that mean nothing are refused", () => {
  expect(() => maskOf("tophalf", [4], 1, key(0))).toThrow(/top-half/);
  for (const name of ["random:1.5", "random:-1", "random:", "random:x"])
    expect(() => maskOf(name, [4], 1, key(0))).toThrow(/between 0 and 1/);
  expect(() => maskOf("randomly", [4], 1, key(0))).toThrow(UsageError);
});
