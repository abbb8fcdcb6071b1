import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { logSumExp } from "../../base/log-sum-exp.ts";
import { key } from "../../random/index.ts";
import { chiSquare, gamma, normal, poisson } from "../univariate/index.ts";
import {
  baumWelch,
  type CategoricalEmission,
  type CovarianceKind,
  categoricalEmission,
  type Emission,
  fitHiddenMarkovModel,
  type GaussianEmission,
  gaussianEmission,
  type HiddenMarkovModel,
  hiddenMarkovModel,
  type PoissonEmission,
  poissonEmission,
  selectStates,
  type UnivariateEmission,
  univariateEmission,
} from "./index.ts";

const NaNs = Number.NaN;
const initial = [0.5, 0.3, 0.2];
const transition = [0.6, 0.3, 0.1, 0.2, 0.5, 0.3, 0.25, 0.25, 0.5];

const discrete = hiddenMarkovModel({
  initial,
  transition,
  emission: categoricalEmission({ states: 3, probabilities: [0.7, 0.2, 0.1, 0.1, 0.8, 0.1, 0.3, 0.3, 0.4] }),
});
const pairs = hiddenMarkovModel({
  initial,
  transition,
  emission: categoricalEmission({
    states: 3,
    dimension: 2,
    probabilities: [0.7, 0.3, 0.2, 0.8, 0.1, 0.9, 0.5, 0.5, 0.6, 0.4, 0.9, 0.1],
  }),
});
const gaussian = hiddenMarkovModel({
  initial,
  transition,
  emission: gaussianEmission({
    covariance: "full",
    states: 3,
    means: [0, 0, 2, 1, -1, 3],
    covariances: [1, 0.4, 0.4, 0.5, 0.7, -0.2, -0.2, 1.2, 0.4, 0, 0, 0.8],
  }),
});
const counts = hiddenMarkovModel({
  initial,
  transition,
  emission: univariateEmission([poisson({ rate: 1 }), poisson({ rate: 5 }), poisson({ rate: 9 })]),
});
const leftRight = hiddenMarkovModel({
  initial: [1, 0, 0],
  transition: [0.8, 0.2, 0, 0, 0.7, 0.3, 0, 0, 1],
  emission: categoricalEmission({ states: 3, probabilities: [0.9, 0.1, 0, 0.1, 0.8, 0.1, 0.05, 0.05, 0.9] }),
});

const cases: [string, HiddenMarkovModel, number[]][] = [
  ["categories", discrete, [0, 1, 1, 2, 0, 2]],
  ["categories, some missing", discrete, [0, NaNs, 1, NaNs, NaNs, 2]],
  ["everything missing", discrete, [NaNs, NaNs, NaNs]],
  ["two categories a step, partly missing", pairs, [0, 1, NaNs, 1, 1, NaNs, NaNs, NaNs, 0, 0]],
  ["normal vectors", gaussian, [0.1, 0.4, 1.5, 2, -1, 2.5, 3, 0]],
  ["normal vectors, partly missing", gaussian, [0.1, NaNs, NaNs, NaNs, NaNs, 2.5, 3, 0]],
  ["counts", counts, [3, NaNs, 7, 0, 12]],
  ["left to right", leftRight, [0, 1, 0, 1, 2]],
];

/** Emission density of a step by the definition, with missing coordinates integrated out through a model of the rest. */
function emitted(emission: Emission, step: ArrayLike<number>): Float64Array {
  const out = new Float64Array(emission.states);
  emission.logProb(Float64Array.from(step), out);
  return out;
}

/** All paths with log p(path, sequence). */
function everyPath(model: HiddenMarkovModel, sequence: readonly number[]) {
  const { states: n, emission } = model;
  const length = sequence.length / emission.dimension;
  const rated = Array.from({ length }, (_, t) =>
    emitted(emission, sequence.slice(t * emission.dimension, (t + 1) * emission.dimension)),
  );
  return Array.from({ length: n ** length }, (_, code) => {
    const path = Array.from({ length }, (_, t) => Math.floor(code / n ** t) % n);
    const log = path.reduce((sum, state, t) => {
      const p = t === 0 ? model.initial[state]! : model.transition[path[t - 1]! * n + state]!;
      return sum + Math.log(p) + rated[t]![state]!;
    }, 0);
    return { path, log };
  });
}

describe.each(cases)("%s", (_, model, sequence) => {
  const paths = everyPath(model, sequence);
  const total = logSumExp(paths.map(({ log }) => log));

  it("likelihood, posteriors and the best path are those of all paths", () => {
    expect(model.logProb(sequence)).toBeCloseTo(total, 11);
    const posterior = model.smooth(sequence);
    const n = model.states;
    for (let t = 0; t * n < posterior.length; t++)
      for (let i = 0; i < n; i++) {
        const own = paths.filter(({ path }) => path[t] === i).map(({ log }) => log);
        expect(posterior[t * n + i]).toBeCloseTo(Math.exp(logSumExp(own) - total), 11);
      }
    const best = paths.reduce((a, b) => (b.log > a.log ? b : a));
    const found = model.viterbi(sequence);
    expect(found.logProb).toBeCloseTo(best.log, 11);
    expect(paths.find(({ path }) => path.join() === found.path.join())!.log).toBeCloseTo(best.log, 11);
  });

  it("conditionals sum to the likelihood, the last filter is the last posterior, a prediction is the next conditional", () => {
    const conditionals = model.conditionals(sequence);
    expect(conditionals.reduce((a, b) => a + b, 0)).toBeCloseTo(total, 11);
    const n = model.states;
    const last = model.filter(sequence).slice(-n);
    for (const [i, p] of model.smooth(sequence).slice(-n).entries()) expect(last[i]).toBeCloseTo(p, 12);
    const { dimension } = model.emission;
    if (sequence.length === dimension) return;
    const before = model.predict(sequence.slice(0, -dimension));
    expect(before.logProb(sequence.slice(-dimension))).toBeCloseTo(conditionals.at(-1)!, 11);
  });

  it("numbers of a step sum to its conditional, and are NaN where missing", () => {
    const d = model.emission.dimension;
    const each = model.coordinates(sequence);
    expect(Array.from(each, Number.isNaN)).toEqual(sequence.map(Number.isNaN));
    for (const [t, whole] of model.conditionals(sequence).entries()) {
      const own = each.slice(t * d, (t + 1) * d).filter((nats) => !Number.isNaN(nats));
      expect(own.reduce((a, b) => a + b, 0)).toBeCloseTo(whole, 11);
    }
  });

  it("completions follow the posterior of the paths and keep what is known (false alarm 1e-6)", () => {
    const draws = 1200;
    const seen = new Map<string, number>();
    let [left, changed] = [0, 0];
    for (let i = 0; i < draws; i++) {
      const { states, steps } = model.complete(sequence, key(i));
      seen.set(states.join(), (seen.get(states.join()) ?? 0) + 1);
      sequence.forEach((value, at) => {
        if (!Number.isNaN(value)) changed += Number(steps[at] !== value);
        else if (Number.isNaN(steps[at])) left++;
      });
    }
    expect([left, changed]).toEqual([0, 0]);
    const shares = paths.map(({ path, log }) => ({ p: Math.exp(log - total), count: seen.get(path.join()) ?? 0 }));
    expect(misfit(shares, draws)).toBeGreaterThan(1e-6);
  });
});

/** p-value of χ²; cells that expect fewer than five are pooled. */
function misfit(cells: readonly { readonly p: number; readonly count: number }[], draws: number): number {
  const large = cells.filter(({ p }) => p * draws >= 5);
  const p = 1 - large.reduce((sum, cell) => sum + cell.p, 0);
  const count = draws - large.reduce((sum, cell) => sum + cell.count, 0);
  if (p * draws < 5) expect(count).toBeLessThan(40);
  const all = p * draws >= 5 ? [...large, { p, count }] : large;
  if (all.length < 2) return 1;
  const statistic = all.reduce((sum, cell) => sum + (cell.count - cell.p * draws) ** 2 / (cell.p * draws), 0);
  return chiSquare({ freedom: all.length - 1 }).survival(statistic);
}

it("probabilities of all sequences of a length sum to one; a missing step sums over its values", () => {
  const all = Array.from({ length: 81 }, (_, c) => [
    c % 3,
    Math.floor(c / 3) % 3,
    Math.floor(c / 9) % 3,
    Math.floor(c / 27),
  ]);
  expect(all.reduce((sum, one) => sum + Math.exp(discrete.logProb(one)), 0)).toBeCloseTo(1, 13);
  const filled = [0, 1, 2].map((v) => discrete.logProb([0, v, 2]));
  expect(discrete.logProb([0, NaNs, 2])).toBeCloseTo(logSumExp(filled), 13);
});

it("a number's law given those before it in its step sums to one", () => {
  const before = [0, 1, 1];
  for (const first of [0, 1]) {
    const nats = [0, 1].map((v) => pairs.coordinates([...before, NaNs, first, v]).at(-1)!);
    expect(Math.exp(nats[0]!) + Math.exp(nats[1]!)).toBeCloseTo(1, 13);
  }
});

it("a missing coordinate of a normal vector is integrated out", () => {
  const h = 0.01;
  const grid = Array.from({ length: 4000 }, (_, i) => (i - 2000) * h);
  const filled = grid.map((v) => gaussian.logProb([0.1, 0.4, v, 1.5, 1, 1]));
  expect(gaussian.logProb([0.1, 0.4, NaNs, 1.5, 1, 1])).toBeCloseTo(logSumExp(filled) + Math.log(h), 9);
});

it("samples have the probabilities of the model (false alarm 1e-6)", () => {
  const draws = 4000;
  const seen = new Map<string, number>();
  for (const { steps } of discrete.samples(key(5), draws, 3)) seen.set(steps.join(), (seen.get(steps.join()) ?? 0) + 1);
  const cells = Array.from({ length: 27 }, (_, c) => {
    const one = [c % 3, Math.floor(c / 3) % 3, Math.floor(c / 9)];
    return { p: Math.exp(discrete.logProb(one)), count: seen.get(one.join()) ?? 0 };
  });
  expect(misfit(cells, draws)).toBeGreaterThan(1e-6);
});

it("normal samples and completions have the moments of their laws", () => {
  const length = 20_000;
  const { steps } = gaussian.sample(key(1), length);
  const { mean, covariance } = gaussian.predict(new Float64Array(2000).fill(NaNs));
  const found = [0, 1].map((j) => {
    let sum = 0;
    for (let t = 0; t < length; t++) sum += steps[2 * t + j]!;
    return sum / length;
  });
  for (const [j, value] of found.entries()) expect(Math.abs(value - mean![j]!)).toBeLessThan(0.12);
  let cross = 0;
  for (let t = 0; t < length; t++) cross += ((steps[2 * t]! - found[0]!) * (steps[2 * t + 1]! - found[1]!)) / length;
  expect(Math.abs(cross - covariance!.data[1]!)).toBeLessThan(0.15);
  const one = hiddenMarkovModel({
    initial: [1],
    transition: [1],
    emission: gaussianEmission({ covariance: "full", states: 1, means: [1, 2], covariances: [1, 0.6, 0.6, 2] }),
  });
  const drawn = Array.from({ length: 4000 }, (_, i) => one.complete([NaNs, 4], key(i)).steps[0]!);
  const average = drawn.reduce((a, b) => a + b, 0) / 4000;
  expect(Math.abs(average - (1 + (0.6 / 2) * 2))).toBeLessThan(0.08);
  const variance = drawn.reduce((sum, v) => sum + (v - average) ** 2, 0) / 4000;
  expect(Math.abs(variance - (1 - 0.36 / 2))).toBeLessThan(0.1);
});

describe("hmmlearn's numbers", () => {
  interface Case {
    readonly start: Params;
    readonly lengths: number[];
    readonly x: number[][];
    readonly score: number;
    readonly viterbi: number;
    readonly path: number[];
    readonly posterior: number[][];
    readonly fitted: Params;
    readonly fittedScore: number;
  }
  interface Params {
    readonly initial: number[];
    readonly transition: number[][];
    readonly probabilities?: number[][];
    readonly means?: number[][];
    readonly covariances?: number[];
    readonly rates?: number[];
  }
  const file = new URL("../../../tests/golden/hidden-markov.json", import.meta.url);
  const golden = JSON.parse(readFileSync(file, "utf8")) as {
    categorical: Case;
    poisson: Case;
    counts: Case;
    leftRight: Case;
    gaussian: Record<string, Case>;
  };
  const kinds: Record<string, CovarianceKind> = {
    full: "full",
    tied: "tied",
    diag: "diagonal",
    spherical: "spherical",
  };
  const symbols = ({ probabilities }: Params) =>
    categoricalEmission({ states: 3, probabilities: probabilities!.flat() });
  const all: [string, Case, (p: Params) => Emission][] = [
    ["categorical", golden.categorical, symbols],
    ["left to right, with zeros", golden.leftRight, symbols],
    ["one law of counts", golden.poisson, ({ rates }) => univariateEmission(rates!.map((rate) => poisson({ rate })))],
    ["one count", golden.poisson, ({ rates }) => poissonEmission({ states: 2, rates: rates! })],
    ["two counts", golden.counts, ({ rates }) => poissonEmission({ states: 3, rates: rates! })],
    ...Object.entries(golden.gaussian).map(([kind, one]): [string, Case, (p: Params) => Emission] => [
      kind,
      one,
      ({ means, covariances }) =>
        gaussianEmission({ covariance: kinds[kind]!, states: 3, means: means!.flat(), covariances: covariances! }),
    ]),
  ];
  const made = (p: Params, emission: (p: Params) => Emission) =>
    hiddenMarkovModel({ initial: p.initial, transition: p.transition.flat(), emission: emission(p) });
  const near = (found: ArrayLike<number>, expected: ArrayLike<number>, tolerance = 1e-9) => {
    expect(found.length).toBe(expected.length);
    for (let i = 0; i < found.length; i++)
      expect(Math.abs(found[i]! - expected[i]!)).toBeLessThan(tolerance * (1 + Math.abs(expected[i]!)));
  };

  const lengthsOf = ({ lengths }: Case) =>
    lengths.map((length, s) => {
      const from = lengths.slice(0, s).reduce((a, b) => a + b, 0);
      return [from, from + length] as const;
    });
  const joint = (model: HiddenMarkovModel, sequence: readonly number[], path: readonly number[]) => {
    const { logB } = model.rated(sequence);
    return path.reduce((sum, state, t) => {
      const p = t === 0 ? model.initial[state]! : model.transition[path[t - 1]! * model.states + state]!;
      return sum + Math.log(p) + logB[t * model.states + state]!;
    }, 0);
  };

  const parametersOf = (emission: Emission): number[] => {
    const { probabilities, means, covariances, rates, laws } = emission as Partial<
      CategoricalEmission & GaussianEmission & PoissonEmission & UnivariateEmission
    >;
    const own = [...(probabilities ?? []), ...(means ?? []), ...(covariances ?? []), ...(rates ?? [])];
    return [...own, ...(laws ?? []).map(({ mean }) => mean)];
  };

  it("is asked about parameters of every kind", () => {
    for (const [, one, emission] of all) expect(parametersOf(emission(one.start)).length).toBeGreaterThan(1);
  });

  it.each(all)("%s: score, path, posteriors, and parameters after five rounds", (_, one, emission) => {
    const start = made(one.start, emission);
    const sequences = lengthsOf(one).map(([from, to]) => one.x.slice(from, to).flat());
    const sum = (of: (sequence: number[]) => number) => sequences.reduce((total, each) => total + of(each), 0);
    near([sum((each) => start.logProb(each))], [one.score]);
    near([sum((each) => start.viterbi(each).logProb)], [one.viterbi]);
    // hmmlearn's path, which may be another one of the same probability
    const theirs = lengthsOf(one).map(([from, to], s) => joint(start, sequences[s]!, one.path.slice(from, to)));
    near([theirs.reduce((a, b) => a + b, 0)], [one.viterbi]);
    near(
      sequences.flatMap((each) => Array.from(start.smooth(each))),
      one.posterior.flat(),
    );
    const { model, logLikelihood } = baumWelch(start, sequences, { rounds: 5, tolerance: -1 });
    near([logLikelihood], [one.fittedScore]);
    const expected = made(one.fitted, emission);
    near(model.initial, expected.initial, 1e-8);
    near(model.transition, expected.transition, 1e-8);
    near(parametersOf(model.emission), parametersOf(expected.emission), 1e-8);
  });
});

describe("Baum-Welch", () => {
  const holes = (sequence: Float64Array) => sequence.map((v, i) => (i % 7 === 3 ? NaNs : v));
  const vectors = [gaussian.sample(key(1), 120).steps, gaussian.sample(key(2), 60).steps];
  const kinds: CovarianceKind[] = ["full", "tied", "diagonal", "spherical"];

  it.each(kinds.flatMap((kind) => [false, true].map((gaps) => [kind, gaps] as const)))(
    "never lowers what it maximises: %s covariances, missing coordinates: %s",
    (covariance, gaps) => {
      const { trace, model } = fitHiddenMarkovModel(gaps ? vectors.map(holes) : vectors, {
        states: 3,
        emission: { kind: "gaussian", covariance, dimension: 2 },
        key: key(3),
        restarts: 1,
        rounds: 25,
        pseudocounts: { initial: 0.5, transition: 0.5 },
      });
      rises(trace);
      expect(trace.length).toBeGreaterThan(3);
      expect(model.transition.every((p) => p > 0)).toBe(true);
    },
  );

  it("never lowers the likelihood of categories and of counts, some missing", () => {
    const texts = pairs.samples(key(4), 5, 60).map(({ steps }) => holes(steps));
    const emission = { kind: "categorical", levels: 2, dimension: 2, pseudocount: 0.1 } as const;
    rises(fitHiddenMarkovModel(texts, { states: 3, emission, key: key(1), restarts: 2, rounds: 40 }).trace);
    const numbers = counts.samples(key(5), 2, 80).map(({ steps }) => holes(steps));
    for (const family of ["poisson", "negativeBinomial", "normal"])
      rises(
        fitHiddenMarkovModel(numbers, {
          states: 2,
          emission: { kind: "univariate", family },
          key: key(1),
          restarts: 1,
          rounds: 15,
        }).trace,
      );
  });

  function rises(trace: readonly number[]): void {
    for (let i = 1; i < trace.length; i++) expect(trace[i]! - trace[i - 1]!).toBeGreaterThan(-1e-7);
  }

  it("finds the parameters of a chain it was sampled from, up to names of states", () => {
    const truth = hiddenMarkovModel({
      initial: [0.5, 0.5],
      transition: [0.9, 0.1, 0.2, 0.8],
      emission: univariateEmission([normal({ mean: 0, stdDev: 1 }), normal({ mean: 5, stdDev: 2 })]),
    });
    const { steps } = truth.sample(key(8), 4000);
    const { model, logLikelihood } = fitHiddenMarkovModel([steps], {
      states: 2,
      emission: { kind: "gaussian" },
      key: key(1),
      restarts: 2,
    });
    expect(logLikelihood).toBeGreaterThan(truth.logProb(steps));
    const [stay] = [model.transition[0]!, model.transition[3]!].sort((a, b) => b - a);
    expect(Math.abs(stay! - 0.9)).toBeLessThan(0.03);
  });

  it("keeps transitions of zero at zero, left to right", () => {
    const { model } = fitHiddenMarkovModel(
      leftRight.samples(key(2), 8, 30).map(({ steps }) => steps),
      {
        states: 3,
        topology: "left-right",
        emission: { kind: "categorical", levels: 3 },
        key: key(1),
        pseudocounts: { transition: 1, initial: 1 },
      },
    );
    expect([1, 2, 3, 6, 7].filter((at) => at !== 1).map((at) => model.transition[at])).toEqual([0, 0, 0, 0]);
    expect(Array.from(model.initial)).toEqual([1, 0, 0]);
    expect(model.freedom).toBe(2 + 6);
  });

  it("leaves the law of a state that is never visited", () => {
    const start = hiddenMarkovModel({
      initial: [1, 0],
      transition: [1, 0, 0.5, 0.5],
      emission: categoricalEmission({ states: 2, probabilities: [0.5, 0.5, 0.2, 0.8] }),
    });
    const { model } = baumWelch(start, [[0, 1, 1, 1]]);
    expect(Array.from(model.transition)).toEqual([1, 0, 0.5, 0.5]);
    expect(Array.from(model.emission.probabilities)).toEqual([0.25, 0.75, 0.2, 0.8]);
  });

  it("chooses two states of two by BIC", () => {
    const { steps } = hiddenMarkovModel({
      initial: [0.5, 0.5],
      transition: [0.9, 0.1, 0.1, 0.9],
      emission: univariateEmission([gamma({ concentration: 4, rate: 4 }), gamma({ concentration: 40, rate: 8 })]),
    }).sample(key(3), 500);
    const emission = { kind: "univariate", family: "gamma" } as const;
    const { byBic, scores } = selectStates([steps], [1, 2, 3], { emission, key: key(1), restarts: 1, rounds: 40 });
    expect(byBic).toBe(2);
    expect(scores.map(({ freedom }) => freedom)).toEqual([2, 1 + 2 + 4, 2 + 6 + 6]);
  });
});

describe("long and extreme sequences", () => {
  it("a million steps do not underflow", () => {
    const short = discrete.sample(key(1), 1000).steps;
    const long = new Float64Array(1_000_000);
    for (let i = 0; i < 1000; i++) long.set(short, i * 1000);
    const nats = discrete.logProb(long);
    expect(nats / 1000).toBeCloseTo(discrete.logProb(short), 0);
    expect(discrete.viterbi(long).logProb).toBeLessThan(nats);
  });

  it("what scaling would lose is found in logarithms", () => {
    const far = (means: number[], rows: number[]) =>
      hiddenMarkovModel({
        initial: [0.5, 0.5],
        transition: rows,
        emission: gaussianEmission({ covariance: "spherical", states: 2, means, covariances: [1, 1] }),
      });
    const apart = far([0, 100], [1, 0, 0, 1]);
    const sequence = [0, 0, 100, 100, 100];
    const paths = everyPath(apart, sequence);
    const total = logSumExp(paths.map(({ log }) => log));
    expect(apart.logProb(sequence)).toBeCloseTo(total, 9);
    expect(apart.coordinates(sequence).reduce((a, b) => a + b, 0)).toBeCloseTo(total, 9);
    expect(Array.from(apart.smooth(sequence))).toEqual(expect.arrayContaining([1]));
    expect(apart.smooth(sequence)[1]).toBeCloseTo(1, 12);
    expect(Array.from(apart.complete(sequence, key(1)).states)).toEqual([1, 1, 1, 1, 1]);
    expect(far([0, 100], [0.5, 0.5, 0.5, 0.5]).logProb(sequence)).toBeCloseTo(
      logSumExp(everyPath(far([0, 100], [0.5, 0.5, 0.5, 0.5]), sequence).map(({ log }) => log)),
      9,
    );
  });
});

describe("errors", () => {
  it("a sequence of probability zero is said so, and its log-likelihood is −∞", () => {
    const never = hiddenMarkovModel({
      initial: [1, 0],
      transition: [0.5, 0.5, 0, 1],
      emission: categoricalEmission({ states: 2, probabilities: [1, 0, 0, 1] }),
    });
    expect(never.logProb([0, 1, 0])).toBe(Number.NEGATIVE_INFINITY);
    expect(Array.from(never.coordinates([0, 1, 0, 1]))).toEqual([0, Math.log(0.5), Number.NEGATIVE_INFINITY, 0]);
    expect(never.viterbi([0, 1, 0]).logProb).toBe(Number.NEGATIVE_INFINITY);
    expect(() => never.smooth([0, 1, 0])).toThrow(/probability zero: its step 2 cannot follow/);
    expect(() => never.complete([1], key(1))).toThrow(/step 0/);
    expect(() => baumWelch(never, [[0], [0, 1, 0]])).toThrow(/Sequence 1 has probability zero/);
  });

  it.each<[() => unknown, RegExp]>([
    [() => discrete.logProb([]), /at least one step/],
    [() => gaussian.logProb([1, 2, 3]), /multiple of 2 numbers; got 3/],
    [() => discrete.logProb([0, 3]), /whole numbers from 0 to 2, or NaN where missing; number 1 is 3/],
    [() => baumWelch(discrete, []), /at least one sequence/],
    [() => hiddenMarkovModel({ ...discrete, initial: [0.5, 0.5, 0.5] }), /must sum to 1; the sum is 1.5/],
    [() => hiddenMarkovModel({ ...discrete, transition: [1] }), /3 x 3 transitions; got 3 and 1/],
    [
      () => gaussianEmission({ covariance: "full", states: 1, means: [0, 0], covariances: [1, 1, 1, 1] }),
      /covariance of state 0 is singular/,
    ],
    [
      () => gaussianEmission({ covariance: "diagonal", states: 1, means: [0], covariances: [0] }),
      /variance of coordinate 0 in state 0 is 0/,
    ],
    [
      () => gaussianEmission({ covariance: "diagonals" as "full", states: 1, means: [0], covariances: [0] }),
      /Unknown covariance "diagonals"; did you mean "diagonal"/,
    ],
    [
      () =>
        fitHiddenMarkovModel([[1, 2]], { states: 2, emission: { kind: "univariate", family: "poison" }, key: key(1) }),
      /did you mean "poisson"/,
    ],
    [
      () => fitHiddenMarkovModel([[1, 1, 1]], { states: 2, emission: { kind: "gaussian" }, key: key(1) }),
      /Coordinate 0 is 1 in every step/,
    ],
    [
      () => fitHiddenMarkovModel([[1, NaNs]], { states: 2, emission: { kind: "gaussian" }, key: key(1) }),
      /too few to begin 2 states/,
    ],
  ])("is one clear sentence (%#)", (run, message) => {
    expect(run).toThrow(message);
  });
});
