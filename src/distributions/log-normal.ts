import type { Tensor } from "../graph/index.ts";
import { type NoiseLeaf, sumEvent, type Univariate } from "./distribution.ts";
import { type NormalParameters, normal } from "./normal.ts";
import { onSupport } from "./support.ts";

/** Independent log-normal variables. */
export interface LogNormal extends Univariate<NoiseLeaf> {
  readonly family: "logNormal";
  /** Mean of the logarithm. */
  readonly location: Tensor;
  /** log of the logarithm's standard deviation. */
  readonly logStdDev: Tensor;
  readonly eventRank: number;
}

/**
 * eᶻ for a normal z with the given mean and standard deviation: log p(x) = log N(log x) − log x for x > 0. Mean
 * e^(μ + σ²/2), variance (e^σ² − 1) mean².
 */
export function logNormal(parameters: NormalParameters, eventRank = 0): LogNormal {
  const base = normal(parameters); // no event: elementwise
  const full = base.batch;
  const at = full.length - eventRank;
  const spread = () => base.logStdDev.mul(2).exp();
  const mean = () => base.location.add(spread().mul(0.5)).exp().broadcastTo(full);
  const variance = () => spread().expm1().mul(mean().square());
  const density = (x: Tensor) => base.logProb(x.log()).sub(x.log());
  return {
    family: "logNormal",
    location: base.location,
    logStdDev: base.logStdDev,
    eventRank,
    batch: full.slice(0, at),
    event: full.slice(at),
    support: { kind: "positive" },
    noise: base.noise,
    reparameterized: true,
    logProb: (x) => sumEvent(onSupport(x, x.greater(0), 1, density), eventRank),
    sample: (noise) => base.sample(noise).exp(),
    mean,
    variance,
    stdDev: () => variance().sqrt(),
    entropy: () => sumEvent(base.entropy!().add(base.location), eventRank),
    cdf: (x) => {
      const inside = x.greater(0);
      return inside.select(base.cdf(inside.select(x, 1).log()), 0);
    },
    inverseCdf: (u) => base.inverseCdf(u).exp(),
  };
}
