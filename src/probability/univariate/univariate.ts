import { UsageError } from "../../base/errors.ts";
import { fromTail, type Tails } from "../../numeric/special/index.ts";
import type { Key } from "../../random/index.ts";
import { bits53 } from "../uniforms.ts";
import { expectation } from "./expectation.ts";
import { inverseCount } from "./search.ts";

/** Parameters by name, as they were given. */
export type Parameters = { readonly [name: string]: number | readonly number[] | readonly Univariate[] };

/** The law of one number, in float64 on the host. Logarithms are natural; discrete laws live on whole numbers. */
export interface Univariate {
  readonly family: string;
  readonly parameters: Parameters;
  readonly kind: "continuous" | "discrete";
  /** The smallest interval that holds all mass. */
  readonly support: readonly [number, number];
  /** Places where a continuous density is not smooth: what integrates it cuts there. */
  readonly breaks: readonly number[];
  /** Of a mixture: its weights and laws. */
  readonly parts?: readonly { readonly weight: number; readonly law: Univariate }[];
  /** Log of the density, or of the probability of x; −∞ outside the support. */
  logProb(x: number): number;
  prob(x: number): number;
  /** P(X ≤ x). */
  cdf(x: number): number;
  /** P(X > x), with all its digits in the upper tail. */
  survival(x: number): number;
  logCdf(x: number): number;
  logSurvival(x: number): number;
  /** The smallest x with cdf(x) ≥ p. */
  inverseCdf(p: number): number;
  /** The smallest x with survival(x) ≤ q: small q keep their digits. */
  inverseSurvival(q: number): number;
  readonly mean: number;
  readonly variance: number;
  readonly skewness: number;
  /** Fourth standardised moment less 3. */
  readonly kurtosis: number;
  /** A place of highest density or probability, the smallest where there are several. */
  readonly mode: number;
  /** In nats. */
  entropy(): number;
  /** Draws F⁻¹(u) of one uniform of 53 bits each, both tails reaching down to 2⁻⁵⁴; draw i depends on (key, offset + i) alone. */
  sample(key: Key, count: number, offset?: number): Float64Array;
}

/** What a family has to say; the rest follows. */
export interface Law
  extends Pick<Univariate, "family" | "parameters" | "kind" | "support" | "mean" | "variance" | "mode"> {
  /** Log-density at a place inside the support. */
  logProb(x: number): number;
  /** Tails at a place inside the support, for a discrete law at a whole number. */
  tails(x: number): Tails;
  /** Of a continuous law: the place whose lower (or upper) tail is p, 0 < p < 1. */
  inverseTail?(p: number, isUpper: boolean): number;
  readonly skewness?: number;
  readonly kurtosis?: number;
  readonly breaks?: readonly number[];
  readonly parts?: NonNullable<Univariate["parts"]>;
  entropy?(): number;
}

/** A distribution from what is special about its family. */
export function univariate(law: Law): Univariate {
  const [low, high] = law.support;
  const discrete = law.kind === "discrete";
  const tails = (x: number): Tails => {
    if (Number.isNaN(x)) return fromTail(false, Number.NaN, Number.NaN);
    if (discrete ? x < low : x <= low) return fromTail(false, 0, Number.NEGATIVE_INFINITY);
    if (x >= high) return fromTail(true, 0, Number.NEGATIVE_INFINITY);
    return law.tails(discrete ? Math.floor(x) : x);
  };
  const logProb = (x: number) => {
    if (Number.isNaN(x)) return x;
    const inside =
      x >= low && x <= high && Math.abs(x) < Number.POSITIVE_INFINITY && (!discrete || Number.isInteger(x));
    return inside ? law.logProb(x) : Number.NEGATIVE_INFINITY;
  };
  const inverse = (p: number, isUpper: boolean) => {
    if (!(p >= 0 && p <= 1))
      throw new UsageError(`A quantile of ${law.family} needs a probability from 0 to 1; got ${p}.`);
    if (p === 0 || p === 1) return (p === 0) === isUpper ? high : low;
    return law.inverseTail ? law.inverseTail(p, isUpper) : inverseCount(result, p, isUpper);
  };
  const result: Univariate = {
    skewness: Number.NaN,
    kurtosis: Number.NaN,
    breaks: [],
    ...law,
    logProb,
    prob: (x) => Math.exp(logProb(x)),
    cdf: (x) => tails(x).lower,
    survival: (x) => tails(x).upper,
    logCdf: (x) => tails(x).logLower,
    logSurvival: (x) => tails(x).logUpper,
    inverseCdf: (p) => inverse(p, false),
    inverseSurvival: (q) => inverse(q, true),
    entropy: law.entropy ?? (() => -expectation(result, logProb)),
    sample: (key, count, offset = 0) => {
      const whole = 2 ** 53;
      return bits53(key, count, offset).map((k) =>
        k < whole / 2 ? inverse((k + 0.5) / whole, false) : inverse((whole - k - 0.5) / whole, true),
      );
    },
  };
  return result;
}
