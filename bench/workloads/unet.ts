import { concat, type Tensor, upsample } from "../../src/graph/index.ts";
import {
  conv2d,
  groupNorm,
  initAll,
  linear,
  type Module,
  type ParamsOf,
  selfAttention,
  silu,
  type Traced,
} from "../../src/nn/index.ts";
import { adam } from "../../src/optim/index.ts";
import { fillNormal, fold, key, normal, randomInts, uniform } from "../../src/random/index.ts";
import type { Workload } from "../harness.ts";
import { sizes } from "./sizes.ts";
import { trainingWork } from "./trainer.ts";

const { batch, image, channels, groups, timeFeatures, timeWidth, maxPeriod, diffusionSteps, learningRate } = sizes.unet;
const [colours, height, side] = image as [number, number, number];
const [low, high] = channels as [number, number];

const same = (inside: number, outside: number) => conv2d(inside, outside, 3, { padding: 1 });

/** norm, SiLU, 3×3, time; norm, SiLU, 3×3; plus the input. */
function resBlock(inside: number, outside: number) {
  const parts = {
    norm1: groupNorm(inside, groups),
    conv1: same(inside, outside),
    time: linear(timeWidth, outside),
    norm2: groupNorm(outside, groups),
    conv2: same(outside, outside),
  };
  const skip = inside === outside ? undefined : conv2d(inside, outside, 1);
  type Params = { parts: ParamsOfParts<typeof parts>; skip?: ParamsOf<NonNullable<typeof skip>> };
  const block: Module<Params, [x: Tensor, time: Tensor]> = {
    init: (k) => ({ parts: initAll(parts, k), ...(skip && { skip: skip.init(fold(k, "skip")) }) }),
    apply: (params, x, time) => {
      const p = params.parts;
      const shift = parts.time.apply(p.time, time).reshape([-1, outside, 1, 1]);
      const h = parts.conv1.apply(p.conv1, silu(parts.norm1.apply(p.norm1, x))).add(shift);
      const y = parts.conv2.apply(p.conv2, silu(parts.norm2.apply(p.norm2, h)));
      return (skip ? skip.apply(params.skip!, x) : x).add(y);
    },
  };
  return block;
}

type ParamsOfParts<M> = { [K in keyof M]: ParamsOf<M[K]> };

/** One head over all positions, plus the input. */
function attention(width: number) {
  const parts = { norm: groupNorm(width, groups), mix: selfAttention({ width, heads: 1 }) };
  const block: Module<ParamsOfParts<typeof parts>> = {
    init: (k) => initAll(parts, k),
    apply: (params, x) => {
      const tokens = parts.norm.apply(params.norm, x).flatten(2).swapAxes(1, 2);
      return x.add(parts.mix.apply(params.mix, tokens).swapAxes(1, 2).reshape(x.shape));
    },
  };
  return block;
}

const parts = {
  time1: linear(timeFeatures, timeWidth),
  time2: linear(timeWidth, timeWidth),
  first: same(colours, low),
  down1: resBlock(low, low),
  down2: resBlock(low, low),
  shrink: conv2d(low, low, 3, { stride: 2, padding: 1 }),
  down3: resBlock(low, high),
  attend3: attention(high),
  middle1: resBlock(high, high),
  attend: attention(high),
  middle2: resBlock(high, high),
  up3: resBlock(2 * high, high),
  grow: same(high, high),
  up2: resBlock(high + low, low),
  up1: resBlock(2 * low, low),
  norm: groupNorm(low, groups),
  last: same(low, colours),
};

const init = () => initAll(parts, key(0));

/** The noise in x [N, C, H, W] as the network sees it; `time` is [N, timeFeatures]. */
function predictNoise(p: Traced<ReturnType<typeof init>>, x: Tensor, features: Tensor): Tensor {
  const time = silu(parts.time2.apply(p.time2, silu(parts.time1.apply(p.time1, features))));
  const h1 = parts.down1.apply(p.down1, parts.first.apply(p.first, x), time);
  const h2 = parts.down2.apply(p.down2, h1, time);
  const h3 = parts.attend3.apply(p.attend3, parts.down3.apply(p.down3, parts.shrink.apply(p.shrink, h2), time));
  const middle = parts.attend.apply(p.attend, parts.middle1.apply(p.middle1, h3, time));
  const deep = parts.up3.apply(p.up3, concat([parts.middle2.apply(p.middle2, middle, time), h3], 1), time);
  const grown = parts.grow.apply(p.grow, upsample(deep, 2));
  const u2 = parts.up2.apply(p.up2, concat([grown, h2], 1), time);
  const u1 = parts.up1.apply(p.up1, concat([u2, h1], 1), time);
  return parts.last.apply(p.last, silu(parts.norm.apply(p.norm, u1)));
}

/** ∏ (1 − β) for each diffusion step, β from 10⁻⁴ to 0.02. Ho, Jain, Abbeel 2020, arXiv 2006.11239. */
function keptSignal(): Float64Array {
  const kept = new Float64Array(diffusionSteps);
  let product = 1;
  for (let t = 0; t < diffusionSteps; t++) {
    product *= 1 - (1e-4 + ((0.02 - 1e-4) * t) / (diffusionSteps - 1));
    kept[t] = product;
  }
  return kept;
}

const kept = keptSignal();

/** Cosines and sines of a time step, then the weights of image and noise, as one row each. */
function writeTimes(step: number, features: Float32Array, weights: Float32Array): void {
  const times = randomInts(fold(key(1), step), 0, diffusionSteps, [batch]).data;
  const half = timeFeatures / 2;
  for (let n = 0; n < batch; n++) {
    const t = Number(times[n]);
    for (let i = 0; i < half; i++) {
      const angle = t * maxPeriod ** (-i / half);
      features[n * timeFeatures + i] = Math.cos(angle);
      features[n * timeFeatures + half + i] = Math.sin(angle);
    }
    weights[2 * n] = Math.sqrt(kept[t]!);
    weights[2 * n + 1] = Math.sqrt(1 - kept[t]!);
  }
}

const unet: Workload = {
  name: "unet",
  prepare: (threads) => {
    const shape = [batch, colours, height, side];
    const x = uniform(key(2), shape);
    for (let i = 0; i < x.data.length; i++) x.data[i] = 2 * x.data[i]! - 1;
    const noise = normal(key(3), shape);
    const features = normal(key(4), [batch, timeFeatures]);
    const weights = normal(key(5), [batch, 2, 1, 1, 1]);
    return trainingWork(
      {
        params: init(),
        batch: { x, noise, features, weights },
        loss: (params, data) => {
          const [signal, spread] = data.weights.split(2, 1).map((w) => w.reshape([batch, 1, 1, 1])) as [Tensor, Tensor];
          const noisy = data.x.mul(signal).add(data.noise.mul(spread));
          return predictNoise(params, noisy, data.features).sub(data.noise).square().mean();
        },
        optimizer: adam(),
        learningRate,
        draw: (step) => {
          fillNormal(fold(key(3), step), noise.data);
          writeTimes(step, features.data, weights.data);
        },
      },
      threads,
    );
  },
};

/** A small U-Net that predicts noise. */
export const unetWorkloads: Workload[] = [unet];
