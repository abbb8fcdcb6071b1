import { UsageError } from "../../base/errors.ts";
import { fromTail } from "../../numeric/special/index.ts";
import { finite } from "./check.ts";
import { type Univariate, univariate } from "./univariate.ts";

/** Uniform on [low, high]: density 1/(high − low). */
export function uniform({ low, high }: { readonly low: number; readonly high: number }): Univariate {
  finite("uniform", { low, high });
  if (!(low < high)) throw new UsageError(`uniform needs low below high; got ${low} and ${high}.`);
  const width = high - low;
  return univariate({
    family: "uniform",
    parameters: { low, high },
    kind: "continuous",
    support: [low, high],
    logProb: () => -Math.log(width),
    tails: (x) => {
      const isUpper = x > low + width / 2;
      const tail = (isUpper ? high - x : x - low) / width;
      return fromTail(isUpper, tail, Math.log(tail));
    },
    inverseTail: (p, isUpper) => (isUpper ? high - p * width : low + p * width),
    mean: low + width / 2,
    variance: width ** 2 / 12,
    skewness: 0,
    kurtosis: -1.2,
    mode: low,
    entropy: () => Math.log(width),
  });
}
