import { expect, test } from "vitest";
import { evaluate, f64 } from "../../tests/support/reference.ts";
import { float32, toNumbers } from "../base/host.ts";
import { grad, type Tensor } from "../graph/index.ts";
import { jit } from "../runtime/index.ts";
import { nativeRuntime } from "../runtime/ort/native.node.ts";
import { digamma, logBeta, logGamma } from "./index.ts";

/** x, log Γ(x) and ψ(x): scipy 1.17.1, scipy.special.gammaln and digamma. */
const GOLDEN = [
  [1e-300, 690.7755278982137, -1e300],
  [1e-10, 23.025850929882733, -10000000000.577215],
  [0.1, 2.252712651734206, -10.423754940411076],
  [0.5, 0.5723649429247, -1.9635100260214235],
  [0.999, 0.0005780385328917337, -0.5788618021086455],
  [1, 0, -0.5772156649015329],
  [1.5, -0.12078223763524526, 0.03648997397857652],
  [2.0001, 4.228165811291995e-5, 0.42284882648466526],
  [7.7, 7.926541356269006, 1.9748820949131018],
  [10, 12.801827480081469, 2.251752589066721],
  [100, 359.1342053695754, 4.600161852738088],
  [1e5, 1051287.7089736569, 11.512920464961896],
  [1e10, 220258509288.81058, 23.025850929890456],
  [1e30, 6.8077552789821365e31, 69.07755278982137],
] as const;
const x = GOLDEN.map(([at]) => at);

/** The largest |found − exact| / (1 + |exact|). */
const error = (found: ArrayLike<number>, column: 1 | 2) =>
  GOLDEN.reduce((worst, row, i) => Math.max(worst, Math.abs(found[i]! - row[column]) / (1 + Math.abs(row[column]))), 0);

test("log Γ and its derivative in the float64 reference", () => {
  expect(
    error(
      evaluate((t: Tensor) => logGamma(t), f64(x)),
      1,
    ),
  ).toBeLessThan(1e-14);
  expect(
    error(
      evaluate((t: Tensor) => digamma(t), f64(x)),
      2,
    ),
  ).toBeLessThan(1e-14);
  expect(evaluate((t: Tensor) => logGamma(t), f64([0]))).toEqual([Number.POSITIVE_INFINITY]);
});

test("log Γ and its derivative in single precision", async () => {
  const runtime = await nativeRuntime({ threads: 1 });
  const usual = GOLDEN.filter(([at]) => at > 1e-30 && at < 1e12).map(([at]) => at);
  const [value, slope] = [jit((t: Tensor) => logGamma(t), runtime), jit((t: Tensor) => digamma(t), runtime)];
  const exact = (column: 1 | 2) => GOLDEN.filter(([at]) => usual.includes(at as never)).map((row) => row[column]);
  for (const [fn, column] of [
    [value, 1],
    [slope, 2],
  ] as const) {
    const expected = exact(column);
    toNumbers(await fn(float32(usual) as never)).forEach((found, i) => {
      expect(Math.abs(found - expected[i]!) / (1 + Math.abs(expected[i]!))).toBeLessThan(1.5e-6);
    });
  }
});

test("the second derivative is the trigamma function", () => {
  const trigamma = grad((t: Tensor) => digamma(t).sum());
  // π²/6, π²/2 and π²/6 − 1: the values at 1, ½ and 2
  const found = evaluate(((t: Tensor) => trigamma(t)) as never, f64([1, 0.5, 2]));
  [Math.PI ** 2 / 6, Math.PI ** 2 / 2, Math.PI ** 2 / 6 - 1].forEach((value, i) => {
    expect(found[i]).toBeCloseTo(value, 12);
  });
});

test("log B(a, b) of whole numbers is that of factorials", () => {
  const found = evaluate((a: Tensor, b: Tensor) => logBeta(a, b), f64([3, 1, 5]), f64([4, 1, 2]));
  [1 / 60, 1, 1 / 30].forEach((value, i) => {
    expect(found[i]).toBeCloseTo(Math.log(value), 12);
  });
});
