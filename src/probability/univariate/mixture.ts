import { UsageError } from "../../base/errors.ts";
import { logSumExp } from "../../base/log-sum-exp.ts";
import type { Tails } from "../../numeric/special/index.ts";
import { shares } from "./check.ts";
import { type Univariate, univariate } from "./univariate.ts";

/** Weights, which sum to one, and as many laws, all continuous or all discrete. */
export interface MixtureParameters {
  readonly weights: ArrayLike<number>;
  readonly components: readonly Univariate[];
}

/** Σ w E(X − c)ⁿ for n = 2, 3, 4 from the components' own moments. */
function centralMoments(w: readonly number[], laws: readonly Univariate[], centre: number): [number, number, number] {
  const sums: [number, number, number] = [0, 0, 0];
  laws.forEach(({ mean, variance: v, skewness, kurtosis }, i) => {
    const d = mean - centre;
    const third = v === 0 ? 0 : skewness * v ** 1.5;
    const fourth = v === 0 ? 0 : (kurtosis + 3) * v * v;
    sums[0] += w[i]! * (v + d * d);
    sums[1] += w[i]! * (third + 3 * d * v + d ** 3);
    sums[2] += w[i]! * (fourth + 4 * d * third + 6 * d * d * v + d ** 4);
  });
  return sums;
}

/** Quantiles of every component about which the mixture's density may bend sharply. */
const PLACES = [1e-9, 0.01, 0.5, 0.99, 1 - 1e-9];

/** The x between a and b at which a monotone tail is p, by halving to neighbouring numbers. */
function bisect(tail: (x: number) => number, p: number, isUpper: boolean, a: number, b: number): number {
  let [low, high] = [a, b];
  for (let i = 0; i < 2000; i++) {
    const middle = low + (high - low) / 2;
    if (middle <= low || middle >= high) return high;
    if (isUpper ? tail(middle) <= p : tail(middle) >= p) high = middle;
    else low = middle;
  }
  return high;
}

/** The mixture Σ wᵢ pᵢ(x) of laws of any families. Its mode is the best among its components' modes. */
export function mixture({ weights, components }: MixtureParameters): Univariate {
  const w = shares("mixture", weights, "weights");
  if (w.length !== components.length)
    throw new UsageError(`mixture needs as many weights as components; got ${w.length} and ${components.length}.`);
  const { kind } = components[0]!;
  if (components.some((law) => law.kind !== kind))
    throw new UsageError("mixture needs components that are all continuous or all discrete.");
  const used = components.filter((_, i) => w[i]! > 0);
  const logW = w.map(Math.log);
  const average = (value: (law: Univariate) => number) =>
    components.reduce((sum, law, i) => sum + w[i]! * (w[i]! > 0 ? value(law) : 0), 0);
  const together = (value: (law: Univariate) => number) => logSumExp(components.map((law, i) => logW[i]! + value(law)));
  const logProb = (x: number) => together((law) => law.logProb(x));
  const mean = average((law) => law.mean);
  const [variance, third, fourth] = centralMoments(w, components, mean);
  const tails = (x: number): Tails => ({
    lower: average((law) => law.cdf(x)),
    upper: average((law) => law.survival(x)),
    logLower: Math.min(
      0,
      together((law) => law.logCdf(x)),
    ),
    logUpper: Math.min(
      0,
      together((law) => law.logSurvival(x)),
    ),
  });
  const inverseTail = (p: number, isUpper: boolean) => {
    const ends = used.map((law) => (isUpper ? law.inverseSurvival(p) : law.inverseCdf(p)));
    return bisect((x) => (isUpper ? tails(x).upper : tails(x).lower), p, isUpper, Math.min(...ends), Math.max(...ends));
  };
  const modes = used.map((law) => law.mode);
  return univariate({
    family: "mixture",
    parameters: { weights: w, components },
    kind,
    support: [Math.min(...used.map((law) => law.support[0])), Math.max(...used.map((law) => law.support[1]))],
    logProb,
    tails,
    ...(kind === "continuous" && { inverseTail }),
    breaks: used.flatMap((law) => [
      ...law.breaks,
      ...law.support.filter(Number.isFinite),
      ...PLACES.map(law.inverseCdf),
    ]),
    parts: components.map((law, i) => ({ weight: w[i]!, law })),
    mean,
    variance,
    skewness: third / variance ** 1.5,
    kurtosis: fourth / variance ** 2 - 3,
    mode: modes.reduce((best, x) => (logProb(x) > logProb(best) ? x : best)),
  });
}
