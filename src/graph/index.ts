import "./ops/constant.ts";
import "./ops/arithmetic.ts";
import "./ops/math.ts";
import "./ops/compare.ts";
import "./ops/reduce.ts";
import "./ops/cumsum.ts";
import "./ops/shape.ts";
import "./ops/slice.ts";
import "./ops/indexing.ts";
import "./ops/update-slice.ts";
import "./ops/scatter.ts";
import "./ops/along.ts";
import "./ops/matmul.ts";
import "./ops/conv.ts";
import "./ops/pool.ts";
import "./ops/norm.ts";
import "./ops/scan.ts";
import "./ops/gated.ts";
import "./ops/loop.ts";

export { type Graph, graphNodes, input, Spec, type Traced, trace } from "./graph.ts";
export { interpret } from "./interpret.ts";
export { type AttentionOptions, attention } from "./ops/attention.ts";
export { where } from "./ops/compare.ts";
export { conv, convTranspose } from "./ops/conv.ts";
export type { ConvOptions, Padding } from "./ops/conv-shape.ts";
export { einsum } from "./ops/einsum.ts";
export { gelu, geluTanh, silu } from "./ops/gated.ts";
export { arange } from "./ops/indexing.ts";
export { type LoopBody, type LoopOptions, loop } from "./ops/loop.ts";
export { type MatmulOptions, matmul } from "./ops/matmul.ts";
export {
  type BatchStatistics,
  batchNorm,
  batchStatistics,
  groupNorm,
  layerNorm,
  type NormOptions,
  rmsNorm,
} from "./ops/norm.ts";
export { avgPool, maxPool, type PoolOptions } from "./ops/pool.ts";
export { pixelShuffle, pixelUnshuffle, type ResizeMode, resize, upsample } from "./ops/resize.ts";
export { type ScanBody, type ScanOptions, scan } from "./ops/scan.ts";
export { concat, stack } from "./ops/shape.ts";
export { type Aval, allPrimitives } from "./primitive.ts";
export { constant, lift, Tensor, type TensorLike } from "./tensor.ts";
export { grad, gradients, hvp, jvp, onesLike, valueAndGrad, vjp, zerosLike } from "./vjp.ts";
