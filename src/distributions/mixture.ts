import { UsageError } from "../base/errors.ts";
import { sameShape, showShape } from "../base/shape.ts";
import { scan, type Tensor } from "../graph/index.ts";
import { inverseCategorical } from "./categorical.ts";
import type { Distribution, NoiseLeaf, NoiseSpec, NoiseTensors } from "./distribution.ts";

/** Noise of a mixture: one uniform that chooses, and noise for every component. */
export type MixtureNoise<N extends NoiseSpec> = { readonly choice: NoiseLeaf; readonly components: N };

/** A weighted mixture of distributions of one family. */
export interface Mixture<N extends NoiseSpec> extends Distribution<MixtureNoise<N>> {
  readonly family: "mixture";
  /** Normalised log-weights [...batch, K]. */
  readonly logWeights: Tensor;
  /** P(X ≤ x), for components that are numbers and have a distribution function. */
  cdf(x: Tensor): Tensor;
  /** The x with cdf(x) = u, for components that are continuous numbers; by bisection, with the gradients of the exact one. */
  inverseCdf(u: Tensor): Tensor;
}

/** Halvings of the interval between the components' quantiles: beyond single precision. */
const HALVINGS = 48;

/** What `mixture` may know of its components beside their density. */
interface Quantiles {
  cdf?(x: Tensor): Tensor;
  inverseCdf?(u: Tensor): Tensor;
}

/**
 * The mixture Σ_k softmax(logits)_k p_k(x) of distributions whose batch is [...batch, K] by logits of that shape:
 * log p(x) = logsumexp_k (log w_k + log p_k(x)).
 */
export function mixture<N extends NoiseSpec>(logits: Tensor, components: Distribution<N> & Quantiles): Mixture<N> {
  if (!sameShape(logits.shape, components.batch))
    throw new UsageError(
      `a mixture needs components with the batch shape of its logits ${showShape(logits.shape)}, not ${showShape(components.batch)}`,
    );
  const logW = logits.logSoftmax(-1);
  const batch = components.batch.slice(0, -1);
  const { event } = components;
  const eventRank = event.length;
  const weights = () => logW.exp().reshape([...logW.shape, ...event.map(() => 1)]);
  const average = (values: Tensor) => values.mul(weights()).sum(values.rank - eventRank - 1);
  const perComponent = (x: Tensor) => x.expandDims(x.rank - eventRank);
  const mean = () => average(components.mean());
  const variance = () => average(components.variance().add(components.mean().square())).sub(mean().square());
  const logProb = (x: Tensor) => components.logProb(perComponent(x)).add(logW).logSumExp(-1);
  const cdf = (x: Tensor) => {
    if (!components.cdf)
      throw new UsageError(`components of family ${components.family} have no distribution function`);
    return average(components.cdf(perComponent(x)));
  };
  const inverseCdf = (u: Tensor) => {
    if (!components.inverseCdf || eventRank > 0 || !components.reparameterized)
      throw new UsageError(`components of family ${components.family} are no continuous numbers with quantiles`);
    const quantiles = components.inverseCdf(perComponent(u));
    return solved(cdf, (x) => logProb(x).exp(), u, quantiles.min(-1), quantiles.max(-1));
  };
  return {
    family: "mixture",
    logWeights: logW,
    batch,
    event,
    noise: { choice: { law: "uniform", shape: batch }, components: components.noise },
    reparameterized: false,
    logProb,
    sample: (noise) => {
      const draws = components.sample(noise.components as NoiseTensors<N>);
      const chosen = inverseCategorical(logW.exp(), noise.choice as Tensor).oneHot(logits.shape[logits.rank - 1]!);
      return draws.mul(chosen.reshape([...chosen.shape, ...event.map(() => 1)])).sum(draws.rank - eventRank - 1);
    },
    mean,
    variance,
    stdDev: () => variance().sqrt(),
    cdf,
    inverseCdf,
  };
}

/**
 * The x between low and high with cdf(x) = u. Its derivative is that of the implicit function: the last term is 0 but
 * has the slopes −∂cdf/pdf and 1/pdf.
 */
function solved(cdf: (x: Tensor) => Tensor, pdf: (x: Tensor) => Tensor, u: Tensor, low: Tensor, high: Tensor): Tensor {
  const halve = ({ low: a, high: b }: { low: Tensor; high: Tensor }) => {
    const middle = a.add(b).mul(0.5);
    const below = cdf(middle).less(u);
    return { carry: { low: below.select(middle, a), high: below.select(b, middle) }, y: undefined };
  };
  const x = scan(halve, { init: { low, high }, length: HALVINGS }).carry.high.stopGradient();
  const residual = cdf(x).sub(u);
  return x.sub(residual.sub(residual.stopGradient()).div(pdf(x).stopGradient()));
}
