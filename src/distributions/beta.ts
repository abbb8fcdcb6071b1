import { lift, type Tensor, type TensorLike } from "../graph/index.ts";
import { type Moments, shapesOf, sumEvent } from "./distribution.ts";
import { digamma, logBeta } from "./log-gamma.ts";
import { onSupport } from "./support.ts";

/** Independent Beta variables. */
export interface Beta extends Moments {
  readonly family: "beta";
  readonly a: Tensor;
  readonly b: Tensor;
  readonly eventRank: number;
  entropy(): Tensor;
}

/** Beta on 0 < x < 1: log p(x) = (a − 1) log x + (b − 1) log(1 − x) − log B(a, b). Mean a/(a + b). */
export function beta(parameters: { readonly a: TensorLike; readonly b: TensorLike }, eventRank = 0): Beta {
  const [a, b] = [lift(parameters.a), lift(parameters.b)];
  const { batch, event, full } = shapesOf([a, b], eventRank);
  const total = a.add(b);
  const density = (x: Tensor) => a.sub(1).mul(x.log()).add(b.sub(1).mul(x.neg().log1p())).sub(logBeta(a, b));
  return {
    family: "beta",
    a,
    b,
    eventRank,
    batch,
    event,
    support: { kind: "unit" },
    logProb: (x) => sumEvent(onSupport(x, x.greater(0).and(x.less(1)), 0.5, density), eventRank),
    mean: () => a.div(total).broadcastTo(full),
    variance: () => a.div(total).mul(b.div(total)).div(total.add(1)).broadcastTo(full),
    entropy: () => {
      const pulls = a
        .sub(1)
        .mul(digamma(a))
        .add(b.sub(1).mul(digamma(b)));
      const value = logBeta(a, b)
        .sub(pulls)
        .add(total.sub(2).mul(digamma(total)));
      return sumEvent(value.broadcastTo(full), eventRank);
    },
  };
}
