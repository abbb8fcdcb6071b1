import { UsageError } from "../base/errors.ts";
import type { Tensor } from "../graph/index.ts";
import type { Bernoulli } from "./bernoulli.ts";
import type { Categorical } from "./categorical.ts";
import { type Density, type NoiseSpec, type NoiseTensors, sumEvent } from "./distribution.ts";
import type { MultivariateNormal } from "./multivariate-normal.ts";
import type { Normal } from "./normal.ts";
import { diagonal, solveLower } from "./triangular.ts";
import type { Uniform } from "./uniform.ts";

/** KL(p‖q) of diagonal normals: Σ log σq − log σp + (σp² + (μp − μq)²)/(2σq²) − ½, in nats. */
export function klNormal(p: Normal, q: Normal): Tensor {
  const logRatio = p.logStdDev.sub(q.logStdDev);
  const distance = p.location.sub(q.location).mul(q.logStdDev.neg().exp());
  const terms = logRatio.mul(2).exp().add(distance.square()).sub(1).mul(0.5).sub(logRatio);
  return sumEvent(terms, p.eventRank);
}

/** KL(p‖N(0, 1)) = Σ ½ (σ² + μ² − 1) − log σ. Kingma, Welling 2014, arXiv 1312.6114, appendix B. */
export function klStandardNormal(p: Normal): Tensor {
  const variance = p.logStdDev.mul(2).exp();
  return sumEvent(variance.add(p.location.square()).sub(1).mul(0.5).sub(p.logStdDev), p.eventRank);
}

/** KL(p‖q) of normal vectors: ½ (‖Lq⁻¹Lp‖² + ‖Lq⁻¹(μp − μq)‖² − d) + log det Lq − log det Lp. */
export function klMultivariateNormal(p: MultivariateNormal, q: MultivariateNormal): Tensor {
  const spread = solveLower(q.factor, p.factor).square().sum([-1, -2]);
  const shift = solveLower(q.factor, p.location.sub(q.location).expandDims(-1)).square().sum([-1, -2]);
  const logDet = (d: MultivariateNormal) => diagonal(d.factor).log().sum(-1);
  return spread.add(shift).sub(p.event[0]!).mul(0.5).add(logDet(q)).sub(logDet(p));
}

/** KL(p‖q) of Bernoullis: Σ σ(a)(a − b) − softplus(a) + softplus(b) for logits a and b. */
export function klBernoulli(p: Bernoulli, q: Bernoulli): Tensor {
  const [a, b] = [p.logits, q.logits];
  return sumEvent(a.sigmoid().mul(a.sub(b)).sub(a.softplus()).add(b.softplus()), p.eventRank);
}

/** KL(p‖q) of categoricals: Σ_k p_k (log p_k − log q_k). */
export function klCategorical(p: Categorical, q: Categorical): Tensor {
  return sumEvent(p.logits.exp().mul(p.logits.sub(q.logits)).sum(-1), p.eventRank);
}

/** KL(p‖q) of uniforms: log of the ratio of widths where p lies inside q, else infinite. */
export function klUniform(p: Uniform, q: Uniform): Tensor {
  const inside = p.low.greaterEqual(q.low).and(p.high.lessEqual(q.high));
  const ratio = q.high.sub(q.low).div(p.high.sub(p.low)).log();
  return sumEvent(inside.select(ratio, Number.POSITIVE_INFINITY), p.eventRank);
}

/** An unbiased estimate of KL(p‖q): the mean of log p(x) − log q(x) over draws, one for each entry of the noise's axis 0. */
export function klMonteCarlo<N extends NoiseSpec>(p: Density<N>, q: Density, noise: NoiseTensors<N>): Tensor {
  if (p.event.length !== q.event.length)
    throw new UsageError(
      `KL(${p.family} ‖ ${q.family}): events of rank ${p.event.length} and ${q.event.length} differ`,
    );
  const x = p.sample(noise);
  return p.logProb(x).sub(q.logProb(x)).mean(0);
}

type ClosedForm = (p: never, q: never) => Tensor;

const closedForms: Readonly<Record<string, ClosedForm>> = {
  normal: klNormal,
  multivariateNormal: klMultivariateNormal,
  bernoulli: klBernoulli,
  categorical: klCategorical,
  uniform: klUniform,
};

/**
 * KL(p‖q) in nats, [...batch]: in closed form where both are of one family that has one, else by Monte Carlo with the
 * given noise, whose first axis counts the draws.
 */
export function kl<N extends NoiseSpec>(p: Density<N>, q: Density, noise?: NoiseTensors<N>): Tensor {
  const closed = p.family === q.family ? closedForms[p.family] : undefined;
  if (closed) return closed(p as never, q as never);
  if (noise === undefined)
    throw new UsageError(
      `KL(${p.family} ‖ ${q.family}) has no closed form here: give noise for a Monte Carlo estimate`,
    );
  return klMonteCarlo(p, q, noise);
}
