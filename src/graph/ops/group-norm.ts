import { ShapeError } from "../../base/errors.ts";
import { full } from "../../base/host.ts";
import { sameShape, sizeOf } from "../../base/shape.ts";
import { nd } from "../nd.ts";
import { type Aval, type Emission, type Gradients, type NdArray, register, type VjpArgs } from "../primitive.ts";
import { apply, type Tensor } from "../tensor.ts";
import { reshape } from "./emit-helpers.ts";

type GroupAttrs = { readonly groups: number; readonly epsilon: number };

/** Group normalisation with scale and bias [C] as one operation, for the sake of its gradient. */
export function affineGroupNorm(x: Tensor, scale: Tensor, bias: Tensor, groups: number, epsilon: number): Tensor {
  return apply(groupNormPrimitive as never, [x, scale, bias], { groups, epsilon })[0]!;
}

function inferGroup([x, ...affine]: readonly Aval[], { groups }: GroupAttrs): Aval[] {
  const [n, channels] = x!.shape as [number, number];
  if (affine.some(({ shape }) => !sameShape(shape, [channels])))
    throw new ShapeError(`scale and bias need one entry for each of ${channels} channels`);
  const whole = { shape: x!.shape, dtype: x!.dtype };
  return [whole, whole, { shape: [n, groups, 1], dtype: x!.dtype }];
}

/**
 * With n the standardised x, r the inverse deviation and L values in a group: Aₙc = Σ g·n and Bₙc = Σ g over positions
 * give both dscale = Σₙ A, dbias = Σₙ B and the group means m₁ = Σ scale·B/L, m₂ = Σ scale·A/L of
 * dx = r(scale·g − m₁ − n·m₂): two reductions and five passes over the data instead of four and seven.
 */
function groupVjp(args: VjpArgs<GroupAttrs>): Gradients {
  const { inputs, outputs, cotangents, attrs, needs } = args;
  const [x, scale] = inputs as [Tensor, Tensor];
  const [n, channels] = x.shape as [number, number];
  const positions = sizeOf(x.shape.slice(2));
  const rows = (tensor: Tensor) => tensor.reshape([n, channels, positions]);
  const [g, forNormal, forInverse] = cotangents;
  const normal = rows(outputs[1]!);
  const products = g && rows(g).mul(normal).sum(2, true);
  const sums = g && rows(g).sum(2, true);
  const inverse = outputs[2]!;
  const scales = scale.reshape([channels, 1]);
  const terms: Tensor[] = [];
  if (needs[0] && (g || forNormal)) {
    const direct = forNormal && rows(forNormal);
    const first = added(sums?.mul(scales), direct?.sum(2, true));
    const second = added(products?.mul(scales), direct?.mul(normal).sum(2, true));
    const perChannel = (value: Tensor) => overGroups(value, inverse, attrs.groups, positions);
    const factor = spread(inverse, channels);
    const weighted = added(g && rows(g).mul(factor.mul(scales)), direct?.mul(factor))!;
    terms.push(weighted.sub(normal.mul(perChannel(second!)).add(perChannel(first!))));
  }
  if (needs[0] && forInverse) {
    const share = forInverse.mul(inverse.square()).mul(-attrs.groups / (channels * positions));
    terms.push(normal.mul(spread(share, channels)));
  }
  return [
    terms.length > 0 ? terms.reduce((sum, term) => sum.add(term)).reshape(x.shape) : undefined,
    needs[1] && products ? products.sum(0).reshape([channels]) : undefined,
    needs[2] && sums ? sums.sum(0).reshape([channels]) : undefined,
  ];
}

function added(a: Tensor | undefined, b: Tensor | undefined): Tensor | undefined {
  return a && b ? a.add(b) : (a ?? b);
}

/** [N, G, 1] as [N, C, 1]: each group's value for all its channels. */
function spread(value: Tensor, channels: number): Tensor {
  const [n, groups] = value.shape as [number, number];
  return value.broadcastTo([n, groups, channels / groups]).reshape([n, channels, 1]);
}

/** From sums per channel [N, C, 1]: inverse deviation × mean over the group, for all its channels. */
function overGroups(sums: Tensor, inverse: Tensor, groups: number, positions: number): Tensor {
  const [n, channels] = sums.shape as [number, number];
  const size = channels / groups;
  const mean = sums
    .reshape([n, groups, size])
    .sum(2, true)
    .mul(1 / (size * positions));
  return spread(mean.mul(inverse), channels);
}

function emitGroup({ context: c, names, inputs, attrs }: Emission<GroupAttrs>): string[] {
  const [x, scale, bias] = names as [string, string, string];
  const [channels, ...spatial] = inputs[0]!.shape.slice(1) as [number, ...number[]];
  const size = (channels / attrs.groups) * sizeOf(spatial);
  const flat = reshape(c, x, [0, attrs.groups, size]);
  const ones = c.constant(full("float32", [size], 1));
  const options = { axis: 2, epsilon: { float: attrs.epsilon } };
  const [standard, , inverse] = c.nodes("LayerNormalization", [flat, ones], 3, options);
  const normal = reshape(c, standard!, [0, channels, ...spatial]);
  const channel = [channels, ...spatial.map(() => 1)];
  const scaled = c.node("Mul", [normal, reshape(c, scale, channel)]);
  return [c.node("Add", [scaled, reshape(c, bias, channel)]), normal, inverse!];
}

function evaluateGroup([x, scale, bias]: readonly NdArray[], { groups, epsilon }: GroupAttrs): NdArray[] {
  const [n, channels] = x!.shape as [number, number];
  const positions = sizeOf(x!.shape.slice(2));
  const size = (channels / groups) * positions;
  const [y, normal, inverse] = [nd(x!.shape, x!.dtype), nd(x!.shape, x!.dtype), nd([n, groups, 1], x!.dtype)];
  for (let group = 0; group < n * groups; group++) {
    const values = x!.data.subarray(group * size, (group + 1) * size);
    const mean = values.reduce((sum, value) => sum + value, 0) / size;
    const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / size;
    inverse.data[group] = 1 / Math.sqrt(variance + epsilon);
    values.forEach((value, i) => {
      const at = group * size + i;
      const channel = Math.floor(at / positions) % channels;
      normal.data[at] = (value - mean) * inverse.data[group]!;
      y.data[at] = normal.data[at]! * scale!.data[channel]! + bias!.data[channel]!;
    });
  }
  return [y, normal, inverse];
}

/** Outputs: the result, the standardised input, and the inverse deviation [N, G, 1]. */
const groupNormPrimitive = register<GroupAttrs>({
  name: "groupNorm",
  infer: inferGroup,
  vjp: groupVjp,
  emit: emitGroup,
  evaluate: evaluateGroup,
});
