import { ShapeError } from "../../base/errors.ts";
import { allocate, HostArray } from "../../base/host.ts";
import { constant, type Tensor } from "../tensor.ts";
import { matmul } from "./matmul.ts";

/** How new positions get their values: the nearest old one, or linear interpolation between the two around it. */
export type ResizeMode = "nearest" | "bilinear";

/** Applies to each spatial axis of [N, C, L] or [N, C, H, W] the constant matrix [new size, old size]. */
export function alongSpatial(x: Tensor, matrixOf: (size: number, axis: number) => HostArray<"float32">): Tensor {
  const [height, width] = x.rank === 4 ? [x.shape[2]!, x.shape[3]!] : [undefined, x.shape[2]!];
  const wide = matmul(x, constant(matrixOf(width, height === undefined ? 0 : 1)), { transposeB: true });
  return height === undefined ? wide : matmul(constant(matrixOf(height, 0)), wide);
}

/**
 * Resizes the spatial axes of [N, C, L] or [N, C, H, W]. Nearest takes ⌊o·old/new⌋; bilinear samples at
 * (o + ½)·old/new − ½, clamped to the image (pixel centres, no antialiasing).
 */
export function resize(x: Tensor, size: readonly number[], mode: ResizeMode = "nearest"): Tensor {
  if (x.rank < 3 || x.rank > 4 || size.length !== x.rank - 2)
    throw new ShapeError(
      `resize(${x}): takes [N, C, L] or [N, C, H, W] and one new size per spatial axis, got [${size}]`,
    );
  if (size.some((length) => !Number.isInteger(length) || length < 1))
    throw new ShapeError(`resize(${x}): new sizes are positive integers, got [${size}]`);
  return alongSpatial(x, (old, axis) => interpolation(old, size[axis]!, mode));
}

/** Resizes by a whole factor. */
export function upsample(x: Tensor, factor: number, mode: ResizeMode = "nearest"): Tensor {
  return resize(
    x,
    x.shape.slice(2).map((length) => length * factor),
    mode,
  );
}

/** The matrix [size, old] of a resampling of one axis; each row sums to 1. */
function interpolation(old: number, size: number, mode: ResizeMode): HostArray<"float32"> {
  const data = allocate("float32", size * old);
  for (let o = 0; o < size; o++) {
    if (mode === "nearest") {
      data[o * old + Math.min(old - 1, Math.floor((o * old) / size))] = 1;
      continue;
    }
    const at = Math.min(old - 1, Math.max(0, ((o + 0.5) * old) / size - 0.5));
    const low = Math.floor(at);
    data[o * old + low]! += 1 - (at - low);
    if (low + 1 < old) data[o * old + low + 1]! += at - low;
  }
  return new HostArray("float32", [size, old], data);
}

/** Channels to space: [N, C·r², H, W] → [N, C, H·r, W·r] (Shi et al. 2016, arXiv:1609.05158). */
export function pixelShuffle(x: Tensor, factor: number): Tensor {
  const [n, channels, height, width] = x.shape as [number, number, number, number];
  if (x.rank !== 4 || channels % (factor * factor) !== 0)
    throw new ShapeError(`pixelShuffle(${x}, ${factor}): takes [N, C·${factor * factor}, H, W]`);
  const c = channels / (factor * factor);
  const parts = x.reshape([n, c, factor, factor, height, width]);
  return parts.transpose([0, 1, 4, 2, 5, 3]).reshape([n, c, height * factor, width * factor]);
}

/** Space to channels, the inverse of `pixelShuffle`: [N, C, H·r, W·r] → [N, C·r², H, W]. */
export function pixelUnshuffle(x: Tensor, factor: number): Tensor {
  const [n, c, height, width] = x.shape as [number, number, number, number];
  if (x.rank !== 4 || height % factor !== 0 || width % factor !== 0)
    throw new ShapeError(`pixelUnshuffle(${x}, ${factor}): takes [N, C, H, W] with H and W divisible by ${factor}`);
  const parts = x.reshape([n, c, height / factor, factor, width / factor, factor]);
  return parts.transpose([0, 1, 3, 5, 2, 4]).reshape([n, c * factor * factor, height / factor, width / factor]);
}
