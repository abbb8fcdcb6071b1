import { lift, type Tensor, type TensorLike } from "../graph/index.ts";
import { logitOf, type NoiseLeaf, shapesOf, sumEvent, type Univariate } from "./distribution.ts";

/** Independent logistic variables. */
export interface Logistic extends Univariate<NoiseLeaf> {
  readonly family: "logistic";
  readonly location: Tensor;
  readonly logScale: Tensor;
  readonly eventRank: number;
}

/** Location and logarithm of the scale. */
export interface LogisticParameters {
  readonly mean: TensorLike;
  readonly logScale: TensorLike;
}

/**
 * Logistic distribution with distribution function σ(z), z = (x − μ)/s: log p(x) = −z − 2 log(1 + e⁻ᶻ) − log s, written
 * as log σ(z) + log σ(−z) − log s. Variance s²π²/3, entropy log s + 2.
 */
export function logistic(parameters: LogisticParameters, eventRank = 0): Logistic {
  const mu = lift(parameters.mean);
  const logScale = lift(parameters.logScale);
  const { batch, event, full } = shapesOf([mu, logScale], eventRank);
  const scale = () => logScale.exp();
  const standardize = (x: Tensor) => x.sub(mu).mul(logScale.neg().exp());
  const stdDev = () =>
    scale()
      .mul(Math.PI / Math.sqrt(3))
      .broadcastTo(full);
  return {
    family: "logistic",
    location: mu,
    logScale,
    eventRank,
    batch,
    event,
    support: { kind: "real" },
    noise: { law: "uniform", shape: full },
    reparameterized: true,
    logProb: (x) => {
      const z = standardize(x);
      return sumEvent(z.logSigmoid().add(z.neg().logSigmoid()).sub(logScale), eventRank);
    },
    sample: (u) => logitOf(u).mul(scale()).add(mu),
    mean: () => mu.broadcastTo(full),
    variance: () => stdDev().square(),
    stdDev,
    entropy: () => sumEvent(logScale.add(2).broadcastTo(full), eventRank),
    cdf: (x) => standardize(x).sigmoid(),
    inverseCdf: (u) => u.log().sub(u.neg().add(1).log()).mul(scale()).add(mu),
  };
}
