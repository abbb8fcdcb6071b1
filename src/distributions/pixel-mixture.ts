import { concat, type Tensor } from "../graph/index.ts";
import { inverseCategorical } from "./categorical.ts";
import { binLogProb } from "./discretized-logistic.ts";
import { type Density, logitOf, type NoiseLeaf, sumEvent } from "./distribution.ts";
import { type Grid, toGrid, unitBytes } from "./grid.ts";

/** Parameters of K mixture components for every pixel of images with C channels (1 or 3). */
export interface PixelMixtureParameters {
  /** [N, K, H, W]: one choice for a whole pixel. */
  readonly logits: Tensor;
  /** [N, K, C, H, W]. */
  readonly means: Tensor;
  /** [N, K, C, H, W]. */
  readonly logScales: Tensor;
  /** [N, K, 3, H, W] for colour images: green on red, blue on red, blue on green. */
  readonly coefficients?: Tensor;
}

/** Number of network outputs per pixel for K components: logits, means, log scales and, for colour, coefficients. */
export function pixelMixtureChannels(components: number, channels: number): number {
  return components * (1 + 2 * channels + (channels === 3 ? 3 : 0));
}

/** Cuts network outputs [N, pixelMixtureChannels(K, C), H, W] into parameters; log scales stay above −7, coefficients in (−1, 1). */
export function pixelMixtureParameters(outputs: Tensor, components: number, channels: number): PixelMixtureParameters {
  const [n, , height, width] = outputs.shape as [number, number, number, number];
  const sizes = [components, components * channels, components * channels, ...(channels === 3 ? [components * 3] : [])];
  const [logits, means, logScales, coefficients] = outputs.split(sizes, 1);
  const shape = (x: Tensor) => x.reshape([n, components, -1, height, width]);
  return {
    logits: logits!,
    means: shape(means!),
    logScales: shape(logScales!).maximum(-7),
    ...(coefficients && { coefficients: shape(coefficients).tanh() }),
  };
}

/** Noise of a draw: a uniform per pixel that chooses the component, and one per value. */
export type PixelMixtureNoise = { readonly choice: NoiseLeaf; readonly value: NoiseLeaf };

/** The mean of channel c given the channels before it: μ_g + a·r, μ_b + b·r + c·g. All [..., 1, H, W] slices. */
function conditionalMeans(means: Tensor, coefficients: Tensor | undefined, channel: (c: number) => Tensor): Tensor[] {
  const own = means.split(means.shape[2]!, 2);
  if (!coefficients) return own;
  const [a, b, c] = coefficients.split(3, 2) as [Tensor, Tensor, Tensor];
  const [red, green] = [channel(0), channel(1)];
  return [own[0]!, own[1]!.add(a.mul(red)), own[2]!.add(b.mul(red)).add(c.mul(green))];
}

/**
 * Mixture of discretised logistics over the pixels of an image x [N, C, H, W], channels of a pixel sharing the choice of
 * component and green and blue depending linearly on the channels before them. log-probabilities [N] in nats.
 * Salimans, Karpathy, Chen, Kingma 2017 (PixelCNN++), arXiv 1701.05517, section 2.1 and 2.2.
 */
export function pixelMixture(parameters: PixelMixtureParameters, grid: Grid = unitBytes): Density<PixelMixtureNoise> {
  const { logits, means, logScales, coefficients } = parameters;
  const [n, components, channels, height, width] = means.shape as [number, number, number, number, number];
  const logW = logits.logSoftmax(1);
  const event = [channels, height, width];
  return {
    family: "pixelMixture",
    batch: [n],
    event,
    noise: { choice: { law: "uniform", shape: [n, height, width] }, value: { law: "uniform", shape: [n, ...event] } },
    reparameterized: false,
    logProb: (x) => {
      const values = x.expandDims(1);
      const mu = concat(
        conditionalMeans(means, coefficients, (c) => values.slice(2, c, c + 1)),
        2,
      );
      const perComponent = binLogProb(values, mu, logScales, grid).sum(2).add(logW);
      return sumEvent(perComponent.logSumExp(1), 2);
    },
    sample: ({ choice, value }) => {
      const index = inverseCategorical(logW.exp().transpose([0, 2, 3, 1]), choice);
      const chosen = index.oneHot(components).transpose([0, 3, 1, 2]).expandDims(2);
      const pick = (x: Tensor) => x.mul(chosen).sum(1, true);
      const [mu, scale] = [pick(means), pick(logScales).exp()];
      const noise = logitOf(value.expandDims(1)).mul(scale);
      const drawn: Tensor[] = [];
      for (let c = 0; c < channels; c++) {
        const held = (i: number) => drawn[i] ?? noise.slice(2, 0, 1).mul(0);
        const mean = conditionalMeans(mu, coefficients && pick(coefficients), held)[c]!;
        drawn.push(toGrid(mean.add(noise.slice(2, c, c + 1)), grid));
      }
      return concat(drawn, 2).squeeze(1);
    },
  };
}
