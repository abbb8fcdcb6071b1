import { sizeOf } from "../../base/shape.ts";
import type { DataSpec } from "../../data/types.ts";
import { bernoulli } from "../../distributions/bernoulli.ts";
import { discretizedLogistic } from "../../distributions/discretized-logistic.ts";
import { normal } from "../../distributions/normal.ts";
import type { Tensor } from "../../graph/index.ts";
import type { NoiseLaw } from "../contract.ts";
import type { VaeLikelihood } from "./options.ts";

/** p(x|z) as a function of the decoder's raw output [..., outputs, D] and x [..., D]. */
export interface Head {
  /** Raw numbers per element of x. */
  readonly outputs: number;
  /** The law of the noise `sample` takes. */
  readonly law: NoiseLaw;
  /** log p(x|z) in nats, [...]. */
  readonly logProb: (raw: Tensor, x: Tensor) => Tensor;
  readonly sample: (raw: Tensor, noise: Tensor) => Tensor;
  /** Draws as `logProb` takes them, where those of `sample` are rounded to bytes. */
  readonly unrounded?: (raw: Tensor, noise: Tensor) => Tensor;
  /** The centre of p(x|z) in model units, [..., D]. */
  readonly mean: (raw: Tensor) => Tensor;
}

/** Narrowest logistic and normal: a factor e^−7 keeps single precision and the likelihood finite. */
const MIN_LOG_SCALE = -7;

/** Output `index` of each element. */
function pick(raw: Tensor, index: number): Tensor {
  return raw.shape.at(-2) === 1 ? raw.squeeze(-2) : raw.slice(-2, index, index + 1).squeeze(-2);
}

const bernoulliHead: Head = {
  outputs: 1,
  law: "uniform",
  logProb: (raw, x) => bernoulli({ logits: pick(raw, 0) }, 1).logProb(x),
  sample: (raw, noise) => bernoulli({ logits: pick(raw, 0) }, 1).sample(noise),
  mean: (raw) => pick(raw, 0).sigmoid(),
};

/** Bytes as values k/255; raw outputs are the location around one half and the logarithm of the scale, less two. */
const logisticOf = (raw: Tensor) =>
  discretizedLogistic({ mean: pick(raw, 0).add(0.5), logScale: pick(raw, 1).sub(2).maximum(MIN_LOG_SCALE) }, 1);

const discretizedLogisticHead: Head = {
  outputs: 2,
  law: "uniform",
  logProb: (raw, x) => logisticOf(raw).logProb(x),
  sample: (raw, noise) => logisticOf(raw).sample(noise),
  mean: (raw) => pick(raw, 0).add(0.5).clip(0, 1),
};

const normalOf = (raw: Tensor) => normal({ mean: pick(raw, 0), logStdDev: pick(raw, 1).maximum(MIN_LOG_SCALE) }, 1);

const gaussianHead: Head = {
  outputs: 2,
  law: "normal",
  logProb: (raw, x) => normalOf(raw).logProb(x),
  sample: (raw, noise) => normalOf(raw).sample(noise),
  mean: (raw) => pick(raw, 0),
};

/**
 * Normals for dequantised bytes (x + u)/256: the density times the bin width 256^−D bounds the probability of the bytes
 * from below (Theis et al. 2015, arXiv 1511.01844, equation 6). Samples are bytes again.
 */
function dequantizedHead(data: DataSpec): Head {
  const binWidths = sizeOf(data.shape) * Math.log(256);
  const toUnit = (y: Tensor) => y.mul(256).floor().clip(0, 255).div(255);
  return {
    ...gaussianHead,
    logProb: (raw, x) => gaussianHead.logProb(raw, x).sub(binWidths),
    sample: (raw, noise) => toUnit(gaussianHead.sample(raw, noise)),
    unrounded: gaussianHead.sample,
    mean: (raw) => gaussianHead.mean(raw).clip(0, 1),
  };
}

/** The head of a likelihood for the data. */
export function headOf(likelihood: VaeLikelihood, data: DataSpec): Head {
  if (likelihood === "bernoulli") return bernoulliHead;
  if (likelihood === "discretized-logistic") return discretizedLogisticHead;
  return data.values === "bytes" ? dequantizedHead(data) : gaussianHead;
}
