import { constant, type Tensor } from "../../graph/index.ts";
import type { LossInputs, LossResult, Phase } from "../contract.ts";
import type { Head } from "./likelihood.ts";
import type { Code, Networks } from "./network.ts";
import type { VaeConfig } from "./options.ts";

/** Parameters of a VAE while tracing. */
export interface VaeParams {
  readonly encoder: unknown;
  readonly decoder: unknown;
}

/** z = μ + σ·ε, the reparameterisation. Kingma & Welling 2013, arXiv 1312.6114, section 2.4. */
export function reparameterize({ mean, logVar }: Code, noise: Tensor): Tensor {
  return mean.add(logVar.mul(0.5).exp().mul(noise));
}

/**
 * KL(q(z|x) ‖ N(0, I)) in nats for each example and dimension, ½(μ² + σ² − 1 − log σ²).
 * Kingma & Welling 2013, arXiv 1312.6114, appendix B.
 */
export function klClosedForm({ mean, logVar }: Code): Tensor {
  return mean.square().add(logVar.exp()).sub(logVar).sub(1).mul(0.5);
}

/** log q(z|x) − log p(z) for z = μ + σ·ε, for each example and dimension: ½(z² − ε² − log σ²). */
export function klMonteCarlo({ logVar }: Code, z: Tensor, noise: Tensor): Tensor {
  return z.square().sub(noise.square()).sub(logVar).mul(0.5);
}

/**
 * The training phase of a VAE: minimises −log p(x|z) + β·KL per example in nats. With free bits λ each latent
 * dimension's mean KL counts as at least λ (Kingma et al. 2016, arXiv 1606.04934, equation 15); β grows linearly over
 * the warm-up steps (Bowman et al. 2015, arXiv 1511.06349; Higgins et al. 2017 for constant β).
 */
export function elboPhase(config: VaeConfig, nets: Networks, head: Head): Phase {
  return {
    name: "elbo",
    noise: (batch) => ({ latent: { law: "normal", shape: [batch, config.latent] } }),
    scalars: (step) => ({ beta: config.beta * (config.warmup === 0 ? 1 : Math.min(1, (step + 1) / config.warmup)) }),
    loss: (params, inputs) => loss(config, nets, head, params as unknown as VaeParams, inputs),
  };
}

function loss(config: VaeConfig, nets: Networks, head: Head, params: VaeParams, inputs: LossInputs): LossResult {
  const { x, labels, noise, scalars } = inputs;
  const code = nets.encoder.apply(params.encoder as never, x, labels);
  const z = reparameterize(code, noise.latent!);
  const raw = nets.decoder.apply(params.decoder as never, z, labels);
  const reconstruction = head.logProb(raw, x.flatten(1)).mean();
  const klByDimension = config.kl === "closed-form" ? klClosedForm(code) : klMonteCarlo(code, z, noise.latent!);
  const perDimension = klByDimension.mean(0);
  const kl = perDimension.sum();
  const penalty = config.freeBits > 0 ? perDimension.maximum(constant(config.freeBits)).sum() : kl;
  return {
    loss: penalty.mul(scalars.beta!).sub(reconstruction),
    metrics: { elbo: reconstruction.sub(kl), kl, reconstruction },
  };
}
