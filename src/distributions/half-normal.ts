import type { Tensor } from "../graph/index.ts";
import { type NoiseLeaf, type ScaleParameter, scaleOf, shapesOf, sumEvent, type Univariate } from "./distribution.ts";
import { inverseErf } from "./quantile.ts";
import { onSupport } from "./support.ts";

/** Independent absolute values of centred normals. */
export interface HalfNormal extends Univariate<NoiseLeaf> {
  readonly family: "halfNormal";
  readonly logScale: Tensor;
  readonly eventRank: number;
}

/** |z| of z ~ N(0, s²): log p(x) = ½ log(2/π) − log s − x²/2s² for x ≥ 0. Mean s√(2/π), variance s²(1 − 2/π). */
export function halfNormal(parameters: ScaleParameter, eventRank = 0): HalfNormal {
  const { scale, logScale } = scaleOf(parameters);
  const { batch, event, full } = shapesOf([scale], eventRank);
  const variance = () => scale.square().mul(1 - 2 / Math.PI);
  return {
    family: "halfNormal",
    logScale,
    eventRank,
    batch,
    event,
    support: { kind: "positive" },
    noise: { law: "normal", shape: full },
    reparameterized: true,
    logProb: (x) => {
      const density = (inside: Tensor) =>
        inside
          .div(scale)
          .square()
          .mul(-0.5)
          .sub(logScale)
          .add(0.5 * Math.log(2 / Math.PI));
      return sumEvent(onSupport(x, x.greaterEqual(0), 1, density), eventRank);
    },
    sample: (noise) => noise.abs().mul(scale),
    mean: () => scale.mul(Math.sqrt(2 / Math.PI)),
    variance,
    stdDev: () => variance().sqrt(),
    entropy: () => sumEvent(logScale.add(0.5 + 0.5 * Math.log(Math.PI / 2)), eventRank),
    cdf: (x) => x.relu().div(scale).mul(Math.SQRT1_2).erf(),
    inverseCdf: (u) => inverseErf(u).mul(Math.SQRT2).mul(scale),
  };
}
