import { inverseErf } from "../../numeric/special/index.ts";
import type { Univariate } from "./univariate.ts";

/** A normal law's quantile corrected for skewness (Cornish and Fisher 1938). */
function guess(law: Univariate, p: number, isUpper: boolean): number {
  const z = Math.SQRT2 * inverseErf(2 * Math.min(Math.max(p, 1e-15), 1 - 1e-15) - 1) * (isUpper ? -1 : 1);
  const skewed = z + ((law.skewness || 0) * (z * z - 1)) / 6;
  const at = Math.round(law.mean + Math.sqrt(law.variance) * skewed);
  return Number.isFinite(at) ? at : law.support[0];
}

/**
 * The smallest whole number of a discrete law whose cdf reaches p, or whose survival is at most p: doubling steps from
 * a guess until it lies between two numbers, then halving.
 */
export function inverseCount(law: Univariate, p: number, isUpper: boolean): number {
  const [first, last] = law.support;
  const reached = (k: number) => (isUpper ? law.survival(k) <= p : law.cdf(k) >= p);
  let high = Math.min(Math.max(guess(law, p, isUpper), first), last);
  let low = high;
  for (let step = 1; low >= first && reached(low); step *= 2) {
    high = low;
    low = Math.max(low - step, first - 1);
  }
  for (let step = 1; !reached(high) && high < last; step *= 2) {
    low = high;
    high = Math.min(high + step, last);
  }
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (middle <= low || middle >= high) break;
    if (reached(middle)) high = middle;
    else low = middle;
  }
  return high;
}
