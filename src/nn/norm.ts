import { full, type HostArray } from "../base/host.ts";
import {
  type BatchStatistics,
  batchStatistics,
  batchNorm as graphBatchNorm,
  groupNorm as graphGroupNorm,
  layerNorm as graphLayerNorm,
  rmsNorm as graphRmsNorm,
  type NormOptions,
  type Tensor,
} from "../graph/index.ts";
import type { Module, Traced } from "./module.ts";

/** Gain and shift of a normalisation. */
export type NormParams = { weight: HostArray; bias: HostArray };

const identity = (size: number): NormParams => ({
  weight: full("float32", [size], 1),
  bias: full("float32", [size], 0),
});

/** (x − μ)/√(σ² + ε)·weight + bias over the last axis of size `width`. Ba et al. 2016, arXiv 1607.06450. */
export function layerNorm(width: number, options: NormOptions = {}): Module<NormParams> {
  return {
    init: () => identity(width),
    apply: ({ weight, bias }, x) => graphLayerNorm(x, weight, bias, options),
  };
}

/** x/√(mean x² + ε)·weight over the last axis of size `width`. Zhang, Sennrich 2019, arXiv 1910.07467. */
export function rmsNorm(width: number, options: NormOptions = {}): Module<{ weight: HostArray }> {
  return {
    init: () => ({ weight: full("float32", [width], 1) }),
    apply: ({ weight }, x) => graphRmsNorm(x, weight, options),
  };
}

/** Normalises groups of channels of [N, channels, …] over all positions. Wu, He 2018, arXiv 1803.08494. */
export function groupNorm(channels: number, groups: number, options: NormOptions = {}): Module<NormParams> {
  return {
    init: () => identity(channels),
    apply: ({ weight, bias }, x) => graphGroupNorm(x, groups, weight, bias, options),
  };
}

/** The largest number of groups up to `wanted` that divides the channels. */
export function groupsFor(channels: number, wanted: number): number {
  let groups = Math.min(wanted, channels);
  while (channels % groups !== 0) groups--;
  return groups;
}

/** Running statistics per channel. */
export type BatchNormState = { mean: HostArray; variance: HostArray };

/** Batch normalisation keeps running statistics: they are state beside the parameters, handed in and out. */
export interface BatchNorm extends Module<NormParams> {
  /** Statistics before the first batch: mean 0, variance 1. */
  initState(): BatchNormState;
  /** Normalises with the batch's statistics and moves the running ones towards them. */
  train(
    params: Traced<NormParams>,
    state: BatchStatistics,
    x: Tensor,
  ): { readonly y: Tensor; readonly state: BatchStatistics };
  /** Normalises with the running statistics. */
  infer(params: Traced<NormParams>, state: BatchStatistics, x: Tensor): Tensor;
}

/**
 * Batch normalisation of [N, channels, …]; running = momentum·running + (1 − momentum)·batch (with the unbiased
 * variance). `apply` uses the batch's own statistics. Ioffe, Szegedy 2015, arXiv 1502.03167.
 */
export function batchNorm(
  channels: number,
  { momentum = 0.9, ...options }: NormOptions & { readonly momentum?: number } = {},
): BatchNorm {
  const move = (old: Tensor, now: Tensor) => old.mul(momentum).add(now.stopGradient().mul(1 - momentum));
  return {
    init: () => identity(channels),
    initState: () => ({ mean: full("float32", [channels], 0), variance: full("float32", [channels], 1) }),
    apply: ({ weight, bias }, x) => graphBatchNorm(x, batchStatistics(x), weight, bias, options),
    train: ({ weight, bias }, state, x) => {
      const batch = batchStatistics(x);
      const count = x.size / channels;
      const unbiased = batch.variance.mul(count / Math.max(1, count - 1));
      return {
        y: graphBatchNorm(x, batch, weight, bias, options),
        state: { mean: move(state.mean, batch.mean), variance: move(state.variance, unbiased) },
      };
    },
    infer: ({ weight, bias }, state, x) => graphBatchNorm(x, state, weight, bias, options),
  };
}
