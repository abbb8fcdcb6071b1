import { lift, type Tensor, type TensorLike } from "../graph/index.ts";
import { type Moments, shapesOf, sumEvent } from "./distribution.ts";
import { logGamma } from "./log-gamma.ts";
import { isCount, onSupport } from "./support.ts";

/** Independent overdispersed counts (float32). */
export interface NegativeBinomial extends Moments {
  readonly family: "negativeBinomial";
  readonly successes: Tensor;
  /** Log-odds of a success. */
  readonly logits: Tensor;
  readonly eventRank: number;
}

/** The positive number of successes r (any real), and the log-odds of a success or the mean. */
export type NegativeBinomialParameters = { readonly successes: TensorLike } & (
  | { readonly logits: TensorLike }
  | { readonly mean: TensorLike }
);

/**
 * Failures x = 0, 1, 2, … before the r-th success of probability p = σ(l): log p(x) = log Γ(x + r) − log Γ(r) − log x! +
 * r log p + x log(1 − p). Mean m = r e⁻ˡ, variance m (1 + m/r).
 */
export function negativeBinomial(parameters: NegativeBinomialParameters, eventRank = 0): NegativeBinomial {
  const r = lift(parameters.successes);
  const l = "logits" in parameters ? lift(parameters.logits) : r.log().sub(lift(parameters.mean).log());
  const { batch, event, full } = shapesOf([r, l], eventRank);
  const mean = () => r.mul(l.neg().exp()).broadcastTo(full);
  const density = (x: Tensor) => {
    const ways = logGamma(x.add(r))
      .sub(logGamma(r))
      .sub(logGamma(x.add(1)));
    return ways.sub(r.mul(l.neg().softplus())).sub(x.mul(l.softplus()));
  };
  return {
    family: "negativeBinomial",
    successes: r,
    logits: l,
    eventRank,
    batch,
    event,
    support: { kind: "count" },
    logProb: (x) => sumEvent(onSupport(x, isCount(x), 0, density), eventRank),
    mean,
    variance: () => mean().mul(l.neg().exp().add(1)),
  };
}
