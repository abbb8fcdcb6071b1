import { expect, it } from "vitest";
import { logSumExp } from "../../base/log-sum-exp.ts";
import { key } from "../../random/index.ts";
import { chiSquare, poisson } from "../univariate/index.ts";
import {
  baumWelch,
  categoricalEmission,
  gaussianEmission,
  hiddenMarkovModel,
  poissonEmission,
  productEmission,
  univariateEmission,
} from "./index.ts";

const chain = { initial: [0.6, 0.4], transition: [0.7, 0.3, 0.2, 0.8] };
const rates = [0.5, 2];
const symbols = categoricalEmission({ states: 2, probabilities: [0.9, 0.1, 0.3, 0.7] });

/** A step is (count, real, symbol): the blocks lie across each other. */
const mixed = hiddenMarkovModel({
  ...chain,
  emission: productEmission([
    { places: [2], emission: symbols },
    { places: [0], emission: poissonEmission({ states: 2, rates }) },
    {
      places: [1],
      emission: gaussianEmission({ states: 2, covariance: "diagonal", means: [-1, 2], covariances: [1, 0.5] }),
    },
  ]),
});

/** The same without the real coordinate: its sequences can be counted. */
const counted = hiddenMarkovModel({
  ...chain,
  emission: productEmission([
    { places: [1], emission: symbols },
    { places: [0], emission: poissonEmission({ states: 2, rates }) },
  ]),
});

/** All steps that matter: counts from 30 on have probabilities below 10^−20. */
const everyStep = Array.from({ length: 60 }, (_, at) => [Math.floor(at / 2), at % 2]);

it("mixed steps have probabilities that sum to one; what is missing is summed out", () => {
  const all = everyStep.flatMap((a) => everyStep.map((b) => counted.logProb([...a, ...b])));
  expect(Math.exp(logSumExp(all))).toBeCloseTo(1, 12);
  const filled = everyStep.map((step) => counted.logProb([1, 0, ...step, 2, 1]));
  expect(counted.logProb([1, 0, Number.NaN, Number.NaN, 2, 1])).toBeCloseTo(logSumExp(filled), 12);
  const symbol = [0, 1].map((v) => counted.logProb([3, v]));
  expect(counted.logProb([3, Number.NaN])).toBeCloseTo(logSumExp(symbol), 12);
});

it("a real coordinate among others integrates to one", () => {
  const h = 0.01;
  const grid = Array.from({ length: 2400 }, (_, i) => mixed.logProb([1, (i - 1200) * h, 0]));
  expect(logSumExp(grid) + Math.log(h)).toBeCloseTo(counted.logProb([1, 0]), 9);
});

it("samples have the probabilities of the model, and completions the posterior (false alarm 1e-6)", () => {
  const draws = 4000;
  const seen = new Map<string, number>();
  for (const { steps } of counted.samples(key(3), draws, 1)) seen.set(steps.join(), (seen.get(steps.join()) ?? 0) + 1);
  expect(misfit((step) => counted.logProb(step), seen, draws)).toBeGreaterThan(1e-6);
  const filled = new Map<string, number>();
  for (let i = 0; i < draws; i++) {
    const { steps } = counted.complete([4, Number.NaN, Number.NaN, 1], key(i));
    expect([steps[0], steps[3]]).toEqual([4, 1]);
    const id = [steps[2], steps[1]].join();
    filled.set(id, (filled.get(id) ?? 0) + 1);
  }
  const total = counted.logProb([4, Number.NaN, Number.NaN, 1]);
  const posterior = ([count, symbol]: readonly number[]) => counted.logProb([4, symbol!, count!, 1]) - total;
  expect(misfit(posterior, filled, draws)).toBeGreaterThan(1e-6);
});

/** p-value of χ² over all steps; cells that expect fewer than five are pooled. */
function misfit(logProb: (step: readonly number[]) => number, seen: ReadonlyMap<string, number>, draws: number) {
  const cells = everyStep.map((step) => ({ mean: draws * Math.exp(logProb(step)), count: seen.get(step.join()) ?? 0 }));
  const large = cells.filter(({ mean }) => mean >= 5);
  const rest = {
    mean: draws - large.reduce((sum, { mean }) => sum + mean, 0),
    count: draws - large.reduce((sum, { count }) => sum + count, 0),
  };
  const statistic = [...large, rest].reduce((sum, { mean, count }) => sum + (count - mean) ** 2 / mean, 0);
  return chiSquare({ freedom: large.length }).survival(statistic);
}

it("counts equal Poisson laws one by one, in likelihood and after rounds of Baum-Welch", () => {
  const sequence = [0, 1, 0, 3, 2, Number.NaN, 4, 0, 0, 1];
  const own = hiddenMarkovModel({ ...chain, emission: poissonEmission({ states: 2, rates }) });
  const laws = hiddenMarkovModel({ ...chain, emission: univariateEmission(rates.map((rate) => poisson({ rate }))) });
  expect(own.logProb(sequence)).toBeCloseTo(laws.logProb(sequence), 12);
  const given = { rounds: 4, tolerance: -1e9 };
  const [one, other] = [baumWelch(own, [sequence], given).model, baumWelch(laws, [sequence], given).model];
  expect(one.logProb(sequence)).toBeCloseTo(other.logProb(sequence), 10);
  expect(one.logProb(sequence)).toBeGreaterThan(own.logProb(sequence));
});

it("blocks that leave a coordinate out, and counts that are none, are refused", () => {
  expect(() => productEmission([{ places: [1], emission: symbols }])).toThrow(/each of its 1 coordinates once/);
  expect(() => counted.logProb([0.5, 1])).toThrow(/whole numbers from 0 on/);
  expect(() => poissonEmission({ states: 2, rates: [1, 0] })).toThrow(/above 0; got 0/);
});
