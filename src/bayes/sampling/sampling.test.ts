import { describe, expect, it } from "vitest";
import { needsNetworks, networkNamed, randomEvidence } from "../../../tests/support/networks.ts";
import { gammaQ } from "../../numeric/special/index.ts";
import { countTable, type DiscreteRows, type Evidence } from "../../probability/tables/index.ts";
import { fold, key } from "../../random/index.ts";
import { logProbability, marginals } from "../exact/index.ts";
import { type Network, variablesOf } from "../network.ts";
import { effectiveOfSeries } from "./estimate.ts";
import { forwardSample, gibbs, likelihoodWeighting, posteriorSample, type SampledAnswer } from "./index.ts";

const namesOf = (network: Network) => variablesOf(network).map(({ name }) => name);

/** The largest distance from exact probabilities in standard errors. */
function worst(network: Network, evidence: Evidence, { marginals: found }: SampledAnswer): number {
  const exact = marginals(network, [...found.keys()], evidence);
  let most = 0;
  for (const [name, { probabilities, standardErrors }] of found)
    exact.get(name)!.forEach((p, k) => {
      const distance = Math.abs(p - probabilities[k]!);
      if (distance > 1e-12) most = Math.max(most, distance / standardErrors[k]!);
    });
  return most;
}

const questions: readonly (readonly [string, Evidence])[] = [
  ["sprinkler", {}],
  ["sprinkler", { Grass: "wet" }],
  ["sprinkler", { Slippery: "no", Season: "cold" }],
];
const published: readonly (readonly [string, Evidence])[] = [
  ["asia", { xray: "yes", smoke: "no" }],
  ["asia", { dysp: "yes", either: "yes" }],
  ["asia", { either: "no" }],
  ["cancer", {}],
  ["cancer", { Dyspnoea: "True" }],
];

function compare([name, evidence]: readonly [string, Evidence]): void {
  const network = networkNamed(name);
  const names = namesOf(network).filter((each) => !Object.hasOwn(evidence, each));
  const weighted = likelihoodWeighting(network, names, evidence, { samples: 20_000, key: key(1) });
  expect(worst(network, evidence, weighted)).toBeLessThan(4);
  const { value, standardError } = weighted.logProbability;
  expect(Math.abs(value - logProbability(network, evidence))).toBeLessThanOrEqual(4 * standardError + 1e-12);
  const chain = gibbs(network, names, evidence, { samples: 8000, key: key(2) });
  expect(worst(network, evidence, chain)).toBeLessThan(4);
  expect(chain.effectiveSamples).toBeLessThanOrEqual(8000);
}

describe("weighting and Gibbs lie within four standard errors of exact", () => {
  it.each(questions)("%s given %o", (...question) => compare(question));
  it.skipIf(needsNetworks !== "").each(published)(`%s given %o${needsNetworks}`, (...question) => compare(question));
});

describe("standard errors are as large as the errors", () => {
  const network = networkNamed("sprinkler");
  const evidence = { Grass: "wet", Season: "dry" };
  const exact = marginals(network, ["Rain"], evidence).get("Rain")![0]!;
  const ways: readonly (readonly [string, (seed: number) => SampledAnswer])[] = [
    ["weighting", (seed) => likelihoodWeighting(network, ["Rain"], evidence, { samples: 400, key: key(seed) })],
    ["Gibbs", (seed) => gibbs(network, ["Rain"], evidence, { samples: 400, key: key(seed) })],
  ];

  it.each(ways)(
    "of %s: over 400 seeds the distance from exact in standard errors has the variance of a normal",
    (_, ask) => {
      const scores = Array.from({ length: 400 }, (__, seed) => {
        const { probabilities, standardErrors } = ask(seed).marginals.get("Rain")!;
        return (probabilities[0]! - exact) / standardErrors[0]!;
      });
      const mean = scores.reduce((sum, z) => sum + z, 0) / 400;
      const square = scores.reduce((sum, z) => sum + z * z, 0) / 400;
      const covered = scores.filter((z) => Math.abs(z) < 1.96).length / 400;
      // Four standard errors of a mean, a variance and a share of 400: 0.2, 0.28 and 0.044.
      expect(Math.abs(mean)).toBeLessThan(0.25);
      expect(Math.abs(square - 1)).toBeLessThan(0.35);
      expect(Math.abs(covered - 0.95)).toBeLessThan(0.045);
    },
  );
});

describe("Gibbs sampling", () => {
  it("draws variables of tables with zeros together and says so: exclusive or is not reducible", () => {
    const bit = (name: string) => ({
      variable: { name, states: ["0", "1"] },
      parents: [],
      table: Float64Array.of(0.5, 0.5),
    });
    const table = Float64Array.of(1, 0, 0, 1, 0, 1, 1, 0);
    const network = { name: "xor", nodes: [bit("a"), bit("b"), { ...bit("c"), parents: ["a", "b"], table }] };
    const { marginals: found, how } = gibbs(network, ["a"], { c: "1" }, { samples: 2000, key: key(3) });
    expect(found.get("a")!.probabilities[0]).toBeGreaterThan(0.4);
    expect(how).toContain("drawn together because of zeros in their tables: a with b");
  });

  it("refuses what it would never leave when blocks are too large", () => {
    const states = Array.from({ length: 200 }, (_, i) => `${i}`);
    const flat = Float64Array.from(states, () => 1 / 200);
    const root = (name: string) => ({ variable: { name, states }, parents: [], table: flat });
    const table = Float64Array.from({ length: 200 * 200 * 2 }, (_, i) => Number(i % 2 === 0));
    const child = { variable: { name: "c", states: ["0", "1"] }, parents: ["a", "b"], table };
    expect(() =>
      gibbs({ name: "wide", nodes: [root("a"), root("b"), child] }, ["a"], {}, { samples: 1, key: key(0) }),
    ).toThrow("use weighting or the exact method");
  });

  it("counts fewer effective samples for a chain that hardly moves", () => {
    const slow = Int32Array.from({ length: 2000 }, (_, i) => Math.floor(i / 100) % 2);
    expect(effectiveOfSeries(slow, 1)).toBeLessThan(100);
    const quick = forwardSample(networkNamed("sprinkler"), key(4), 2000).columns[2]!;
    expect(effectiveOfSeries(quick, 0)).toBeGreaterThan(1400);
  });
});

/** The p-value of Pearson's test that a column of rows follows probabilities. */
function fits(rows: DiscreteRows, name: string, probabilities: Float64Array): number {
  const { values } = countTable(rows, [name]);
  let [statistic, freedom] = [0, -1];
  probabilities.forEach((p, k) => {
    if (p === 0) {
      expect(values[k]).toBe(0);
      return;
    }
    statistic += (values[k]! - rows.count * p) ** 2 / (rows.count * p);
    freedom++;
  });
  return freedom > 0 ? gammaQ(freedom / 2, statistic / 2) : 1;
}

describe("samples", () => {
  const network = networkNamed("sprinkler");

  it("forward: every marginal passes a chi-square test; rows depend on key and number alone", () => {
    const rows = forwardSample(network, key(5), 4000);
    for (const [name, probabilities] of marginals(network, namesOf(network)))
      expect(fits(rows, name, probabilities)).toBeGreaterThan(1e-3);
    const later = forwardSample(network, key(5), 10, 100);
    expect(later.columns.map((column) => [...column])).toEqual(
      rows.columns.map((column) => [...column.slice(100, 110)]),
    );
  });

  it("given evidence: every marginal and every pair passes, and evidence holds in every row", () => {
    const evidence = { Slippery: "no" };
    const rows = posteriorSample(network, evidence, key(6), 4000);
    for (const [name, probabilities] of marginals(network, namesOf(network), evidence))
      expect(fits(rows, name, probabilities)).toBeGreaterThan(1e-3);
    const wet = posteriorSample(network, { ...evidence, Grass: "wet" }, key(7), 4000);
    for (const [name, probabilities] of marginals(network, ["Rain", "Season"], { ...evidence, Grass: "wet" }))
      expect(fits(wet, name, probabilities)).toBeGreaterThan(1e-3);
  });

  it.skipIf(needsNetworks !== "")(`given evidence about alarm${needsNetworks}`, () => {
    const alarm = networkNamed("alarm");
    const evidence = randomEvidence(alarm, fold(key(8), 1), 8);
    const rows = posteriorSample(alarm, evidence, key(8), 1000);
    const low = [...marginals(alarm, namesOf(alarm), evidence)].map(([name, p]) => fits(rows, name, p));
    expect(Math.min(...low)).toBeGreaterThan(1e-4);
  });

  it("the same seed gives the same answer, another seed another", () => {
    const ask = (seed: number) =>
      likelihoodWeighting(network, ["Rain"], { Grass: "wet" }, { samples: 100, key: key(seed) });
    expect(ask(1)).toEqual(ask(1));
    expect(ask(1).marginals).not.toEqual(ask(2).marginals);
  });

  it("impossible evidence, unknown names and no samples are one sentence", () => {
    const evidence = { Grass: "dry", Slippery: "yes" };
    const options = { samples: 10, key: key(0) };
    expect(() => likelihoodWeighting(network, ["Rain"], evidence, options)).toThrow("None of 10 draws agrees");
    expect(() => gibbs(network, ["Rain"], evidence, options)).toThrow("None of 20000 draws agrees");
    expect(() => posteriorSample(network, evidence, key(0), 1)).toThrow("has probability zero");
    expect(() => gibbs(network, ["Rian"], {}, options)).toThrow('Unknown variable "Rian"; did you mean "Rain"?');
    expect(() => likelihoodWeighting(network, ["Rain"], { Rain: "maybe" }, options)).toThrow(
      'Unknown state of Rain "maybe"',
    );
    expect(() => gibbs(network, ["Rain"], {}, { ...options, samples: 0 })).toThrow("whole number from 1 on");
  });
});
