import { describe, expect, test } from "vitest";
import { evaluate, f64 } from "../../tests/support/reference.ts";
import { finiteDifferences, grid, simpson } from "../../tests/support/statistics.ts";
import { float32 } from "../base/host.ts";
import type { Tensor } from "../graph/index.ts";
import { key, normal as normalNoise } from "../random/index.ts";
import { type Bijector, bijectors, normal, transformed } from "./index.ts";

const { affine, chain, exp, invert, logit, permutation, sigmoid, softplus, tanh } = bijectors;

const onLine = [-3.1, -0.4, 0.2, 1.9];
const cases: [string, () => Bijector, number[]][] = [
  ["affine", () => affine({ shift: 0.3, scale: -1.7 }), onLine],
  [
    "affine with a scale per element",
    () => affine({ shift: float32([1, 2, 3, 4]), scale: float32([0.1, -2, 3, 1]) }),
    onLine,
  ],
  ["exp", () => exp, onLine],
  ["sigmoid", () => sigmoid, onLine],
  ["tanh", () => tanh, [-2.1, -0.4, 0.2, 1.9]],
  ["softplus", () => softplus, onLine],
  ["logit", () => logit, [0.01, 0.3, 0.77, 0.95]],
  ["inverse softplus", () => invert(softplus), [0.1, 0.5, 2, 7]],
  ["permutation", () => permutation([2, 0, 3, 1]), onLine],
  [
    "chain",
    () =>
      chain(
        affine({ scale: 0.5 }),
        permutation([1, 3, 0, 2]),
        tanh,
        affine({ shift: 1, scale: float32([1, 2, 3, 4]) }),
      ),
    onLine,
  ],
];

/** log |det| of a square matrix given by rows, by elimination with pivots. */
function logAbsDet(rows: number[][]): number {
  const m = rows.map((row) => [...row]);
  let sum = 0;
  for (let k = 0; k < m.length; k++) {
    const pivot = m
      .map((row, i) => [i < k ? -1 : Math.abs(row[k]!), i] as const)
      .reduce((a, b) => (b[0] > a[0] ? b : a))[1];
    [m[k], m[pivot]] = [m[pivot]!, m[k]!];
    sum += Math.log(Math.abs(m[k]![k]!));
    for (let i = k + 1; i < m.length; i++) {
      const factor = m[i]![k]! / m[k]![k]!;
      m[i] = m[i]!.map((v, j) => v - factor * m[k]![j]!);
    }
  }
  return sum;
}

describe.each(cases)("%s", (_name, make, x) => {
  const apply = (fn: (b: Bijector, t: Tensor) => Tensor, at: readonly number[] = x) =>
    evaluate((t: Tensor) => fn(make(), t), f64(at));

  test("the inverse undoes it", () => {
    apply((b, t) => b.inverse(b.forward(t))).forEach((value, i) => {
      expect(value).toBeCloseTo(x[i]!, 7);
    });
  });

  test("the log-determinant is that of the numerical Jacobian", () => {
    const rows = x.map((_, i) => finiteDifferences((at) => apply((b, t) => b.forward(t), at)[i]!, x));
    const logDet = apply((b, t) => (b.eventRank === 0 ? b.logDet(t).sum() : b.logDet(t)))[0]!;
    expect(logDet).toBeCloseTo(logAbsDet(rows), 5);
  });
});

describe("transformed distributions", () => {
  test("the log-normal law integrates to one and has its textbook density", () => {
    const xs = grid(1e-9, 60, 20_001);
    const density = evaluate(
      (x: Tensor) =>
        transformed(normal({ mean: 0.2, stdDev: 0.6 }), exp)
          .logProb(x)
          .exp(),
      f64(xs),
    );
    expect(simpson(density, 1e-9, 60)).toBeCloseTo(1, 6);
    const [x, z] = [xs[500]!, (Math.log(xs[500]!) - 0.2) / 0.6];
    expect(density[500]).toBeCloseTo(Math.exp(-0.5 * z * z) / (x * 0.6 * Math.sqrt(2 * Math.PI)), 6);
  });

  test("vector maps of vector events keep the event", () => {
    const flow = chain(affine({ scale: float32([2, 0.5]) }), permutation([1, 0]));
    const noise = normalNoise(key(1), [3, 2]);
    const values = evaluate((e: Tensor) => {
      const base = normal({ mean: float32([0, 1]), stdDev: float32([1, 2]) }, 1);
      return transformed(base, flow)
        .logProb(transformed(base, flow).sample(e))
        .sub(base.logProb(base.sample(e)));
    }, noise);
    expect(values).toHaveLength(3);
    for (const value of values) expect(value).toBeCloseTo(0, 6); // the scales' logarithms cancel: log 2 + log ½
  });

  test("refuse a vector map of scalar events", () => {
    expect(() => transformed(normal({ mean: float32([0, 1]), stdDev: 1 }), permutation([1, 0]))).toThrow(/event first/);
  });
});
