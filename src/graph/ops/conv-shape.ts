import { ShapeError } from "../../base/errors.ts";
import { type Shape, showShape } from "../../base/shape.ts";

/** Zeros added before and after each spatial axis, or a rule: "same" keeps ⌈size/stride⌉, "causal" pads before only. */
export type Padding = number | readonly (readonly [number, number])[] | "same" | "valid" | "causal";

/** How a convolution moves; numbers stand for all spatial axes. */
export interface ConvOptions {
  readonly stride?: number | readonly number[];
  readonly padding?: Padding;
  readonly dilation?: number | readonly number[];
  readonly groups?: number;
}

/** The same, resolved: one entry per spatial axis. */
export type ConvAttrs = {
  readonly stride: readonly number[];
  readonly padding: readonly (readonly [number, number])[];
  readonly dilation: readonly number[];
  readonly groups: number;
};

/** One number per spatial axis. */
export function perAxis(value: number | readonly number[], axes: number, what: string): number[] {
  const list = typeof value === "number" ? new Array<number>(axes).fill(value) : [...value];
  if (list.length !== axes) throw new ShapeError(`${what} has ${list.length} entries for ${axes} spatial axes`);
  return list;
}

/** Positions the taps of a kernel span: d·(k − 1) + 1. */
export const span = (kernel: number, dilation: number): number => dilation * (kernel - 1) + 1;

/** Options made explicit for an input of spatial sizes `sizes` and a kernel of sizes `kernel`. */
export function resolveConv(options: ConvOptions, sizes: Shape, kernel: Shape): ConvAttrs {
  const axes = kernel.length;
  const stride = perAxis(options.stride ?? 1, axes, "stride");
  const dilation = perAxis(options.dilation ?? 1, axes, "dilation");
  const padding = resolvePadding(options.padding ?? 0, sizes, kernel, stride, dilation);
  return { stride, padding, dilation, groups: options.groups ?? 1 };
}

function resolvePadding(padding: Padding, sizes: Shape, kernel: Shape, stride: Shape, dilation: Shape) {
  if (padding === "valid") return kernel.map(() => [0, 0] as const);
  if (typeof padding === "number") return kernel.map(() => [padding, padding] as const);
  if (padding === "causal") return kernel.map((k, axis) => [span(k, dilation[axis]!) - 1, 0] as const);
  if (padding !== "same") {
    if (padding.length !== kernel.length)
      throw new ShapeError(`padding has ${padding.length} entries for ${kernel.length} spatial axes`);
    return padding.map(([before, after]) => [before, after] as const);
  }
  return kernel.map((k, axis) => {
    const [size, step] = [sizes[axis]!, stride[axis]!];
    const total = Math.max(0, (Math.ceil(size / step) - 1) * step + span(k, dilation[axis]!) - size);
    return [Math.floor(total / 2), total - Math.floor(total / 2)] as const;
  });
}

/** Spatial sizes of a convolution's result: ⌊(size + before + after − d(k−1) − 1)/stride⌋ + 1. */
export function convSizes(sizes: Shape, kernel: Shape, attrs: ConvAttrs): number[] {
  return sizes.map((size, axis) => {
    const [before, after] = attrs.padding[axis]!;
    const room = size + before + after - span(kernel[axis]!, attrs.dilation[axis]!);
    if (room < 0)
      throw new ShapeError(`the kernel ${showShape(kernel)} is larger than the padded input ${showShape(sizes)}`);
    return Math.floor(room / attrs.stride[axis]!) + 1;
  });
}

/** Throws unless an input [N, C, …] and weights [K, C/groups, …] belong together; returns nothing. */
export function checkConv(x: Shape, w: Shape, attrs: ConvAttrs): void {
  if (x.length !== w.length || x.length < 3 || x.length > 4)
    throw new ShapeError(
      "convolution takes input [N, C, L] or [N, C, H, W] and weights [K, C/groups, …] of the same rank",
    );
  const { groups } = attrs;
  if (x[1] !== w[1]! * groups)
    throw new ShapeError(`the input has ${x[1]} channels, the weights ${w[1]} × ${groups} groups`);
  if (w[0]! % groups !== 0) throw new ShapeError(`${w[0]} output channels do not divide into ${groups} groups`);
  const bad = [...attrs.stride, ...attrs.dilation].some((value) => !Number.isInteger(value) || value < 1);
  if (bad) throw new ShapeError("stride and dilation are positive integers");
  if (attrs.padding.flat().some((value) => !Number.isInteger(value) || value < 0))
    throw new ShapeError("padding is a whole number of zeros, 0 or more");
}

/** Everything about one convolution with two spatial axes; a one-dimensional one is an image of height 1. */
export interface Geometry {
  readonly n: number;
  readonly c: number;
  readonly k: number;
  readonly size: readonly [number, number];
  readonly out: readonly [number, number];
  readonly kernel: readonly [number, number];
  readonly stride: readonly [number, number];
  readonly padding: readonly [readonly [number, number], readonly [number, number]];
  readonly dilation: readonly [number, number];
  readonly groups: number;
}

/** The geometry of input shape x, weight shape w and result shape y. */
export function geometry(x: Shape, w: Shape, y: Shape, attrs: ConvAttrs): Geometry {
  const lift = <T>(list: readonly T[], fill: T) =>
    (list.length === 1 ? [fill, list[0]!] : [list[0]!, list[1]!]) as [T, T];
  return {
    n: x[0]!,
    c: x[1]!,
    k: w[0]!,
    size: lift(x.slice(2), 1),
    out: lift(y.slice(2), 1),
    kernel: lift(w.slice(2), 1),
    stride: lift(attrs.stride, 1),
    padding: lift(attrs.padding, [0, 0]),
    dilation: lift(attrs.dilation, 1),
    groups: attrs.groups,
  };
}
