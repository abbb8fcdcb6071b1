import type { DataSpec } from "../../data/types.ts";
import { Spec, type Tensor } from "../../graph/index.ts";
import type { GraphFunction, Named, NoiseLaw, TracedParams } from "../contract.ts";
import type { Head } from "./likelihood.ts";
import type { Code, Networks } from "./network.ts";
import { klClosedForm, reparameterize, type VaeParams } from "./objective.ts";

/** What the graph functions of a VAE are made from. */
export interface VaeParts {
  readonly nets: Networks;
  readonly head: Head;
  readonly data: DataSpec;
  readonly latent: number;
  /** Number of classes the model is conditioned on; 0 when it is not. */
  readonly classes: number;
}

type Inputs = Named<Tensor>;

/** All graph functions of a VAE. */
export interface VaeFunctions {
  readonly encode: GraphFunction;
  readonly decode: GraphFunction;
  readonly sample: GraphFunction;
  readonly logProb: GraphFunction;
}

/** Applies encoder and decoder with the parameters of a trace. */
export function traced({ nets }: VaeParts, params: TracedParams) {
  const { encoder, decoder } = params as unknown as VaeParams;
  return {
    encode: (x: Tensor, labels?: Tensor): Code => nets.encoder.apply(encoder as never, x, labels),
    decode: (z: Tensor, labels?: Tensor): Tensor => nets.decoder.apply(decoder as never, z, labels),
  };
}

/** The graph functions; each takes one-hot `labels` [n, classes] as well when the model is conditional. */
export function vaeFunctions(parts: VaeParts): VaeFunctions {
  const { head, data, latent, classes } = parts;
  const shaped = (flat: Tensor) => flat.reshape([flat.shape[0]!, ...data.shape]);
  const make = (
    doc: string,
    inputs: (n: number) => Named<Spec>,
    noise: Named<NoiseLaw>,
    apply: (model: ReturnType<typeof traced>, inputs: Inputs) => Named<Tensor>,
  ): GraphFunction => ({
    doc,
    noise,
    inputs: (n) => (classes > 0 ? { ...inputs(n), labels: new Spec([n, classes]) } : inputs(n)),
    apply: (params, given) => apply(traced(parts, params), given),
  });
  const x = (n: number) => ({ x: new Spec([n, ...data.shape]) });
  const noise = (n: number) => ({ noise: new Spec([n, latent]) });

  return {
    encode: make("mean and standard deviation of q(z|x)", x, {}, (model, { x, labels }) => {
      const { mean, logVar } = model.encode(x!, labels);
      return { mean, stdDev: logVar.mul(0.5).exp() };
    }),
    decode: make(
      "mean of p(x|z)",
      (n) => ({ z: new Spec([n, latent]) }),
      {},
      (model, { z, labels }) => ({
        mean: shaped(head.mean(model.decode(z!, labels))),
      }),
    ),
    sample: make(
      "x drawn from p(x|z) with z = noise, and the mean of p(x|z)",
      (n) => ({ ...noise(n), pixels: new Spec([n, ...data.shape]) }),
      { noise: "normal", pixels: head.law },
      (model, { noise, pixels, labels }) => {
        const raw = model.decode(noise!, labels);
        return { x: shaped(head.sample(raw, pixels!.flatten(1))), mean: shaped(head.mean(raw)) };
      },
    ),
    logProb: make(
      "one-sample lower bound on log p(x) in nats: log p(x|z) - KL(q(z|x) || p(z)), z from noise",
      (n) => ({ ...x(n), ...noise(n) }),
      { noise: "normal" },
      (model, { x, noise, labels }) => {
        const code = model.encode(x!, labels);
        const raw = model.decode(reparameterize(code, noise!), labels);
        return { elbo: head.logProb(raw, x!.flatten(1)).sub(klClosedForm(code).sum(1)) };
      },
    ),
  };
}
