import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { fold, key, uniform } from "../../random/index.ts";
import { independenceTest } from "./independence-test.ts";
import { mutualInformation } from "./information.ts";

interface Golden {
  readonly cases: readonly {
    readonly shape: readonly [number, number, number];
    readonly counts: readonly number[];
    readonly "chi-square": { readonly statistic: number; readonly freedom: number; readonly p: number };
    readonly g: { readonly statistic: number; readonly freedom: number; readonly p: number };
  }[];
}

const golden = JSON.parse(
  readFileSync(new URL("../../../tests/golden/independence.json", import.meta.url), "utf8"),
) as Golden;

const over = (shape: readonly number[], counts: ArrayLike<number>) => ({
  variables: shape.map((size, i) => ({ name: "cab"[i]!, states: Array.from({ length: size }, (_, k) => `${k}`) })),
  values: Float64Array.from(counts),
});

describe("tests of independence from counts", () => {
  it.each(golden.cases)("agree with SciPy for counts of shape $shape", ({ shape, counts, ...expected }) => {
    for (const kind of ["chi-square", "g"] as const) {
      const found = independenceTest(over(shape, counts), "a", "b", ["c"], kind);
      expect(found.degreesOfFreedom).toBe(expected[kind].freedom);
      expect(found.statistic).toBeCloseTo(expected[kind].statistic, 9);
      expect(Math.abs(found.pValue / expected[kind].p - 1)).toBeLessThan(1e-9);
    }
  });

  it("G is 2N times the mutual information, and the order of variables does not matter", () => {
    const counts = over([1, 2, 3], [5, 9, 2, 8, 1, 4]);
    const g = independenceTest(counts, "a", "b");
    expect(g.statistic).toBeCloseTo(2 * 29 * mutualInformation(counts, ["a"], ["b"]), 10);
    expect(independenceTest(counts, "b", "a").statistic).toBeCloseTo(g.statistic, 10);
    expect(g.degreesOfFreedom).toBe(2);
  });

  it("rejects independence at 5% about one time in twenty where it holds", () => {
    let rejected = 0;
    for (let trial = 0; trial < 400; trial++) {
      const draws = uniform(fold(key(9), trial), [1000]).data;
      const counts = new Float64Array(4);
      for (let i = 0; i < 500; i++) counts[2 * Number(draws[2 * i]! < 0.3) + Number(draws[2 * i + 1]! < 0.6)]! += 1;
      if (independenceTest(over([1, 2, 2], counts), "a", "b").pValue < 0.05) rejected++;
    }
    // Four standard deviations of a binomial of 400 draws at 0.05 around 20.
    expect(Math.abs(rejected - 20)).toBeLessThan(17.5);
  });

  it("says one where nothing can be tested, and refuses what is no count", () => {
    expect(independenceTest(over([1, 2, 2], [5, 7, 0, 0]), "a", "b")).toEqual({
      statistic: 0,
      degreesOfFreedom: 0,
      pValue: 1,
    });
    expect(independenceTest(over([1, 2, 2], [0, 0, 0, 0]), "a", "b").pValue).toBe(1);
    expect(() => independenceTest(over([1, 2, 2], [1, -1, 0, 0]), "a", "b")).toThrow(/takes counts/);
    expect(() => independenceTest(over([1, 2, 2], [1, 1, 0, 0]), "a", "a")).toThrow(/named twice/);
  });
});
