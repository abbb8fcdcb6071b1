import { ShapeError } from "../../base/errors.ts";
import { full } from "../../base/host.ts";
import { normalizeAxis, type Shape, sameShape, showShape, sizeOf } from "../../base/shape.ts";
import { nd } from "../nd.ts";
import { type Aval, type Gradients, type NdArray, register, type VjpArgs } from "../primitive.ts";
import { apply, type Tensor } from "../tensor.ts";
import { affineGroupNorm } from "./group-norm.ts";

/** Settings of a normalisation. */
export interface NormOptions {
  /** Added to the variance before the root. */
  readonly epsilon?: number;
}

type NormAttrs = { readonly axis: number; readonly epsilon: number };

/**
 * Layer normalisation (Ba, Kiros & Hinton 2016, arXiv:1607.06450): y = (x − μ)/√(σ² + ε)·scale + bias, mean and variance
 * over the axes from `from` (default: the last) to the end; scale and bias have the shape of those axes.
 */
export function layerNorm(
  x: Tensor,
  scale?: Tensor,
  bias?: Tensor,
  { from = -1, epsilon = 1e-5 }: NormOptions & { readonly from?: number } = {},
): Tensor {
  const attrs = { axis: normalizeAxis(from, x.rank), epsilon };
  if (scale === undefined && bias !== undefined) return layerNorm(x, undefined, undefined, { from, epsilon }).add(bias);
  const inputs = [x, scale, bias].filter((tensor) => tensor !== undefined);
  return apply(layerNormPrimitive as never, inputs, attrs)[0]!;
}

/**
 * Group normalisation (Wu & He 2018, arXiv:1803.08494) of [N, C, …]: mean and variance over each group of C/groups
 * channels and all positions; scale and bias are [C].
 */
export function groupNorm(
  x: Tensor,
  groups: number,
  scale?: Tensor,
  bias?: Tensor,
  { epsilon = 1e-5 }: NormOptions = {},
): Tensor {
  const [n, channels] = x.shape as [number, number];
  if (x.rank < 2 || channels % groups !== 0)
    throw new ShapeError(`groupNorm(${x}): ${channels} channels do not divide into ${groups} groups`);
  if (scale && bias) return affineGroupNorm(x, scale, bias, groups, epsilon);
  const flat = x.reshape([n, groups, sizeOf(x.shape) / (n * groups)]);
  const normal = layerNorm(flat, undefined, undefined, { epsilon }).reshape(x.shape);
  return channelAffine(normal, scale, bias);
}

/** x·scale + bias with one entry of each per channel (axis 1). */
function channelAffine(x: Tensor, scale?: Tensor, bias?: Tensor): Tensor {
  const shape = [-1, ...x.shape.slice(2).map(() => 1)];
  const scaled = scale === undefined ? x : x.mul(scale.reshape(shape));
  return bias === undefined ? scaled : scaled.add(bias.reshape(shape));
}

/** Root-mean-square normalisation (Zhang & Sennrich 2019, arXiv:1910.07467) over the last axis: x/√(mean x² + ε)·scale. */
export function rmsNorm(x: Tensor, scale?: Tensor, { epsilon = 1e-6 }: NormOptions = {}): Tensor {
  const inverse = x.square().mean(-1, true).add(epsilon).rsqrt();
  const normal = x.mul(inverse);
  return scale === undefined ? normal : normal.mul(scale);
}

/** Statistics of a batch, per channel. */
export interface BatchStatistics {
  readonly mean: Tensor;
  readonly variance: Tensor;
}

/** Mean and population variance [C] of x [N, C, …] over everything but the channels. */
export function batchStatistics(x: Tensor): BatchStatistics {
  const axes = x.shape.map((_, axis) => axis).filter((axis) => axis !== 1);
  return { mean: x.mean(axes), variance: x.variance(axes) };
}

/**
 * Batch normalisation (Ioffe & Szegedy 2015, arXiv:1502.03167) of x [N, C, …] with given statistics: those of the batch in
 * training (`batchStatistics(x)`, through which the gradient flows), running averages otherwise.
 */
export function batchNorm(
  x: Tensor,
  { mean, variance }: BatchStatistics,
  scale?: Tensor,
  bias?: Tensor,
  { epsilon = 1e-5 }: NormOptions = {},
): Tensor {
  const inverse = variance.add(epsilon).rsqrt();
  const factor = scale === undefined ? inverse : inverse.mul(scale);
  const offset = mean.mul(factor).neg();
  return channelAffine(x, factor, bias === undefined ? offset : offset.add(bias));
}

const rowsShape = (x: Shape, axis: number) => x.map((dim, i) => (i < axis ? dim : 1));

function inferNorm([x, ...affine]: readonly Aval[], { axis }: NormAttrs): Aval[] {
  const inner = x!.shape.slice(axis);
  for (const { shape } of affine)
    if (!sameShape(shape, inner))
      throw new ShapeError(
        `scale and bias need the shape ${showShape(inner)} of the normalised axes, got ${showShape(shape)}`,
      );
  const rows = { shape: rowsShape(x!.shape, axis), dtype: x!.dtype };
  return [{ shape: x!.shape, dtype: x!.dtype }, rows, rows];
}

/**
 * With x̂ = (x − μ)r, r = 1/√(σ² + ε) and g' = g·scale: dx = r(g' − mean g' − x̂·mean(g'·x̂)) + dμ/n − dr·r²·x̂/n. The terms
 * of dμ and dr only occur when the gradient itself is differentiated.
 */
function normVjp({ inputs, outputs, cotangents, attrs, needs }: VjpArgs<NormAttrs>): Gradients {
  const [x, scale] = inputs as [Tensor, Tensor | undefined];
  const [y, mean, inverse] = outputs as [Tensor, Tensor, Tensor];
  const [g, forMean, forInverse] = cotangents;
  const inner = x.shape.slice(attrs.axis);
  const axes = inner.map((_, i) => attrs.axis + i);
  const normal = scale === undefined ? y : x.sub(mean).mul(inverse);
  const terms: Tensor[] = [];
  if (needs[0] && g) {
    const weighted = scale === undefined ? g : g.mul(scale);
    const centred = weighted.sub(weighted.mean(axes, true));
    terms.push(centred.sub(normal.mul(weighted.mul(normal).mean(axes, true))).mul(inverse));
  }
  if (needs[0] && forMean) terms.push(forMean.mul(1 / sizeOf(inner)).broadcastTo(x.shape));
  if (needs[0] && forInverse) terms.push(normal.mul(forInverse.mul(inverse.square()).mul(-1 / sizeOf(inner))));
  const rows = Array.from({ length: attrs.axis }, (_, i) => i);
  return [
    terms.length > 0 ? terms.reduce((sum, term) => sum.add(term)) : undefined,
    needs[1] && g ? g.mul(normal).sum(rows) : undefined,
    needs[2] && g ? g.sum(rows) : undefined,
  ];
}

function evaluateNorm([x, scale, bias]: readonly NdArray[], { axis, epsilon }: NormAttrs): NdArray[] {
  const width = sizeOf(x!.shape.slice(axis));
  const rows = rowsShape(x!.shape, axis);
  const [y, means, inverses] = [nd(x!.shape, x!.dtype), nd(rows, x!.dtype), nd(rows, x!.dtype)];
  for (let row = 0; row < means.data.length; row++) {
    const values = x!.data.subarray(row * width, (row + 1) * width);
    const mean = values.reduce((sum, value) => sum + value, 0) / width;
    const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / width;
    const inverse = 1 / Math.sqrt(variance + epsilon);
    means.data[row] = mean;
    inverses.data[row] = inverse;
    values.forEach((value, i) => {
      y.data[row * width + i] = (value - mean) * inverse * (scale?.data[i] ?? 1) + (bias?.data[i] ?? 0);
    });
  }
  return [y, means, inverses];
}

/** Outputs: the normalised value, and mean and inverse deviation of each row for the gradient. */
const layerNormPrimitive = register<NormAttrs>({
  name: "layerNorm",
  infer: inferNorm,
  vjp: normVjp,
  emit: ({ context, names, inputs, attrs }) => {
    const inner = inputs[0]!.shape.slice(attrs.axis);
    const operands = names.length > 1 ? names : [names[0]!, context.constant(full("float32", inner, 1))];
    return context.nodes("LayerNormalization", operands, 3, { axis: attrs.axis, epsilon: { float: attrs.epsilon } });
  },
  evaluate: evaluateNorm,
});
