import { describe, expect, it } from "vitest";
import { key } from "../../random/index.ts";
import { chiSquare } from "../univariate/index.ts";
import {
  absorption,
  entropyRate,
  fitMarkovChain,
  hittingProbabilities,
  hittingTimes,
  type MarkovChain,
  markovChain,
  mixing,
  mixingTime,
  orderTest,
  power,
  selectOrder,
  stationaryLaw,
  stationaryLaws,
  structureOf,
  totalVariation,
  transitionOf,
} from "./index.ts";

const weather = transitionOf(
  ["sun", "cloud", "rain"],
  [
    [0.7, 0.2, 0.1],
    [0.3, 0.4, 0.3],
    [0.2, 0.3, 0.5],
  ],
);
/** The gambler's ruin on 0 to 4 with a coin of p: ends at 0 or 4. */
const ruin = (p: number) =>
  transitionOf(
    ["0", "1", "2", "3", "4"],
    [0, 1, 2, 3, 4].map((i) =>
      [0, 1, 2, 3, 4].map((j) => (i === 0 || i === 4 ? Number(i === j) : j === i + 1 ? p : j === i - 1 ? 1 - p : 0)),
    ),
  );
const ring = transitionOf(
  ["a", "b", "c"],
  [
    [0, 1, 0],
    [0, 0, 1],
    [1, 0, 0],
  ],
);

/** Every sequence of a length over K states. */
const every = (size: number, length: number) =>
  Array.from({ length: size ** length }, (_, c) => Array.from({ length }, (_, t) => Math.floor(c / size ** t) % size));
const near = (found: ArrayLike<number>, expected: ArrayLike<number>, digits = 12) => {
  expect(found.length).toBe(expected.length);
  for (let i = 0; i < found.length; i++) expect(found[i]).toBeCloseTo(expected[i]!, digits);
};

describe("a chain of order two", () => {
  const chain = markovChain({
    states: ["a", "b"],
    order: 2,
    initial: [0.1, 0.2, 0.3, 0.4],
    transition: [0.9, 0.1, 0.2, 0.8, 0.6, 0.4, 0.5, 0.5],
  });

  it("rates sequences by the product, those of a length sum to one, shorter than the order too", () => {
    expect(chain.logProb(["a", "b", "a", "a"])).toBeCloseTo(Math.log(0.2 * 0.2 * 0.6), 14);
    for (const length of [1, 2, 3, 5])
      expect(every(2, length).reduce((sum, one) => sum + Math.exp(chain.logProb(one)), 0)).toBeCloseTo(1, 13);
    expect(chain.logProbAfter("abaa".split(""))).toBeCloseTo(Math.log(0.2 * 0.6), 14);
    near(chain.next(["b", "b", "a"]), [0.6, 0.4]);
  });

  it("draws sequences with these probabilities (false alarm 1e-6), the same however many", () => {
    const draws = chain.sample(key(1), 4000, 4);
    expect(chain.sample(key(1), 3, 4)).toEqual(draws.slice(0, 3));
    const seen = new Map<string, number>();
    for (const one of draws) seen.set(one.join(), (seen.get(one.join()) ?? 0) + 1);
    const statistic = every(2, 4).reduce((sum, one) => {
      const expected = 4000 * Math.exp(chain.logProb(one));
      return sum + ((seen.get(one.join()) ?? 0) - expected) ** 2 / expected;
    }, 0);
    expect(chiSquare({ freedom: 15 }).survival(statistic)).toBeGreaterThan(1e-6);
  });

  it("has the long-run shares of a long run, by its chain of order one over pairs", () => {
    let law = Float64Array.from(chain.initial);
    const { matrix, states } = chain.lifted();
    expect(states).toEqual(["a a", "a b", "b a", "b b"]);
    for (let i = 0; i < 500; i++)
      law = Float64Array.from({ length: 4 }, (_, j) => law.reduce((sum, p, c) => sum + p * matrix.data[c * 4 + j]!, 0));
    near(chain.stationary(), [law[0]! + law[2]!, law[1]! + law[3]!]);
  });
});

describe("fits", () => {
  const texts = ["abracadabra", "cabbac"].map((text) => text.split(""));

  it("shares of counts, and with smoothing the mean of the Dirichlet posterior", () => {
    const plain = fitMarkovChain(texts, { states: ["a", "b", "c", "d", "r"] });
    near(plain.next(["a"]), [0, 3 / 6, 2 / 6, 1 / 6, 0]);
    near(plain.initial, [0.5, 0, 0.5, 0, 0]);
    const smooth = fitMarkovChain(texts, { smoothing: [1, 2, 0.5, 0.5, 1] });
    near(
      smooth.next(["a"]),
      [1, 5, 2.5, 1.5, 1].map((n) => n / 11),
    );
    expect(fitMarkovChain(texts, { order: 0 }).stationary()[0]).toBeCloseTo(7 / 17, 14);
  });

  it("finds the order of a chain by BIC and by the likelihood-ratio test", () => {
    const truth = markovChain({
      states: ["a", "b"],
      order: 2,
      transition: [0.9, 0.1, 0.2, 0.8, 0.6, 0.4, 0.3, 0.7],
    });
    const data = truth.sample(key(3), 10, 300);
    const options = { states: ["a", "b"] };
    const { byBic, scores, count } = selectOrder(data, 4, options);
    expect(byBic).toBe(2);
    expect(count).toBe(10 * 296);
    expect(scores.map(({ freedom }) => freedom)).toEqual([1, 2, 4, 8, 16]);
    const best: MarkovChain = fitMarkovChain(
      data.map((one) => one.slice(2)),
      { ...options, order: 2 },
    );
    expect(scores[2]!.logLikelihood).toBeCloseTo(
      data.reduce((sum, one) => sum + best.logProbAfter(one.slice(2)), 0),
      8,
    );
    expect(orderTest(data, 1, 2, options).pValue).toBeLessThan(1e-9);
    expect(orderTest(data, 2, 3, options).pValue).toBeGreaterThan(1e-4);
  });
});

describe("stationary laws and mixing", () => {
  it("equal those of many steps, and the second eigenvalue says how fast they come", () => {
    const law = stationaryLaw(weather);
    near(law, power(weather, 400).data.slice(0, 3));
    expect(law.reduce((a, b) => a + b, 0)).toBeCloseTo(1, 14);
    const { secondModulus, relaxationTime } = mixing(weather);
    const ratio = totalVariation(weather, 31) / totalVariation(weather, 30);
    expect(secondModulus).toBeCloseTo(ratio, 5);
    expect(secondModulus).toBeCloseTo(0.3 + Math.sqrt(3) / 10, 12); // the roots of λ² − 0.6 λ + 0.06
    expect(relaxationTime).toBeCloseTo(1 / (1 - secondModulus), 12);
    const two = transitionOf(
      ["a", "b"],
      [
        [0.9, 0.1],
        [0.3, 0.7],
      ],
    );
    near(stationaryLaw(two), [0.75, 0.25], 15);
    expect(mixing(two).secondModulus).toBeCloseTo(0.6, 12);
    const turning = transitionOf(
      ["a", "b", "c"],
      [
        [0.1, 0.9, 0],
        [0, 0.1, 0.9],
        [0.9, 0, 0.1],
      ],
    );
    expect(mixing(turning).secondModulus).toBeCloseTo(Math.hypot(0.1 - 0.45, 0.9 * Math.sqrt(0.75)), 12);
    const independent = transitionOf(
      ["a", "b"],
      [
        [0.3, 0.7],
        [0.3, 0.7],
      ],
    );
    expect(mixing(independent).secondModulus).toBe(0);
  });

  it("the mixing time is the first step within the distance", () => {
    for (const epsilon of [0.25, 0.01, 1e-6]) {
      const steps = mixingTime(weather, epsilon);
      expect(totalVariation(weather, steps)).toBeLessThanOrEqual(epsilon);
      expect(totalVariation(weather, steps - 1)).toBeGreaterThan(epsilon);
    }
    const slow = transitionOf(
      ["a", "b"],
      [
        [1 - 1e-6, 1e-6],
        [1e-6, 1 - 1e-6],
      ],
    );
    expect(mixingTime(slow)).toBe(Math.ceil(Math.log(0.5) / Math.log(1 - 2e-6)));
  });

  it("keeps all digits of tiny shares", () => {
    const rare = transitionOf(
      ["a", "b"],
      [
        [1 - 1e-14, 1e-14],
        [0.5, 0.5],
      ],
    );
    expect(stationaryLaw(rare)[1]! / 2e-14).toBeCloseTo(1, 10);
  });

  it("classes, periods, and several laws", () => {
    expect(structureOf(weather)).toMatchObject({ irreducible: true, aperiodic: true });
    expect(structureOf(ring)).toEqual({
      irreducible: true,
      aperiodic: false,
      classes: [{ states: [0, 1, 2], closed: true, period: 3 }],
    });
    expect(mixing(ring).secondModulus).toBe(1);
    expect(mixingTime(ring)).toBe(Number.POSITIVE_INFINITY);
    near(stationaryLaw(ring), [1 / 3, 1 / 3, 1 / 3]);
    expect(structureOf(ruin(0.5)).classes).toEqual([
      { states: [0], closed: true, period: 1 },
      { states: [1, 2, 3], closed: false, period: 2 },
      { states: [4], closed: true, period: 1 },
    ]);
    expect(stationaryLaws(ruin(0.5)).map(({ law }) => Array.from(law))).toEqual([
      [1, 0, 0, 0, 0],
      [0, 0, 0, 0, 1],
    ]);
    expect(() => stationaryLaw(ruin(0.5))).toThrow(/2 stationary laws, one for each class .*\(\{0\} and \{4\}\)/);
  });

  it("the entropy rate is Σ π H(row), log 2 for a fair coin", () => {
    expect(
      entropyRate(
        transitionOf(
          ["a", "b"],
          [
            [0.5, 0.5],
            [0.5, 0.5],
          ],
        ),
      ),
    ).toBeCloseTo(Math.LN2, 14);
    expect(entropyRate(ring)).toBe(0);
    const entropy = (p: number) => -p * Math.log(p) - (1 - p) * Math.log(1 - p);
    const two = transitionOf(
      ["a", "b"],
      [
        [0.9, 0.1],
        [0.3, 0.7],
      ],
    );
    expect(entropyRate(two)).toBeCloseTo(0.75 * entropy(0.1) + 0.25 * entropy(0.3), 14);
  });
});

describe("hitting", () => {
  it("the gambler's ruin: i/4 and i(4 − i) with a fair coin, the known ratio with another", () => {
    near(hittingProbabilities(ruin(0.5), ["4"]), [0, 0.25, 0.5, 0.75, 1]);
    const { classes, probabilities, times } = absorption(ruin(0.5));
    expect(classes.map(({ states }) => states)).toEqual([[0], [4]]);
    near(probabilities[0]!, [1, 0.75, 0.5, 0.25, 0]);
    near(times, [0, 3, 4, 3, 0]);
    const r = 0.4 / 0.6;
    near(
      hittingProbabilities(ruin(0.6), ["4"]),
      [0, 1, 2, 3, 4].map((i) => (1 - r ** i) / (1 - r ** 4)),
    );
    expect(Array.from(hittingTimes(ruin(0.5), ["4"]))).toEqual([...new Array(4).fill(Number.POSITIVE_INFINITY), 0]);
  });

  it("times to return are one over the stationary shares", () => {
    const law = stationaryLaw(weather);
    const times = hittingTimes(weather, ["sun"]);
    const back = 1 + weather.matrix.data.slice(0, 3).reduce((sum, p, j) => sum + p * times[j]!, 0);
    expect(back).toBeCloseTo(1 / law[0]!, 12);
  });
});

describe("errors are one clear sentence", () => {
  const chain = markovChain({ states: ["sun", "rain"], transition: [1, 0, 0.5, 0.5] });

  it("what cannot happen has −∞, not NaN", () => {
    expect(chain.logProb(["sun", "rain", "rain"])).toBe(Number.NEGATIVE_INFINITY);
  });

  it.each<[() => unknown, RegExp]>([
    [() => chain.logProb(["sun", "rian"]), /Unknown state "rian"; did you mean "rain"/],
    [() => chain.logProb([0, 2]), /numbered from 0 to 1; got 2/],
    [() => chain.logProb([]), /empty sequence/],
    [() => chain.next([]), /looks back on 1 states; got 0/],
    [() => fitMarkovChain([]), /at least one sequence/],
    [() => fitMarkovChain([["a", "b"], []]), /Sequence 1 has 0 states/],
    [() => fitMarkovChain([["a", "b", "c"]]), /Nothing ever follows "c".*smoothing above 0/],
    [() => fitMarkovChain([["a", "b", "a", "b"]], { order: 2 }), /Nothing ever follows "a a"/],
    [() => fitMarkovChain([[0, 1]]), /give them as `states`/],
    [() => fitMarkovChain([["a", "a"]], { smoothing: [1, 1] }), /one for each of the 1 states; got 2 numbers/],
    [() => markovChain({ states: ["a", "b"], transition: [1, 0.5, 0, 1] }), /after "a" must sum to 1; the sum is 1.5/],
    [() => markovChain({ states: ["a", "a"], transition: [1, 0, 0, 1] }), /"a" is named twice/],
    [
      () => fitMarkovChain([["a"]], { states: "abcdefghijklmnopqrstuvwxyz".split(""), order: 6 }),
      /choose a lower order|needs at least 6/,
    ],
    [() => hittingTimes(weather, ["snow"]), /Unknown state "snow"/],
  ])("(%#)", (run, message) => {
    expect(run).toThrow(message);
  });
});
