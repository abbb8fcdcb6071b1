import { describe, expect, test } from "vitest";
import { key, uniform as uniforms } from "../../../random/index.ts";
import * as p from "../index.ts";

interface Case {
  readonly name: string;
  readonly truth: p.Univariate;
  readonly estimate: (x: ArrayLike<number>, w?: ArrayLike<number>) => p.Univariate;
  /** The parameters that are fitted, and the law with others. */
  readonly free: readonly string[];
  readonly make: (parameters: never) => p.Univariate;
}

const cases: Case[] = [
  {
    name: "normal",
    truth: p.normal({ mean: 3, stdDev: 2 }),
    estimate: p.fit.normal,
    free: ["mean", "stdDev"],
    make: p.normal,
  },
  {
    name: "logNormal",
    truth: p.logNormal({ mean: 1, stdDev: 0.7 }),
    estimate: p.fit.logNormal,
    free: ["mean", "stdDev"],
    make: p.logNormal,
  },
  {
    name: "logistic",
    truth: p.logistic({ mean: -1, scale: 3 }),
    estimate: p.fit.logistic,
    free: ["mean", "scale"],
    make: p.logistic,
  },
  {
    name: "laplace",
    truth: p.laplace({ mean: -1, scale: 3 }),
    estimate: p.fit.laplace,
    free: ["scale"],
    make: p.laplace,
  },
  {
    name: "studentT",
    truth: p.studentT({ freedom: 4, location: 2, scale: 3 }),
    estimate: p.fit.studentT,
    free: ["freedom", "location", "scale"],
    make: p.studentT,
  },
  {
    name: "studentT of known freedom",
    truth: p.studentT({ freedom: 4, location: 2, scale: 3 }),
    estimate: (x, w) => p.fit.studentT(x, w, 4),
    free: ["location", "scale"],
    make: p.studentT,
  },
  {
    name: "exponential",
    truth: p.exponential({ rate: 0.3 }),
    estimate: p.fit.exponential,
    free: ["rate"],
    make: p.exponential,
  },
  {
    name: "gamma",
    truth: p.gamma({ concentration: 2.5, rate: 3 }),
    estimate: p.fit.gamma,
    free: ["concentration", "rate"],
    make: p.gamma,
  },
  {
    name: "gamma with a small concentration",
    truth: p.gamma({ concentration: 0.2, rate: 3 }),
    estimate: p.fit.gamma,
    free: ["concentration", "rate"],
    make: p.gamma,
  },
  {
    name: "inverseGamma",
    truth: p.inverseGamma({ concentration: 2.5, scale: 3 }),
    estimate: p.fit.inverseGamma,
    free: ["concentration", "scale"],
    make: p.inverseGamma,
  },
  {
    name: "chiSquare",
    truth: p.chiSquare({ freedom: 5 }),
    estimate: p.fit.chiSquare,
    free: ["freedom"],
    make: p.chiSquare,
  },
  { name: "beta", truth: p.beta({ a: 0.7, b: 3 }), estimate: p.fit.beta, free: ["a", "b"], make: p.beta },
  {
    name: "bernoulli",
    truth: p.bernoulli({ probability: 0.3 }),
    estimate: p.fit.bernoulli,
    free: ["probability"],
    make: p.bernoulli,
  },
  {
    name: "binomial",
    truth: p.binomial({ trials: 9, probability: 0.3 }),
    estimate: (x, w) => p.fit.binomial(x, 9, w),
    free: ["probability"],
    make: p.binomial,
  },
  { name: "poisson", truth: p.poisson({ rate: 3 }), estimate: p.fit.poisson, free: ["rate"], make: p.poisson },
  {
    name: "geometric",
    truth: p.geometric({ probability: 0.3 }),
    estimate: p.fit.geometric,
    free: ["probability"],
    make: p.geometric,
  },
  {
    name: "negativeBinomial",
    truth: p.negativeBinomial({ successes: 2.5, probability: 0.3 }),
    estimate: p.fit.negativeBinomial,
    free: ["successes", "probability"],
    make: p.negativeBinomial,
  },
];

describe.each(cases)("$name", ({ truth, estimate, free, make }) => {
  const x = truth.sample(key(3), 600);
  const weights = Float64Array.from(uniforms(key(4), [600]).data, (u) => (u < 0.2 ? 0 : u));
  const logLikelihood = (law: p.Univariate, w: ArrayLike<number>) =>
    x.reduce((sum, value, i) => (w[i]! > 0 ? sum + w[i]! * law.logProb(value) : sum), 0);

  test.each([
    ["equal weights", undefined],
    ["weights", weights],
  ])("the score vanishes at the fit with %s, and other parameters are worse", (_name, w) => {
    const law = estimate(x, w);
    const used = w ?? new Float64Array(600).fill(1);
    const best = logLikelihood(law, used);
    expect(best).toBeGreaterThanOrEqual(logLikelihood(truth, used));
    for (const name of free) {
      const value = law.parameters[name] as number;
      const at = (factor: number) => logLikelihood(make({ ...law.parameters, [name]: value * factor } as never), used);
      const h = 1e-4;
      const slope = (at(1 + h) - at(1 - h)) / (2 * h);
      const curvature = (at(1 + h) - 2 * best + at(1 - h)) / (h * h);
      expect(curvature).toBeLessThan(0);
      expect(Math.abs(slope / curvature)).toBeLessThan(2e-6); // Newton's next relative step
    }
  });

  test("a weight of two is a number twice", () => {
    const twice = estimate([...x, ...x.slice(0, 50)]);
    const heavy = estimate(
      x,
      x.map((_, i) => (i < 50 ? 2 : 1)),
    );
    for (const name of free) expect(heavy.parameters[name] as number).toBeCloseTo(twice.parameters[name] as number, 6);
  });
});

test("closed forms: medians, ranges, shares", () => {
  expect(p.fit.laplace([5, 1, 2, 9, 3]).parameters).toEqual({ mean: 3, scale: 11 / 5 });
  expect(p.fit.uniform([5, 1, 9], [1, 1, 0]).parameters).toEqual({ low: 1, high: 5 });
  expect(p.fit.categorical([0, 2, 2, 1], 4).parameters).toEqual({ probabilities: [0.25, 0.25, 0.5, 0] });
  expect(p.fit.categorical([0, 2], undefined, [3, 1]).parameters).toEqual({ probabilities: [0.75, 0, 0.25] });
});

test.each([
  [() => p.fit.normal([]), /at least one number/],
  [() => p.fit.normal([2, 2, 2]), /not all equal/],
  [() => p.fit.normal([1, Number.NaN]), /normal needs finite numbers; number 1 is NaN/],
  [() => p.fit.gamma([1, 0]), /above 0; number 1 is 0/],
  [() => p.fit.gamma([2, 2]), /not all equal/],
  [() => p.fit.beta([0.5, 1]), /between 0 and 1; number 1 is 1/],
  [() => p.fit.binomial([1, 5], 4), /from 0 to 4; number 1 is 5/],
  [() => p.fit.poisson([0, 0, 0]), /poisson needs at least one number above 0; all are 0/],
  [() => p.fit.exponential([0, 0]), /exponential needs at least one number above 0/],
  [() => p.fit.negativeBinomial([0, 0]), /negativeBinomial needs at least one number above 0/],
  [() => p.fit.binomial([0, 0], 0), /a fit of binomial needs `trials` that is a whole number from 1 on; got 0/i],
  [() => p.fit.studentT([0, 0, 0, 0, 0, 0, 0.1, 5, -3]), /grows without bound as the scale falls to 0 at 0/],
  [() => p.fit.studentT([1, 1, 1, 2], undefined, 1), /scale falls to 0 at 1, .* larger `freedom`/],

  [() => p.fit.poisson([1, 2], [1]), /as many weights/],
  [() => p.fit.poisson([1, 2], [1, -1]), /weight 1 is -1/],
  [() => p.fit.negativeBinomial([3, 3, 3, 4]), /fit poisson instead/],
])("data without a fit are refused in a sentence (%#)", (run, message) => {
  expect(run).toThrow(message);
});

test("equal numbers do have a fit where the family has one", () => {
  expect(p.fit.poisson([3, 3, 3]).parameters).toEqual({ rate: 3 });
  expect(p.fit.geometric([0, 0]).parameters).toEqual({ probability: 1 });
  expect(p.fit.categorical([0, 5, 1], undefined, [1, 0, 1]).parameters).toEqual({ probabilities: [0.5, 0.5] });
});

test("numbers with tails no heavier than normal ones have a t law of 1e6 degrees of freedom, the normal law", () => {
  const x = p.uniform({ low: 0, high: 1 }).sample(key(3), 1000);
  const [fitted, normal] = [p.fit.studentT(x), p.fit.normal(x)];
  expect(fitted.parameters.freedom).toBe(1e6);
  expect(fitted.mean).toBeCloseTo(normal.mean, 6);
  expect(fitted.variance / normal.variance).toBeCloseTo(1, 4);
});

test("numbers rounded to tenths, with many ties, keep their t law", () => {
  const x = p.studentT({ freedom: 3 }).sample(key(1), 600);
  const [exact, rounded] = [p.fit.studentT(x), p.fit.studentT(x.map((v) => Math.round(v * 10) / 10))];
  expect(rounded.parameters.freedom as number).toBeCloseTo(exact.parameters.freedom as number, 1);
  expect(rounded.parameters.scale as number).toBeCloseTo(exact.parameters.scale as number, 1);
});

test("tails too heavy for any t law that is looked at are said to be that, others are not", () => {
  const drawn = (freedom: number) =>
    p
      .studentT({ freedom })
      .sample(key(1), 200)
      .filter((x) => Math.abs(x) < 1e150);
  expect(() => p.fit.studentT(drawn(0.004))).toThrow(/lighter tails: the best law has less than 0.01 degrees/);
  expect(Math.abs((p.fit.studentT(drawn(0.1)).parameters.freedom as number) - 0.1)).toBeLessThan(0.03);
});
