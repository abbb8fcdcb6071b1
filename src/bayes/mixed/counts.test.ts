import { describe, expect, it } from "vitest";
import { twoNames, xGivenA } from "../../../tests/support/mixed.ts";
import { chiSquareScore, SCORE_1_IN_1000 } from "../../../tests/support/statistics.ts";
import { logSumExp } from "../../base/log-sum-exp.ts";
import type { Table } from "../../data/table/types.ts";
import { uniforms64 } from "../../probability/tables/index.ts";
import { fold, key, uniform } from "../../random/index.ts";
import { dagFrom } from "../graph/index.ts";
import { countStatistics, fitCounts, openCount } from "./counts.ts";
import { learnMixedByEm } from "./em.ts";
import { askMixed, mixedInference } from "./inference.ts";
import { learnMixed } from "./learn.ts";
import type { MixedNetwork } from "./mixed.ts";
import { drawPart, sampleMixed } from "./sampling.ts";
import { hillClimbMixed, mixedScore } from "./structure.ts";

/** a → b, a → x, (a, b) → k, b → n, and r alone: k and r Poisson laws, n negative binomial. */
const network: MixedNetwork = {
  name: "counted",
  discrete: twoNames("counted", [0.4, 0.6], [0.2, 0.3, 0.5, 0.6, 0.3, 0.1]),
  gaussian: [xGivenA],
  counts: [
    { name: "k", given: ["a", "b"], laws: [0.5, 2, 5, 9, 4, 1].map((mean) => ({ mean, dispersion: 0 })) },
    { name: "n", given: ["b"], laws: [1, 4, 8].map((mean) => ({ mean, dispersion: 0.5 })) },
    { name: "r", given: [], laws: [{ mean: 1.5, dispersion: 0 }] },
  ],
};

type Values = Readonly<Record<string, number>>;

const logFactorial = (k: number) => Array.from({ length: k }, (_, i) => Math.log(i + 1)).reduce((a, b) => a + b, 0);

/** log P(k) of a Poisson, or of a negative binomial as Γ(k + r)/(Γ(r) k!) pʳ (1 − p)ᵏ by its product. */
function logCount(k: number, mean: number, dispersion: number): number {
  if (dispersion === 0) return k * Math.log(mean) - mean - logFactorial(k);
  const [r, p] = [1 / dispersion, 1 / (1 + dispersion * mean)];
  const rising = Array.from({ length: k }, (_, i) => Math.log(r + i)).reduce((a, b) => a + b, 0);
  return rising - logFactorial(k) + r * Math.log(p) + k * Math.log1p(-p);
}

/** log p(a, b, values) of all six states, the real variable by its density. */
function enumerated(values: Values): { a: number; b: number; log: number }[] {
  const [a, b] = network.discrete.nodes.map(({ table }) => table);
  const [k, n, r] = network.counts!;
  return [0, 1].flatMap((i) =>
    [0, 1, 2].map((j) => {
      const law = (name: string, { mean, dispersion }: { mean: number; dispersion: number }) =>
        values[name] === undefined ? 0 : logCount(values[name], mean, dispersion);
      const { intercept, variance } = network.gaussian[0]!.regimes[i]!;
      const { x } = values;
      const density =
        x === undefined ? 0 : -((x - intercept) ** 2) / (2 * variance) - 0.5 * Math.log(2 * Math.PI * variance);
      const counts = law("k", k!.laws[3 * i + j]!) + law("n", n!.laws[j]!) + law("r", r!.laws[0]!);
      return { a: i, b: j, log: Math.log(a![i]!) + Math.log(b![3 * i + j]!) + density + counts };
    }),
  );
}

/** Rows of the network as a table: a, b, x, k, n, r. */
function tableOf(count: number, seed: number, gaps = 0, from = network): Table {
  const { states, values, counts } = sampleMixed(from, key(seed), count);
  const all = [...states.map((column) => Float64Array.from(column)), ...values, ...counts];
  const holes = uniform(fold(key(seed), "holes"), [count * all.length]).data;
  return {
    columns: [
      ...from.discrete.nodes.map(({ variable: { name, states: levels } }) => ({
        name,
        kind: "categorical" as const,
        levels,
      })),
      ...from.gaussian.map(({ name }) => ({ name, kind: "real" as const })),
      ...from.counts!.map(({ name }) => ({ name, kind: "count" as const })),
    ],
    count,
    values: all.map((column, c) => column.map((v, i) => (holes[all.length * i + c]! < gaps ? Number.NaN : v))),
    missing: all.map(() => undefined),
  };
}

const truth = dagFrom([
  ["a", []],
  ["b", ["a"]],
  ["x", ["a"]],
  ["k", ["a", "b"]],
  ["n", ["b"]],
  ["r", []],
]);

describe("laws of counts", () => {
  it.each([
    [3.7, 0],
    [0.02, 0],
    [2.5, 0.8],
    [40, 0.01],
    [0, 0],
  ])("of mean %d and dispersion %d sum to one, with these moments", (mean, dispersion) => {
    const { logProb } = openCount({ mean, dispersion });
    const [sum, first, square] = [0, 1, 2].map((power) =>
      Array.from({ length: 2000 }, (_, k) => k ** power * Math.exp(logProb(k))).reduce((a, b) => a + b, 0),
    );
    expect(sum).toBeCloseTo(1, 11);
    expect(first).toBeCloseTo(mean, 9);
    expect(square! - mean ** 2).toBeCloseTo(mean + dispersion * mean ** 2, 8);
    expect([-1, 0.5].map(logProb)).toEqual([Number.NEGATIVE_INFINITY, Number.NEGATIVE_INFINITY]);
  });

  it("have the probabilities of their formulas, and are drawn by them", () => {
    for (const [mean, dispersion] of [
      [3, 0],
      [3, 0.7],
    ] as const) {
      const { logProb, draw } = openCount({ mean, dispersion });
      for (const k of [0, 1, 5, 30]) expect(logProb(k)).toBeCloseTo(logCount(k, mean, dispersion), 10);
      const [count, last] = [5000, 9];
      const observed = new Array<number>(last + 1).fill(0);
      for (const u of uniforms64(key(1), count)) observed[Math.min(last, draw(u))]!++;
      const p = Array.from({ length: last }, (_, k) => Math.exp(logProb(k)));
      const expected = [...p, 1 - p.reduce((a, b) => a + b, 0)].map((share) => count * share);
      expect(chiSquareScore(observed, expected)).toBeLessThan(SCORE_1_IN_1000);
    }
  });

  it("are refused where they are none", () => {
    expect(() => openCount({ mean: -1, dispersion: 0 })).toThrow("finite mean and dispersion from 0 on; got -1 and 0");
    const odd = { ...network, counts: [{ name: "k", given: ["a"], laws: [{ mean: 1, dispersion: 0 }] }] };
    expect(() => askMixed(odd)).toThrow('"k" needs 2 laws, one for each state of its discrete parents; it has 1');
    const twice = { ...network, counts: [...network.counts!, network.counts![0]!] };
    expect(() => askMixed(twice)).toThrow('Two counts are named "k"');
    const both = { ...network, counts: [{ ...network.counts![2]!, name: "x" }] };
    expect(() => askMixed(both)).toThrow('"x" is both a real and a count variable');
  });
});

describe("laws of counts from rows", () => {
  const seen = [
    new Map([
      [0, 2],
      [3, 1],
      [7, 1],
    ]),
    new Map([[2, 2]]),
    new Map<number, number>(),
  ];
  // Four rows of mean 2.5, two of mean 2, none; 14 in all of six.
  const usual = 14 / 6;

  it("have the mean of the rows, or that with imagined rows of the column's mean: a Gamma prior of the rate", () => {
    const most = fitCounts(seen, { law: "poisson" });
    expect(most.laws.map(({ mean }) => mean)).toEqual([2.5, 2, expect.closeTo(usual, 14)]);
    const hand = [0, 0, 3, 7].map((k) => logCount(k, 2.5, 0)).concat([2, 2].map((k) => logCount(k, 2, 0)));
    expect(most.logLikelihood).toBeCloseTo(
      hand.reduce((a, b) => a + b, 0),
      12,
    );
    expect(most.parameters).toBe(3);
    const alpha = 1.2;
    const { laws } = fitCounts(seen, { law: "poisson", imagined: [alpha, alpha, alpha] });
    [10, 4, 0].forEach((sum, i) => {
      expect(laws[i]!.mean).toBeCloseTo((sum + alpha * usual) / ([4, 2, 0][i]! + alpha), 12);
      expect(laws[i]!.dispersion).toBe(0);
    });
  });

  it("have the dispersion of greatest likelihood, or none where counts vary no more than their mean", () => {
    const { laws, parameters } = fitCounts(seen, { law: "negative-binomial" });
    expect(parameters).toBe(6);
    expect(laws[1]).toEqual({ mean: 2, dispersion: 0 });
    const { mean, dispersion } = laws[0]!;
    expect(mean).toBe(2.5);
    const log = (phi: number, m = mean) =>
      [0, 0, 3, 7].map((k) => logCount(k, m, phi)).reduce((sum, each) => sum + each, 0);
    for (const factor of [0.7, 0.99, 1.01, 1.4]) expect(log(dispersion * factor)).toBeLessThan(log(dispersion));
    for (const m of [2.4, 2.6]) expect(log(dispersion, m)).toBeLessThan(log(dispersion));
  });

  it("of a column of zeros leave room for a one where rows are imagined, and not where none are", () => {
    const zeros = [new Map([[0, 9]]), new Map([[0, 1]])];
    expect(fitCounts(zeros, { law: "poisson" }).laws.map(({ mean }) => mean)).toEqual([0, 0]);
    const { laws } = fitCounts(zeros, { law: "negative-binomial", imagined: [1, 1] });
    expect(laws.map(({ mean }) => mean)).toEqual([expect.closeTo(0.05 / 10, 14), expect.closeTo(0.05 / 2, 14)]);
  });

  it("refuse what is no count, with its row", () => {
    const columns = [{ name: "k", kind: "count" as const }];
    const table = { columns, count: 2, values: [Float64Array.of(1, 2.5)], missing: [undefined] };
    expect(() => countStatistics(table, { child: 0, given: [] })).toThrow('"k" holds counts');
    expect(() => countStatistics(table, { child: 0, given: [] })).toThrow("row 2 is 2.5");
  });
});

describe("networks with counts", () => {
  const questions: readonly Values[] = [
    {},
    { k: 3 },
    { n: 0, r: 4 },
    { k: 7, n: 2, x: 0.4 },
    { k: 0, n: 30, r: 0, x: -2 },
    { k: 900, n: 4 },
  ];

  it.each(questions)("have the posteriors of enumeration given %o", (values) => {
    for (const state of [undefined, 1] as const) {
      const states = state === undefined ? {} : { b: "uvw"[state]! };
      const all = enumerated(values).filter(({ b }) => state === undefined || b === state);
      const answer = askMixed(network, { states, values });
      const total = logSumExp(all.map(({ log }) => log));
      expect(answer.logProbability).toBeCloseTo(total, 8);
      const share = (keep: (each: { a: number; b: number }) => boolean) =>
        all.filter(keep).reduce((sum, { log }) => sum + Math.exp(log - total), 0);
      [0, 1].forEach((i) => {
        expect(answer.discrete.get("a")![i]).toBeCloseTo(
          share(({ a }) => a === i),
          10,
        );
      });
      [0, 1, 2].forEach((j) => {
        expect(answer.discrete.get("b")![j]).toBeCloseTo(
          share(({ b }) => b === j),
          10,
        );
      });
      const { mean, deviation } = answer.counts.get("k")!;
      if (values.k !== undefined) expect([mean, deviation]).toEqual([values.k, 0]);
      else {
        const p = (k: number) =>
          Math.exp(
            logSumExp(
              enumerated({ ...values, k })
                .filter(({ b }) => state === undefined || b === state)
                .map(({ log }) => log),
            ) - total,
          );
        const shares = Array.from({ length: 60 }, (_, k) => p(k));
        const first = shares.reduce((sum, s, k) => sum + k * s, 0);
        expect(shares.reduce((a, b) => a + b, 0)).toBeCloseTo(1, 10);
        expect(mean).toBeCloseTo(first, 9);
        expect(deviation).toBeCloseTo(Math.sqrt(shares.reduce((sum, s, k) => sum + (k - first) ** 2 * s, 0)), 9);
      }
    }
  });

  it("cancel counts that speak for two states by ratios below 10⁻¹⁰⁰⁰ against each other", () => {
    const laws = (means: number[]) => means.map((mean) => ({ mean, dispersion: 0 }));
    const far: MixedNetwork = {
      ...network,
      gaussian: [],
      counts: [
        { name: "k", given: ["a"], laws: laws([1, 1000]) },
        { name: "l", given: ["a"], laws: laws([1000, 1]) },
      ],
    };
    const { discrete, logProbability } = askMixed(far, { values: { k: 900, l: 900 } });
    expect(discrete.get("a")![0]).toBeCloseTo(0.4, 10);
    expect(logProbability / (logCount(900, 1, 0) + logCount(900, 1000, 0))).toBeCloseTo(1, 12);
    const never = { ...far, counts: [{ name: "k", given: ["a"], laws: laws([0, 0]) }] };
    expect(() => askMixed(never, { values: { k: 1 } })).toThrow("probability zero");
    const alone = { ...far, counts: [{ name: "k", given: [], laws: laws([0]) }] };
    expect(() => askMixed(alone, { values: { k: 1 } })).toThrow("probability zero");
    expect(() => askMixed(far, { values: { m: 1 } })).toThrow('Unknown real variable "m"');
  });

  it("are near by weighting where exact is not allowed", () => {
    const evidence = { values: { k: 4, x: 0.5 } };
    const exact = askMixed(network, evidence);
    const near = askMixed(network, evidence, { maxCombinations: 1, sampling: { samples: 20_000, key: key(1) } });
    expect(near.how).toContain("likelihood weighting");
    expect(Math.abs(near.discrete.get("a")![0]! - exact.discrete.get("a")![0]!)).toBeLessThan(0.02);
    expect(Math.abs(near.counts.get("n")!.mean - exact.counts.get("n")!.mean)).toBeLessThan(0.2);
    expect(near.logProbability).toBeCloseTo(exact.logProbability, 1);
  });

  it("are filled by draws from the posterior: the count that is missing follows its exact law", () => {
    const inference = mixedInference(network);
    for (const [states, values, target, last] of [
      [{ b: "v" }, { x: 0.5, n: 3, r: 1 }, "k", 9],
      [{}, { k: 2 }, "n", 12],
    ] as const) {
      const parts = inference.parts({ states, values });
      const place = network.counts!.findIndex(({ name }) => name === target);
      const [count, each] = [4000, 7];
      const uniforms = uniforms64(key(4), count * each);
      const observed = new Array<number>(last + 1).fill(0);
      for (let i = 0; i < count; i++) {
        const { counts } = drawPart(inference, parts, uniforms.subarray(each * i, each * (i + 1)));
        observed[Math.min(last, counts[place]!)]!++;
        for (const [at, { name }] of network.counts!.entries())
          if (Object.hasOwn(values, name)) expect(counts[at]).toBe((values as Values)[name]);
      }
      const kept = (v: Values) =>
        logSumExp(
          enumerated(v)
            .filter(({ b }) => !("b" in states) || b === 1)
            .map(({ log }) => log),
        );
      const p = Array.from({ length: last }, (_, k) => Math.exp(kept({ ...values, [target]: k }) - kept(values)));
      const expected = [...p, 1 - p.reduce((a, b) => a + b, 0)].map((share) => count * share);
      expect(chiSquareScore(observed, expected)).toBeLessThan(SCORE_1_IN_1000);
    }
  });
});

describe("structures and parameters with counts", () => {
  it("score: the log-likelihood of the fitted network less ½ log N for each parameter, of both laws", () => {
    const table = tableOf(400, 5);
    for (const [law, each] of [
      ["poisson", 1],
      ["negative-binomial", 2],
    ] as const) {
      const learnt = learnMixed(truth, table, { kind: "none" }, law);
      const inference = mixedInference(learnt);
      let total = 0;
      for (let i = 0; i < table.count; i++) {
        const [a, b, x, k, n, r] = table.values.map((column) => column[i]!) as [...number[]];
        const states = { a: `${a}`, b: "uvw"[b!]! };
        total += inference.parts({ states, values: { x: x!, k: k!, n: n!, r: r! } })[0]!.log;
      }
      const local = mixedScore("bic", table, law);
      const parameters = 1 + 4 + 2 * 2 + (6 + 3 + 1) * each;
      const score = [[], [0], [0], [0, 1], [1], []].reduce((sum, parents, child) => sum + local(child, parents), 0);
      expect(score).toBeCloseTo(total - (parameters * Math.log(400)) / 2, 6);
      expect([local(0, [3]), local(3, [2]), local(3, [4]), local(2, [3])].every((s) => s === -Infinity)).toBe(true);
    }
  });

  it("come back from 4000 rows: arrows by the climb, means within four standard errors", () => {
    const table = tableOf(4000, 6);
    const { dag } = hillClimbMixed(table, { restarts: 3, key: key(1) });
    const above = Object.fromEntries(dag.names.map((name, i) => [name, dag.parents[i]!.map((p) => dag.names[p])]));
    expect([above.x, above.k, above.n, above.r]).toEqual([["a"], ["a", "b"], ["b"], []]);
    expect(above.a!.length + above.b!.length).toBe(1);
    const learnt = learnMixed(truth, table);
    const shares = [0.08, 0.12, 0.2, 0.36, 0.18, 0.06];
    learnt.counts![0]!.laws.forEach(({ mean }, i) => {
      const expected = network.counts![0]!.laws[i]!.mean;
      expect(Math.abs(mean - expected)).toBeLessThan(4 * Math.sqrt(expected / (4000 * shares[i]!)) + 0.02);
    });
    for (const { dispersion } of learnt.counts![1]!.laws) expect(Math.abs(dispersion - 0.5)).toBeLessThan(0.15);
  });

  it("of counts that vary more than their mean: Poisson laws draw arrows that are not there, negative binomials none", () => {
    const laws = [{ mean: 6, dispersion: 1 }];
    const names = ["p", "q", "s", "t"];
    const roots = names.map((name) => ({
      variable: { name, states: ["0", "1", "2"] },
      parents: [],
      table: Float64Array.of(0.3, 0.3, 0.4),
    }));
    const alone: MixedNetwork = {
      name: "alone",
      discrete: { name: "alone", nodes: roots },
      gaussian: [],
      counts: [{ name: "k", given: [], laws }],
    };
    const table = tableOf(1000, 7, 0, alone);
    const parents = (law: "poisson" | "negative-binomial") => hillClimbMixed(table, { law }).dag.parents[4]!;
    expect(parents("negative-binomial")).toEqual([]);
    expect(parents("poisson").length).toBeGreaterThan(0);
  });

  it("come back from gaps by expectation-maximisation, which never loses likelihood", () => {
    const prior = { kind: "none" } as const;
    const { network: learnt, logLikelihoods, converged } = learnMixedByEm(truth, tableOf(3000, 8, 0.3), { prior });
    expect(converged).toBe(true);
    for (const [i, now] of logLikelihoods.entries())
      if (i > 0) expect(now).toBeGreaterThan(logLikelihoods[i - 1]! - 1e-6);
    expect(logLikelihoods.at(-1)).toBeGreaterThan(logLikelihoods[0]!);
    learnt.counts!.forEach(({ laws }, i) => {
      laws.forEach(({ mean }, j) => {
        expect(Math.abs(mean / network.counts![i]!.laws[j]!.mean - 1)).toBeLessThan(0.25);
      });
    });
    const whole = tableOf(500, 8);
    const [direct, byRounds] = [learnMixed(truth, whole), learnMixedByEm(truth, whole).network];
    byRounds.counts!.forEach(({ laws }, i) => {
      laws.forEach(({ mean, dispersion }, j) => {
        expect(mean).toBeCloseTo(direct.counts![i]!.laws[j]!.mean, 9);
        expect(dispersion).toBeCloseTo(direct.counts![i]!.laws[j]!.dispersion, 6);
      });
    });
    expect(() =>
      learnMixedByEm(
        dagFrom([
          ["k", []],
          ["x", ["k"]],
        ]),
        whole,
      ),
    ).toThrow('"x" is real and "k" a count: a real variable has no count parent here; take the arrow away');
  });
});
