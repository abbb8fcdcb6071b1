import type { EmitContext, OnnxAttributes } from "../primitive.ts";
import type { Geometry } from "./conv-shape.ts";
import { span } from "./conv-shape.ts";
import { padPlane, reshape, transpose } from "./emit-helpers.ts";

/** ONNX's pads: all the befores, then all the afters. */
function onnxPads(g: Geometry): number[] {
  return [g.padding[0][0], g.padding[1][0], g.padding[0][1], g.padding[1][1]];
}

function attributes(g: Geometry): OnnxAttributes {
  const { kernel, stride, dilation, groups } = g;
  return { kernel_shape: kernel, strides: stride, dilations: dilation, pads: onnxPads(g), group: groups };
}

/** The standard Conv, right for every geometry and device. */
export function emitConv(c: EmitContext, operands: readonly string[], g: Geometry): string {
  return c.node("Conv", operands, attributes(g));
}

/** The standard ConvTranspose: the input gradient for every geometry and device. */
export function emitConvTranspose(c: EmitContext, [dy, w]: readonly string[], g: Geometry): string {
  const spare = g.size.map((size, axis) => {
    const [before, after] = g.padding[axis]!;
    const reach = (g.out[axis]! - 1) * g.stride[axis]! + span(g.kernel[axis]!, g.dilation[axis]!);
    return size - (reach - before - after);
  });
  return c.node("ConvTranspose", [dy!, w!], { ...attributes(g), output_padding: spare });
}

/** x padded (or cropped) to exactly the positions the kernel visits. */
export function padToReach(c: EmitContext, x: string, g: Geometry): string {
  const [rows, columns] = [0, 1].map((axis) => {
    const reach = (g.out[axis]! - 1) * g.stride[axis]! + span(g.kernel[axis]!, g.dilation[axis]!);
    return [g.padding[axis]![0], reach - g.size[axis]! - g.padding[axis]![0]];
  });
  return padPlane(c, x, rows!, columns!);
}

/**
 * The weight gradient as a convolution in which the batch plays the channels and dy is the filter, stride and dilation
 * changing places: right for every geometry and device.
 */
export function swappedWeightGradient(c: EmitContext, [x, dy]: readonly string[], g: Geometry): string {
  const { n, groups } = g;
  const perGroup = g.c / groups;
  const padded = padToReach(c, x!, g);
  const reach = [0, 1].map((axis) => (g.out[axis]! - 1) * g.stride[axis]! + span(g.kernel[axis]!, g.dilation[axis]!));
  const split = groups === 1 ? padded : reshape(c, padded, [n, groups, perGroup, ...reach]);
  const turned = groups === 1 ? transpose(c, split, [1, 0, 2, 3]) : transpose(c, split, [2, 1, 0, 3, 4]);
  const images = groups === 1 ? turned : reshape(c, turned, [perGroup, groups * n, ...reach]);
  const filter = transpose(c, dy!, [1, 0, 2, 3]);
  const result = c.node("Conv", [images, filter], {
    kernel_shape: g.out,
    strides: g.dilation,
    dilations: g.stride,
    pads: [0, 0, 0, 0],
    group: groups,
  });
  return transpose(c, result, [1, 0, 2, 3]);
}
