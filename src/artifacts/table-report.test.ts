import { describe, expect, it } from "vitest";
import { HostArray } from "../base/host.ts";
import { areShares } from "./run-latent.node.ts";
import { thinned } from "./table-report.node.ts";

const NAN = Number.NaN;

describe("rows that are drawn", () => {
  it("are those that hold anything, all of them where they are few", () => {
    const columns = [Float64Array.of(1, NAN, NAN, 4, 5), Float64Array.of(NAN, NAN, 3, 6, NAN)];
    expect(thinned(columns, 9)).toEqual([Float64Array.of(1, NAN, 4, 5), Float64Array.of(NAN, 3, 6, NAN)]);
  });

  it("are picked from all over, whatever their period, and stay together", () => {
    const count = 10_000;
    const steps = Float64Array.from({ length: count }, (_, n) => n % 10);
    const [first, second] = thinned([steps, steps.map((step) => -step)], 1000);
    expect(first!.length).toBe(1000);
    expect(second).toEqual(first!.map((step) => -step));
    for (let step = 0; step < 10; step++) {
      const times = first!.filter((each) => each === step).length;
      expect(Math.abs(times - 100)).toBeLessThan(40); // four standard deviations
    }
  });
});

it("codes are shares where each sums to one and none is negative", () => {
  const codes = (width: number, ...values: number[]) =>
    new HostArray("float32", [values.length / width, width], Float32Array.from(values));
  expect(areShares(codes(2, 1, 0, 0.3, 0.7))).toBe(true);
  expect(areShares(codes(1, 1, 1, 1))).toBe(true);
  expect(areShares(codes(2, 1, 0, 0.3, 0.8))).toBe(false);
  expect(areShares(codes(2, 1.5, -0.5))).toBe(false);
});
