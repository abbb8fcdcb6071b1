import { xlog1py, xlogy } from "../../numeric/special/index.ts";
import { binomial } from "./binomial.ts";
import type { Univariate } from "./univariate.ts";

/** Bernoulli: 1 with the given probability, else 0. */
export function bernoulli({ probability: p }: { readonly probability: number }): Univariate {
  return {
    ...binomial({ trials: 1, probability: p }),
    family: "bernoulli",
    parameters: { probability: p },
    entropy: () => -xlogy(p, p) - xlog1py(1 - p, -p),
  };
}
