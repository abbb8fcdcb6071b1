import { ShapeError } from "../../base/errors.ts";
import { allocate, HostArray } from "../../base/host.ts";
import { type Shape, sizeOf } from "../../base/shape.ts";
import { nd } from "../nd.ts";
import { type Gradients, type NdArray, register, type VjpArgs } from "../primitive.ts";
import { apply, type Tensor } from "../tensor.ts";
import { zerosLike } from "../vjp.ts";
import { type ConvAttrs, convSizes, type Padding, perAxis, resolveConv, span } from "./conv-shape.ts";
import { alongSpatial } from "./resize.ts";

/** Windows of a pooling over x [N, C, L] or [N, C, H, W]; the stride is the window's size when left out. */
export interface PoolOptions {
  readonly kernel: number | readonly number[];
  readonly stride?: number | readonly number[];
  readonly padding?: Padding;
}

type PoolAttrs = ConvAttrs & { readonly kernel: readonly number[] };

function resolvePool(x: Tensor, options: PoolOptions): PoolAttrs {
  if (x.rank < 3 || x.rank > 4) throw new ShapeError(`pooling takes [N, C, L] or [N, C, H, W], got ${x}`);
  const kernel = perAxis(options.kernel, x.rank - 2, "kernel");
  const { stride = kernel, padding = 0 } = options;
  const attrs = resolveConv({ stride, padding }, x.shape.slice(2), kernel);
  if (attrs.padding.some(([before, after], axis) => Math.max(before, after) >= kernel[axis]!))
    throw new ShapeError(
      `the padding of a pooling must be smaller than its window, got ${JSON.stringify(attrs.padding)}`,
    );
  return { ...attrs, kernel };
}

/** The largest value of each window; padding never wins. The first of equal values gets the gradient. */
export function maxPool(x: Tensor, options: PoolOptions): Tensor {
  return apply(maxPoolPrimitive as never, [x], resolvePool(x, options))[0]!;
}

/** The mean of each window, padding counted as zeros: a product with one constant matrix per spatial axis. */
export function avgPool(x: Tensor, options: PoolOptions): Tensor {
  const attrs = resolvePool(x, options);
  const out = convSizes(x.shape.slice(2), attrs.kernel, attrs);
  return alongSpatial(x, (size, axis) => windowMeans(size, out[axis]!, axis, attrs));
}

/** The matrix [out, size] whose row o averages window o of one axis. */
function windowMeans(size: number, out: number, axis: number, attrs: PoolAttrs): HostArray<"float32"> {
  const data = allocate("float32", out * size);
  const kernel = attrs.kernel[axis]!;
  for (let o = 0; o < out; o++)
    for (let t = 0; t < kernel; t++) {
      const i = o * attrs.stride[axis]! + t - attrs.padding[axis]![0];
      if (i >= 0 && i < size) data[o * size + i] = 1 / kernel;
    }
  return new HostArray("float32", [out, size], data);
}

/** Visits, for each output of a max pooling, the input positions of its window (images; lines have height 1). */
function evaluateMax(x: NdArray, shape: Shape, attrs: PoolAttrs): NdArray[] {
  const lift = <T>(list: readonly T[], fill: T) => (list.length === 1 ? [fill, list[0]!] : list) as [T, T];
  const [height, width] = lift(x.shape.slice(2), 1);
  const [rows, columns] = lift(shape.slice(2), 1);
  const kernel = lift(attrs.kernel, 1);
  const stride = lift(attrs.stride, 1);
  const before = lift(attrs.padding, [0, 0] as const).map(([first]) => first) as [number, number];
  const [values, indices] = [nd(shape, x.dtype), nd(shape, "int64")];
  for (let o = 0; o < sizeOf(shape); o++) {
    const [plane, oi, oj] = [Math.floor(o / (rows * columns)), Math.floor(o / columns) % rows, o % columns];
    let [best, at] = [Number.NEGATIVE_INFINITY, -1];
    for (let t = 0; t < kernel[0] * kernel[1]; t++) {
      const i = oi * stride[0] + Math.floor(t / kernel[1]) - before[0];
      const j = oj * stride[1] + (t % kernel[1]) - before[1];
      if (i < 0 || i >= height || j < 0 || j >= width) continue;
      const position = (plane * height + i) * width + j;
      if (at < 0 || x.data[position]! > best) [best, at] = [x.data[position]!, position];
    }
    values.data[o] = best;
    indices.data[o] = at;
  }
  return [values, indices];
}

const poolShape = (x: Shape, attrs: PoolAttrs) => [x[0]!, x[1]!, ...convSizes(x.slice(2), attrs.kernel, attrs)];

/** Values and the flat position of each in x: the gradient is one scatter, its own gradient one gather. */
const maxPoolPrimitive = register<PoolAttrs>({
  name: "maxPool",
  infer: ([x], attrs) => {
    const shape = poolShape(x!.shape, attrs);
    if (attrs.kernel.some((kernel) => span(kernel, 1) < 1))
      throw new ShapeError("a pooling window has at least one position");
    return [
      { shape, dtype: x!.dtype },
      { shape, dtype: "int64" },
    ];
  },
  vjp: ({ inputs, outputs, cotangents }: VjpArgs<PoolAttrs>): Gradients => {
    const [x, g] = [inputs[0]!, cotangents[0]];
    if (!g) return [undefined];
    const flat = zerosLike(x).reshape([x.size]);
    return [flat.scatterAdd(outputs[1]!.reshape([-1]), g.reshape([-1])).reshape(x.shape)];
  },
  emit: ({ context, names, attrs }) => {
    const { kernel, stride, padding } = attrs;
    const pads = [...padding.map(([before]) => before), ...padding.map(([, after]) => after)];
    return context.nodes("MaxPool", names, 2, { kernel_shape: kernel, strides: stride, pads });
  },
  evaluate: ([x], attrs) => evaluateMax(x!, poolShape(x!.shape, attrs), attrs),
});
