import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { key, normal, uniform } from "../../random/index.ts";
import { ebfmi, essBulk, essMean, essTail, mcseMean, mcseStdDev, rhat } from "./convergence.ts";
import { leaveOneOut, waic } from "./leave-one-out.ts";
import { paretoSmooth } from "./pareto.ts";
import { summarize, summaryTable } from "./summary.ts";

const golden = JSON.parse(readFileSync(new URL("../../../tests/golden/mcmc.json", import.meta.url), "utf8"));

function close(got: number, wanted: number, tolerance = 1e-8): void {
  expect(Math.abs(got - wanted)).toBeLessThan(tolerance * Math.max(1, Math.abs(wanted)));
}

describe("convergence of chains", () => {
  for (const name of ["mixing", "apart", "ties"])
    it(`is measured as by arviz: ${name}`, () => {
      const wanted = golden[name];
      for (const [measure, fn] of Object.entries({ rhat, essBulk, essTail, essMean, mcseMean }))
        close(fn(wanted.draws), wanted[measure]);
      for (const [c, energies] of wanted.draws.entries()) close(ebfmi(energies), wanted.ebfmi[c]);
      // arviz takes the effective sample size of the mean for that of the squares; R's posterior and we do not.
      const mean = wanted.draws.flat().reduce((sum: number, x: number) => sum + x, 0) / wanted.draws.flat().length;
      const squares = wanted.draws.map((chain: number[]) => chain.map((x) => (x - mean) ** 2));
      close(mcseStdDev(wanted.draws) * Math.sqrt(essMean(squares) / wanted.essMean), wanted.mcseStdDev);
    });

  it("counts independent draws in full and repeated ones once", () => {
    const chains = [1, 2, 3, 4].map((seed) => normal(key(seed), [1000]).data);
    expect(Math.abs(essBulk(chains) / 4000 - 1)).toBeLessThan(0.15);
    const slow = chains.map((chain) => chain.map((_, i) => chain[Math.floor(i / 10)]!));
    expect(Math.abs(essMean(slow) / 400 - 1)).toBeLessThan(0.3);
    expect(rhat(chains)).toBeLessThan(1.01);
    expect(rhat(chains.map((chain, c) => chain.map((x) => x + c)))).toBeGreaterThan(1.3);
    expect(rhat(chains.map((chain, c) => chain.map((x) => x * (c + 1))))).toBeGreaterThan(1.1);
  });

  it("is printed as an aligned table", () => {
    const chains = [1, 2].map((seed) => normal(key(seed), [500]).data);
    const lines = summaryTable([summarize("x", chains), summarize("a long name", chains)]).split("\n");
    expect(lines).toHaveLength(3);
    expect(new Set(lines.map(({ length }) => length)).size).toBe(1);
    expect(lines[0]).toMatch(/mean +sd +5% +50% +95% +mcse +ess bulk +ess tail +r-hat$/);
  });
});

describe("Pareto-smoothed importance sampling", () => {
  for (const name of ["light", "heavy"])
    it(`is that of arviz: ${name} tail`, () => {
      const { logRatios, k, logWeights } = golden.pareto[name];
      const got = paretoSmooth(logRatios);
      close(got.k, k, 1e-8);
      for (const [i, w] of got.logWeights.entries()) close(w, logWeights[i]);
      expect(got.effective).toBeLessThan(logRatios.length);
    });

  it("finds the shape of a known tail", () => {
    // u^−k has a Pareto tail of shape k.
    const ratios = uniform(key(3), [20_000]).data.map((u) => -0.6 * Math.log(u + 1e-9));
    expect(Math.abs(paretoSmooth(ratios).k - 0.6)).toBeLessThan(0.1);
  });

  it("leaves one out as arviz does, near the information criterion", () => {
    const { logLikelihood, pointwise, k } = golden.leaveOneOut;
    const got = leaveOneOut(logLikelihood);
    for (const [i, value] of got.pointwise.entries()) close(value, pointwise[i]);
    for (const [i, value] of got.k.entries()) close(value, k[i]);
    close(
      got.elpd,
      pointwise.reduce((sum: number, value: number) => sum + value, 0),
      1e-7,
    );
    const tame = logLikelihood.map((row: number[]) => row.map((x) => 0.2 * x));
    expect(Math.abs(waic(tame).elpd - leaveOneOut(tame).elpd)).toBeLessThan(0.02);
  });
});
