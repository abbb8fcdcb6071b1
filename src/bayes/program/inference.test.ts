import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { chiSquareScore, SCORE_1_IN_1000 } from "../../../tests/support/statistics.ts";
import { float32 } from "../../base/host.ts";
import { bernoulli, beta, binomial, gamma, halfCauchy, normal, poisson } from "../../distributions/index.ts";
import { constant } from "../../graph/index.ts";
import { fold, key } from "../../random/index.ts";
import { referenceRuntime } from "../../runtime/index.ts";
import { crossValidate } from "./likelihood.ts";
import { type Posterior, summary, table } from "./posterior.ts";
import { posteriorPredictive, priorPredictive } from "./predictive.ts";
import { type Program, program } from "./program.ts";
import { sampleHmc, sampleNuts } from "./sampling.ts";
import { fitAdvi, resampled } from "./variational.ts";

const golden = JSON.parse(readFileSync(new URL("../../../tests/golden/mcmc.json", import.meta.url), "utf8"));

/** Means and standard deviations agree within four Monte Carlo errors (1 false alarm in 16,000 each), and R-hat < 1.01. */
function expectMoments(posterior: Posterior, wanted: Readonly<Record<string, readonly number[]>>): void {
  const rows = new Map(summary(posterior).map((row) => [row.name, row]));
  for (const [name, [mean, stdDev]] of Object.entries(wanted)) {
    const row = rows.get(name)!;
    expect(Math.abs(row.mean - mean!), `mean of ${name}`).toBeLessThan(4 * row.mcseMean);
    expect(Math.abs(row.stdDev - stdDev!), `sd of ${name}`).toBeLessThan(4 * row.mcseStdDev);
    expect(row.rhat).toBeLessThan(1.01);
  }
}

const { y, sigma, moments } = golden.eightSchools;

const eightSchools = program(({ sample, observe, derive }) => {
  const mu = sample("mu", normal({ mean: 0, stdDev: 5 }));
  const tau = sample("tau", halfCauchy({ scale: 5 }));
  const eta = sample("eta", normal({ mean: 0, stdDev: 1 }), { shape: [8] });
  const theta = derive("theta", eta.mul(tau).add(mu));
  observe("y", normal({ mean: theta, stdDev: float32(sigma) }), y);
});

describe("eight schools, non-centred, against quadrature", () => {
  it("by NUTS, with predictive draws and leave-one-out", async () => {
    const posterior = await sampleNuts(eightSchools, { key: key(20), targetAccept: 0.9 });
    expectMoments(posterior, moments);
    expect(posterior.notes).toEqual([]);
    const { y: seen } = posteriorPredictive(posterior, { key: key(1) });
    expect(seen!.shape).toEqual([4, 1000, 8]);
    for (let j = 0; j < 8; j++) {
      const draws = Array.from({ length: 4000 }, (_, i) => seen!.data[i * 8 + j]!);
      const mean = draws.reduce((sum, x) => sum + x, 0) / 4000;
      const spread = Math.hypot(moments[`theta[${j}]`][1], sigma[j]);
      expect(Math.abs(mean - moments[`theta[${j}]`][0])).toBeLessThan((4.5 * spread) / Math.sqrt(4000));
    }
    // −30.8 ± 1.4 in the arviz documentation (elpd_loo of the non-centred model).
    const loo = crossValidate(posterior);
    expect(Math.abs(loo.elpd + 30.7)).toBeLessThan(0.3);
    expect(Math.max(...loo.k)).toBeLessThan(1);
    expect(table(posterior)).toMatch(/theta\[7\] +\d/);
  });

  it("by variational inference, nearly, and nearer with importance weights", async () => {
    const posterior = await fitAdvi(eightSchools, { key: key(2), kind: "full-rank" });
    const row = (from: Posterior, name: string) => summary(from).find((one) => one.name === name)!;
    expect(Math.abs(row(posterior, "mu").mean - moments.mu[0])).toBeLessThan(0.15 * moments.mu[1]);
    expect(Math.abs(row(posterior, "mu").stdDev / moments.mu[1] - 1)).toBeLessThan(0.15);
    const tau = (from: Posterior) => Math.abs(row(from, "tau").mean - moments.tau[0]);
    expect(tau(resampled(posterior, { key: key(3) }))).toBeLessThan(tau(posterior));
  });
});

describe("logistic regression against quadrature", () => {
  const { x, y: labels, mean, covariance } = golden.logisticRegression;
  const features = constant(float32(x.flat(), [60, 3]));
  const model = program(({ sample, observe }) => {
    const weights = sample("w", normal({ mean: 0, stdDev: 2.5 }), { shape: [3] });
    observe("y", bernoulli({ logits: features.matmul(weights) }), labels);
  });
  const wanted = Object.fromEntries(
    mean.map((value: number, i: number) => [`w[${i}]`, [value, Math.sqrt(covariance[i][i])]]),
  );

  it("by NUTS with a dense metric", async () => {
    expectMoments(await sampleNuts(model, { key: key(6), metric: "dense", warmup: 500, draws: 500 }), wanted);
  });

  it("by HMC", async () => {
    expectMoments(await sampleHmc(model, { key: key(8), warmup: 500, draws: 800 }), wanted);
  });
});

describe("conjugate models against closed forms", () => {
  const run = (model: Program) => sampleNuts(model, { key: key(30), warmup: 400, draws: 600 });

  it("normal mean: precision-weighted", async () => {
    const data = [1.2, 0.4, 2.2, 1.9];
    const model = program(({ sample, observe }) => {
      observe("y", normal({ mean: sample("mu", normal({ mean: -1, stdDev: 2 })), stdDev: 1.5 }), data);
    });
    const precision = 1 / 4 + 4 / 2.25;
    const mean = (-1 / 4 + data.reduce((sum, v) => sum + v, 0) / 2.25) / precision;
    expectMoments(await run(model), { mu: [mean, 1 / Math.sqrt(precision)] });
  });

  it("beta-binomial: Beta(2 + 7, 3 + 5)", async () => {
    const model = program(({ sample, observe }) => {
      const p = sample("p", beta({ a: 2, b: 3 }));
      observe("k", binomial({ trials: 12, logits: p.log().sub(p.neg().log1p()) }), 7);
    });
    expectMoments(await run(model), { p: [9 / 17, Math.sqrt((9 * 8) / (17 * 17 * 18))] });
  });

  it("gamma-Poisson: Gamma(2 + 11, 1 + 3)", async () => {
    const model = program(({ sample, observe }) => {
      observe("n", poisson({ rate: sample("rate", gamma({ concentration: 2, rate: 1 })) }), [3, 6, 2]);
    });
    expectMoments(await run(model), { rate: [13 / 4, Math.sqrt(13) / 4] });
  });
});

describe("simulation-based calibration (Talts et al. 2018, arXiv 1804.06788)", () => {
  it("ranks of prior draws among posterior draws are uniform", async () => {
    const spread = constant(float32([0.5, 1, 2]));
    const model = (data: readonly number[]) =>
      program(({ sample, observe }) => {
        const mu = sample("mu", normal({ mean: 0, stdDev: 1 }));
        const scale = sample("scale", gamma({ concentration: 3, rate: 2 }));
        observe("y", normal({ mean: mu, stdDev: spread.mul(scale) }), data);
      });
    const replicates = 96;
    const truth = priorPredictive(model([0, 0, 0]), { key: key(40), draws: replicates });
    const counts = { mu: new Array<number>(8).fill(0), scale: new Array<number>(8).fill(0) };
    for (let r = 0; r < replicates; r++) {
      const data = [...truth.y!.data.subarray(3 * r, 3 * r + 3)];
      const options = { key: fold(key(41), r), chains: 1, warmup: 80, draws: 63 * 2 };
      const { values } = await sampleNuts(model(data), options);
      for (const name of ["mu", "scale"] as const) {
        const thinned = values[name]!.data.filter((_, i) => i % 2 === 0);
        const rank = thinned.reduce((sum, x) => sum + Number(x < truth[name]!.data[r]!), 0);
        counts[name][Math.floor(rank / 8)]!++;
      }
    }
    for (const ranks of Object.values(counts))
      expect(chiSquareScore(ranks, new Array<number>(8).fill(replicates / 8))).toBeLessThan(SCORE_1_IN_1000);
  });
});

describe("an engine in the place of the host", () => {
  const model = program(({ sample, observe }) => {
    const mu = sample("mu", normal({ mean: 0, stdDev: 2 }));
    observe("y", normal({ mean: mu, stdDev: sample("scale", gamma({ concentration: 3, rate: 2 })) }), [1, 2, 4]);
  });

  it("draws the same from the same key, to single precision, before rounding grows", async () => {
    const options = { key: key(60), chains: 2, warmup: 20, draws: 10 };
    const host = await sampleNuts(model, options);
    const engine = await sampleNuts(model, { ...options, runtime: referenceRuntime() });
    host.positions.forEach((chain, c) => {
      chain.forEach((x, i) => {
        expect(Math.abs(engine.positions[c]![i]! - x)).toBeLessThan(1e-3);
      });
    });
    expect(engine.positions[0]).not.toEqual(host.positions[0]);
  });
});

describe("prior and posterior predictive draws", () => {
  it("begin with the prior, statement after statement, and repeat", () => {
    const draws = priorPredictive(eightSchools, { key: key(50), draws: 3000 });
    const mean = (values: ArrayLike<number>) => Array.from(values).reduce((sum, v) => sum + v, 0) / values.length;
    expect(Math.abs(mean(draws.mu!.data))).toBeLessThan(0.4);
    expect(Math.abs(mean(draws.tau!.data.map((tau) => Number(tau < 5))) - 0.5)).toBeLessThan(0.04);
    for (let i = 0; i < 20; i++)
      expect(draws.theta!.data[8 * i]).toBeCloseTo(
        draws.mu!.data[i]! + draws.tau!.data[i]! * draws.eta!.data[8 * i]!,
        9,
      );
    const fewer = priorPredictive(eightSchools, { key: key(50), draws: 5 });
    expect(fewer.y!.data).toEqual(draws.y!.data.slice(0, 40));
  });
});
