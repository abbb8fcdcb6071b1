import type { HostArray } from "../../src/base/host.ts";
import type { Tensor } from "../../src/graph/index.ts";
import { conv2d, convTranspose2d, linear, type Module, relu, sequential, stateless } from "../../src/nn/index.ts";
import { adam } from "../../src/optim/index.ts";
import { bernoulli, fillNormal, fold, key, normal } from "../../src/random/index.ts";
import type { Workload } from "../harness.ts";
import { functionWork } from "./functions.ts";
import { sizes } from "./sizes.ts";
import { type Training, trainingWork } from "./trainer.ts";

interface Networks<E, D> {
  readonly encoder: Module<E>;
  readonly decoder: Module<D>;
}

const rectified = stateless(relu);

/** 784-400-20; the encoder's last layer gives mean and log variance side by side. */
function mlpNetworks() {
  const { input, hidden, latent } = sizes.vae;
  return {
    encoder: sequential(linear(input, hidden), rectified, linear(hidden, 2 * latent)),
    decoder: sequential(linear(latent, hidden), rectified, linear(hidden, input)),
  };
}

/** Two strided convolutions and two linear layers, mirrored by transposed convolutions. */
function convNetworks() {
  const { image, channels, kernel, hidden, latent, ...window } = sizes["conv-vae"];
  const [colours, height, width] = image as [number, number, number];
  const [first, second] = channels as [number, number];
  const [flat, rows, columns] = [(second * height * width) / 16, height / 4, width / 4];
  const { stride, padding } = window;
  const encoder = sequential(
    conv2d(colours, first, kernel, { stride, padding }),
    rectified,
    conv2d(first, second, kernel, { stride, padding }),
    rectified,
    stateless((x) => x.flatten(1)),
    linear(flat, hidden),
    rectified,
    linear(hidden, 2 * latent),
  );
  const decoder = sequential(
    linear(latent, hidden),
    rectified,
    linear(hidden, flat),
    rectified,
    stateless((x) => x.reshape([-1, second, rows, columns])),
    convTranspose2d(second, first, kernel, { stride, padding }),
    rectified,
    convTranspose2d(first, colours, kernel, { stride, padding }),
  );
  return { encoder, decoder };
}

/** Negative evidence lower bound in nats, averaged over the batch; Kingma and Welling 2013, arXiv 1312.6114. */
function elboLoss(statistics: Tensor, decode: (z: Tensor) => Tensor, x: Tensor, noise: Tensor): Tensor {
  const [mean, logVariance] = statistics.split(2, 1) as [Tensor, Tensor];
  const z = mean.add(logVariance.mul(0.5).exp().mul(noise));
  const logits = decode(z);
  const reconstruction = logits.softplus().sub(logits.mul(x)).sum();
  const divergence = mean.square().add(logVariance.exp()).sub(logVariance).sub(1).sum().mul(0.5);
  return reconstruction.add(divergence).mul(1 / x.shape[0]!);
}

interface Batch {
  readonly x: HostArray;
  readonly noise: HostArray<"float32">;
}

/** A training step on one batch of random pixels; the noise is drawn anew in each step. */
function vaeTraining<E, D>(
  { encoder, decoder }: Networks<E, D>,
  shape: readonly number[],
  latent: number,
  learningRate: number,
): Training<{ encoder: E; decoder: D }, Batch> {
  const noise = normal(key(1), [shape[0]!, latent]);
  return {
    params: { encoder: encoder.init(key(2)), decoder: decoder.init(key(3)) },
    batch: { x: bernoulli(key(4), 0.2, shape), noise },
    loss: (params, { x, noise: epsilon }) => {
      const { encoder: e, decoder: d } = params as { encoder: never; decoder: never };
      return elboLoss(encoder.apply(e, x), (z) => decoder.apply(d, z), x, epsilon);
    },
    optimizer: adam(),
    learningRate,
    draw: (step) => fillNormal(fold(key(1), step), noise.data),
  };
}

const vae: Workload = {
  name: "vae",
  prepare: (threads) => {
    const { batch, input, latent, learningRate } = sizes.vae;
    return trainingWork(vaeTraining(mlpNetworks(), [batch, input], latent, learningRate), threads);
  },
};

const convVae: Workload = {
  name: "conv-vae",
  prepare: (threads) => {
    const { batch, image, latent, learningRate } = sizes["conv-vae"];
    return trainingWork(vaeTraining(convNetworks(), [batch, ...image], latent, learningRate), threads);
  },
};

/** Means of a batch of decoded prior samples, the prior noise included. */
const decoding: Workload = {
  name: "sampling/vae-decode",
  prepare: (threads) => {
    const { decoder } = mlpNetworks();
    const z = normal(key(5), [sizes.sampling.decode.count, sizes.vae.latent]);
    const decode = (params: never, noise: Tensor) => decoder.apply(params, noise).sigmoid();
    const draw = (step: number) => fillNormal(fold(key(5), step), z.data);
    return functionWork(decode, [decoder.init(key(3)), z], threads, draw);
  },
};

/** The MLP and the convolutional autoencoder, and decoding. */
export const vaeWorkloads: Workload[] = [vae, convVae, decoding];
