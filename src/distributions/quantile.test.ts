import { expect, test } from "vitest";
import { evaluate, f64 } from "../../tests/support/reference.ts";
import type { Tensor } from "../graph/index.ts";
import { normalQuantile as exactQuantile } from "../random/index.ts";
import { inverseErf, normalQuantile } from "./index.ts";

test("the normal quantile agrees with AS 241 to single precision, tails included", () => {
  const u = [2 ** -25, 1e-5, 0.003, 0.2, 0.49, 0.5, 0.7, 0.98, 0.9999, 1 - 2 ** -24];
  evaluate((t: Tensor) => normalQuantile(t), f64(u)).forEach((value, i) => {
    const exact = exactQuantile(u[i]! - 0.5);
    expect(Math.abs(value - exact)).toBeLessThan(1e-6 * (1 + Math.abs(exact)));
  });
});

test("erf undoes its inverse", () => {
  const x = [-0.999, -0.5, 0, 0.1, 0.9];
  evaluate((t: Tensor) => inverseErf(t).erf(), f64(x)).forEach((value, i) => {
    expect(value).toBeCloseTo(x[i]!, 6);
  });
});
