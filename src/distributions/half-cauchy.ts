import { constant, type Tensor } from "../graph/index.ts";
import {
  type NoiseLeaf,
  openUnit,
  type ScaleParameter,
  scaleOf,
  shapesOf,
  sumEvent,
  type Univariate,
} from "./distribution.ts";
import { onSupport } from "./support.ts";

/** Independent absolute values of centred Cauchy variables. */
export interface HalfCauchy extends Univariate<NoiseLeaf> {
  readonly family: "halfCauchy";
  readonly logScale: Tensor;
  readonly eventRank: number;
}

/**
 * Half-Cauchy on x ≥ 0: log p(x) = log(2/π) − log s − log(1 + x²/s²), the prior of scales. Mean and variance are
 * infinite; entropy log 2πs. Gelman 2006, "Prior distributions for variance parameters".
 */
export function halfCauchy(parameters: ScaleParameter, eventRank = 0): HalfCauchy {
  const { scale, logScale } = scaleOf(parameters);
  const { batch, event, full } = shapesOf([scale], eventRank);
  const inverseCdf = (u: Tensor) =>
    u
      .mul(Math.PI / 2)
      .tan()
      .mul(scale);
  const infinite = () => constant(Number.POSITIVE_INFINITY).broadcastTo(full);
  return {
    family: "halfCauchy",
    logScale,
    eventRank,
    batch,
    event,
    support: { kind: "positive" },
    noise: { law: "uniform", shape: full },
    reparameterized: true,
    logProb: (x) => {
      const density = (inside: Tensor) =>
        inside
          .div(scale)
          .square()
          .log1p()
          .neg()
          .sub(logScale)
          .add(Math.log(2 / Math.PI));
      return sumEvent(onSupport(x, x.greaterEqual(0), 1, density), eventRank);
    },
    sample: (u) => inverseCdf(openUnit(u)),
    mean: infinite,
    variance: infinite,
    stdDev: infinite,
    entropy: () => sumEvent(logScale.add(Math.log(2 * Math.PI)), eventRank),
    cdf: (x) =>
      x
        .relu()
        .div(scale)
        .atan()
        .mul(2 / Math.PI),
    inverseCdf,
  };
}
