import { ShapeError } from "../base/errors.ts";
import { broadcastShapes, type Shape, showShape } from "../base/shape.ts";
import { lift, type Tensor, type TensorLike } from "../graph/index.ts";
import type { Support } from "./support.ts";

/** The law of host noise: standard normal, uniform on [0, 1), standard Gumbel. */
export type NoiseLaw = "normal" | "uniform" | "gumbel";

/** One noise array: its law and the shape one draw of the whole batch needs; leading axes mean several draws. */
export interface NoiseLeaf {
  readonly law: NoiseLaw;
  readonly shape: Shape;
}

/** The noise a sampler needs: one array or several by name. */
export type NoiseSpec = NoiseLeaf | { readonly [name: string]: NoiseSpec };

/** Tensors for a noise specification. */
export type NoiseTensors<N> = N extends NoiseLeaf ? Tensor : { readonly [K in keyof N]: NoiseTensors<N[K]> };

/** A batch of independent distributions: `logProb` takes x [..., ...batch, ...event] to [..., ...batch] in nats. */
export interface LogDensity {
  readonly family: string;
  readonly batch: Shape;
  readonly event: Shape;
  /** Where one number (of a simplex: one vector) may lie; absent where it follows from others, as in mixtures. */
  readonly support?: Support;
  logProb(x: Tensor): Tensor;
}

/** A log-density with moments, [...batch, ...event]; infinite or NaN where they do not exist. */
export interface Moments extends LogDensity {
  readonly support: Support;
  mean(): Tensor;
  variance(): Tensor;
}

/** A log-density with a sampler: `sample` takes noise to draws [..., ...batch, ...event]. */
export interface Density<N extends NoiseSpec = NoiseSpec> extends LogDensity {
  readonly noise: N;
  /** Whether gradients flow from samples to parameters. */
  readonly reparameterized: boolean;
  sample(noise: NoiseTensors<N>): Tensor;
}

/** A density with known moments, [...batch, ...event]. */
export interface Distribution<N extends NoiseSpec = NoiseSpec> extends Density<N> {
  mean(): Tensor;
  variance(): Tensor;
  stdDev(): Tensor;
  /** In nats, [...batch]; absent where no closed form is known. */
  entropy?(): Tensor;
}

/** A distribution whose elements are independent numbers: it also has a distribution function for each element. */
export interface Univariate<N extends NoiseSpec = NoiseSpec> extends Distribution<N> {
  /** P(X ≤ x), elementwise. */
  cdf(x: Tensor): Tensor;
  /** The smallest x with cdf(x) ≥ u, elementwise. */
  inverseCdf(u: Tensor): Tensor;
}

/** Shapes of a distribution whose last `eventRank` axes form one event. */
export interface Shapes {
  readonly batch: Shape;
  readonly event: Shape;
  /** Both: what one draw of the batch looks like. */
  readonly full: Shape;
}

/** The shapes that parameters broadcast to, cut into batch and event. */
export function shapesOf(parameters: readonly Tensor[], eventRank: number): Shapes {
  const full = broadcastShapes(...parameters.map(({ shape }) => shape));
  const at = full.length - eventRank;
  if (at < 0)
    throw new ShapeError(`event rank ${eventRank} is more than the rank of the parameters ${showShape(full)}`);
  return { batch: full.slice(0, at), event: full.slice(at), full };
}

/** Sums over the last `rank` axes: independent elements become one event. */
export function sumEvent(x: Tensor, rank: number): Tensor {
  return rank === 0 ? x : x.sum(Array.from({ length: rank }, (_, i) => x.rank - rank + i));
}

/** A uniform on [0, 1) moved into the open interval: its ends would have no finite quantile. */
export function openUnit(u: Tensor): Tensor {
  return u.clip(2 ** -25, 1 - 2 ** -24);
}

/** log(u/(1−u)) of a uniform: a standard logistic variate. */
export function logitOf(u: Tensor): Tensor {
  const open = openUnit(u);
  return open.log().sub(open.neg().add(1).log());
}

/** A scale, or its logarithm as networks put it out. */
export type ScaleParameter = { readonly scale: TensorLike } | { readonly logScale: TensorLike };

/** Both spellings of a scale. */
export function scaleOf(parameters: ScaleParameter): { readonly scale: Tensor; readonly logScale: Tensor } {
  if ("scale" in parameters) {
    const scale = lift(parameters.scale);
    return { scale, logScale: scale.log() };
  }
  const logScale = lift(parameters.logScale);
  return { scale: logScale.exp(), logScale };
}
