import { z } from "zod";
import { UsageError } from "../../base/errors.ts";
import type { DataSpec, Values } from "../../data/types.ts";

const sizes = z.array(z.int().positive());

/** Options of the variational autoencoder; the descriptions are what help texts and documentation print. */
export const vaeOptions = z.strictObject({
  latent: z.int().positive().default(20).describe("number of latent dimensions"),
  network: z.enum(["mlp", "conv"]).default("mlp").describe("fully connected or convolutional encoder and decoder"),
  hidden: sizes.default([500]).describe("units of the encoder's hidden layers; the decoder mirrors them"),
  channels: sizes.default([32, 64]).describe("channels of the convolutions, each halving the image (network=conv)"),
  activation: z.enum(["tanh", "relu", "softplus", "silu", "gelu"]).default("tanh").describe("hidden activation"),
  likelihood: z
    .enum(["auto", "bernoulli", "discretized-logistic", "gaussian"])
    .default("auto")
    .describe("p(x|z): by default bernoulli for binary data, discretized-logistic for bytes, gaussian for real data"),
  kl: z
    .enum(["closed-form", "monte-carlo"])
    .default("closed-form")
    .describe("how KL(q(z|x) || p(z)) is computed in training"),
  beta: z.number().nonnegative().default(1).describe("weight of the KL term in the training objective"),
  warmup: z.int().nonnegative().default(0).describe("steps over which the KL weight grows from 0 to beta"),
  freeBits: z.number().nonnegative().default(0).describe("nats of KL per latent dimension that are not penalised"),
  conditional: z.boolean().default(false).describe("condition encoder and decoder on the label"),
});

/** A complete configuration. */
export type VaeConfig = z.infer<typeof vaeOptions>;

/** The decoder distributions. */
export type VaeLikelihood = Exclude<VaeConfig["likelihood"], "auto">;

const natural: Readonly<Record<Exclude<Values, "tokens" | "table" | "sequences">, VaeLikelihood>> = {
  binary: "bernoulli",
  bytes: "discretized-logistic",
  real: "gaussian",
};

/** The decoder's distribution for the data, or why the one asked for cannot model such data. */
export function resolveLikelihood(config: VaeConfig, data: DataSpec): VaeLikelihood {
  if (data.values === "tokens")
    throw new UsageError(
      "A vae models images and numbers, and this data holds tokens of text: train gpt or ngram on it.",
    );
  if (data.values === "table" || data.values === "sequences")
    throw new UsageError("A vae models images and numbers, and this data is a table.");
  const wanted = config.likelihood === "auto" ? natural[data.values] : config.likelihood;
  const fits = wanted === natural[data.values] || (wanted === "gaussian" && data.values === "bytes");
  if (fits) return wanted;
  const cure =
    wanted === "bernoulli"
      ? "binarise the data (--binarize static, dynamic or threshold)"
      : `use ${natural[data.values]}`;
  throw new UsageError(`likelihood ${wanted} is not a distribution over ${data.values} data: ${cure}`);
}
