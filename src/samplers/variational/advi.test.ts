import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { float32 } from "../../base/host.ts";
import { constant, type Tensor } from "../../graph/index.ts";
import { key } from "../../random/index.ts";
import { doubleTarget } from "../target.ts";
import { advi } from "./advi.ts";

const golden = JSON.parse(readFileSync(new URL("../../../tests/golden/mcmc.json", import.meta.url), "utf8"));

/** N((1, −2), [[1, 0.8], [0.8, 1]]) times e³. */
const precision = constant(float32([1 / 0.36, -0.8 / 0.36, -0.8 / 0.36, 1 / 0.36], [2, 2]));
const correlated = doubleTarget((q: Tensor) => {
  const z = q.sub(float32([1, -2]));
  return z.mul(precision.matmul(z)).sum().mul(-0.5).add(3);
}, 2);
const logEvidence = 3 + Math.log(2 * Math.PI) + 0.5 * Math.log(0.36);

describe("variational inference", () => {
  it("finds a normal target exactly with full rank: mean, covariance, evidence", async () => {
    const { law, elbo, stderr, weights, converged, notes } = await advi(correlated, { key: key(1), kind: "full-rank" });
    expect(converged).toBe(true);
    expect(notes).toEqual([]);
    expect(law.location[0]).toBeCloseTo(1, 1);
    expect(law.location[1]).toBeCloseTo(-2, 1);
    const [a, , b, c] = law.scale;
    expect(Math.abs(a! ** 2 - 1)).toBeLessThan(0.1);
    expect(Math.abs(a! * b! - 0.8)).toBeLessThan(0.1);
    expect(Math.abs(b! ** 2 + c! ** 2 - 1)).toBeLessThan(0.1);
    expect(Math.abs(elbo - logEvidence)).toBeLessThan(0.02 + 4 * stderr);
    expect(weights.k).toBeLessThan(0.5);
  });

  it("with independent coordinates takes the conditional spreads and pays the mutual information", async () => {
    const { law, elbo } = await advi(correlated, { key: key(2) });
    // The best factorised normal has variances 1/Λᵢᵢ and KL −½ log(1 − ρ²).
    for (const scale of law.scale) expect(Math.abs(Math.exp(scale) - 0.6)).toBeLessThan(0.03);
    expect(Math.abs(elbo - (logEvidence + 0.5 * Math.log(0.36)))).toBeLessThan(0.06);
  });

  it("agrees with quadrature on a logistic regression", async () => {
    const { x, y, mean, covariance, logEvidence: exact } = golden.logisticRegression;
    const features = constant(float32(x.flat(), [60, 3]));
    const posterior = doubleTarget((w) => {
      const logits = features.matmul(w);
      const likelihood = logits.mul(float32(y)).sub(logits.softplus()).sum();
      return likelihood.add(w.div(2.5).square().sum().mul(-0.5));
    }, 3);
    const { law, elbo, weights } = await advi(posterior, { key: key(3), kind: "full-rank" });
    mean.forEach((value: number, i: number) => {
      expect(Math.abs(law.location[i]! - value)).toBeLessThan(0.15 * Math.sqrt(covariance[i][i]));
    });
    expect(elbo).toBeLessThan(exact + 1.5 * Math.log(2 * Math.PI) + 3 * Math.log(2.5) + 0.05);
    expect(elbo).toBeGreaterThan(exact + 1.5 * Math.log(2 * Math.PI) + 3 * Math.log(2.5) - 0.2);
    expect(weights.k).toBeLessThan(1);
    const priors = 1.5 * Math.log(2 * Math.PI) + 3 * Math.log(2.5); // constants that this density leaves out
    // The best full-rank law, by L-BFGS on the bound with Gauss-Hermite expectations: bench/peers/advi_optimum.py.
    const best = { elbo: -36.669096, location: [0.24335, 1.44938, -1.11665], deviations: [0.32163, 0.42755, 0.39336] };
    expect(Math.abs(elbo - priors - best.elbo)).toBeLessThan(0.05);
    best.location.forEach((value, i) => {
      expect(Math.abs(law.location[i]! - value)).toBeLessThan(0.03 * best.deviations[i]!);
      const spread = Math.hypot(...law.scale.subarray(i * 3, i * 3 + 3));
      expect(Math.abs(spread / best.deviations[i]! - 1)).toBeLessThan(0.03);
    });
  });

  it("warns where a normal law is a poor stand-in", async () => {
    // Student t with two degrees of freedom, in five dimensions: tails that no normal has.
    const heavy = doubleTarget((q) => q.square().div(2).log1p().mul(-1.5).sum(), 5);
    const { notes, weights } = await advi(heavy, { key: key(4) });
    expect(weights.k).toBeGreaterThan(0.7);
    expect(notes.join(" ")).toMatch(/approximation (is|may be) poor: Pareto k is .* ± .* above 0.7/);
  });

  it("repeats from the key, and refuses what cannot be", async () => {
    const short = { key: key(5), steps: 200, draws: 50 };
    const [first, second] = [await advi(correlated, short), await advi(correlated, short)];
    expect(first.positions).toEqual(second.positions);
    expect(first.notes.join(" ")).toMatch(/not settled/);
    await expect(advi(correlated, { key: key(1), draws: 1 })).rejects.toThrow(/draws is a whole number/);
    await expect(advi(correlated, { key: key(1), kind: "diagonal" as never })).rejects.toThrow(/mean-field/);
    const nowhere = doubleTarget((q) => q.square().sum().neg().sub(1).log(), 1);
    await expect(advi(nowhere, { key: key(1) })).rejects.toThrow(/no number at any step size/);
  });
});
