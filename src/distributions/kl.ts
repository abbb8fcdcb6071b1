import type { Tensor } from "../graph/index.ts";
import type { Bernoulli } from "./bernoulli.ts";
import { type Distribution, type NoiseSpec, type NoiseTensors, sumEvent } from "./distribution.ts";
import type { Normal } from "./normal.ts";

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

/** KL(p‖q) of Bernoullis: Σ σ(a)(a − b) − softplus(a) + softplus(b) for logits a and b. */
export function klBernoulli(p: Bernoulli, q: Bernoulli): Tensor {
  const [a, b] = [p.logits, q.logits];
  return sumEvent(a.sigmoid().mul(a.sub(b)).sub(a.softplus()).add(b.softplus()), p.eventRank);
}

/** An unbiased estimate of KL(p‖q): the mean of log p(x) − log q(x) over draws, one for each entry of the noise's axis 0. */
export function klMonteCarlo<N extends NoiseSpec>(p: Distribution<N>, q: Distribution, noise: NoiseTensors<N>): Tensor {
  const x = p.sample(noise);
  return p.logProb(x).sub(q.logProb(x)).mean(0);
}
