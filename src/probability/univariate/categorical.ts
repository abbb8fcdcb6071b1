import { fromTail, xlogy } from "../../numeric/special/index.ts";
import { shares } from "./check.ts";
import { type Univariate, univariate } from "./univariate.ts";

/** p₀, p₀ + p₁, … */
function runningSums(p: readonly number[]): Float64Array {
  let total = 0;
  return Float64Array.from(p, (q) => {
    total += q;
    return total;
  });
}

const momentOf = (p: readonly number[], centre: number, power: number) =>
  p.reduce((sum, q, k) => sum + q * (k - centre) ** power, 0);

/** Categorical: class k = 0, 1, … with its probability; they sum to one. */
export function categorical({ probabilities }: { readonly probabilities: ArrayLike<number> }): Univariate {
  const p = shares("categorical", probabilities);
  const lowers = runningSums(p);
  const uppers = runningSums([...p].reverse()).reverse();
  const mean = momentOf(p, 0, 1);
  const variance = momentOf(p, mean, 2);
  const [first, last] = [p.findIndex((q) => q > 0), p.findLastIndex((q) => q > 0)];
  return univariate({
    family: "categorical",
    parameters: { probabilities: p },
    kind: "discrete",
    support: [first, last],
    logProb: (k) => Math.log(p[k]!),
    tails: (k) => {
      const [lower, upper] = [lowers[k]!, uppers[k + 1]!];
      return lower < upper ? fromTail(false, lower, Math.log(lower)) : fromTail(true, upper, Math.log(upper));
    },
    mean,
    variance,
    skewness: momentOf(p, mean, 3) / variance ** 1.5,
    kurtosis: momentOf(p, mean, 4) / variance ** 2 - 3,
    mode: p.indexOf(Math.max(...p)),
    entropy: () => p.reduce((sum, q) => sum - xlogy(q, q), 0),
  });
}
