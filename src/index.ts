/**
 * Sampo: generative models. Everything here runs in Node and in browsers; what needs files or native code is in
 * `sampo/node`. Arrays, graphs, gradients and runtimes are exported one by one, the rest by subject.
 */

// By subject.
export * as artifacts from "./artifacts/index.ts";
// Arrays, trees of arrays, and errors.
export { decodeNpy, encodeNpy } from "./base/codec/npy.ts";
export { decodeSafetensors, encodeSafetensors, type Safetensors } from "./base/codec/safetensors.ts";
export { DataError, SampoError, ShapeError, UsageError } from "./base/errors.ts";
export {
  castHost,
  type DataOf,
  type DType,
  float32,
  full,
  HostArray,
  int64,
  scalar,
  toNested,
  toNumbers,
  zeros,
} from "./base/host.ts";
export { type Shape, sizeOf } from "./base/shape.ts";
export { leaves, mapTree, type NamedLeaf, namedLeaves, type Tree, withLeaves } from "./base/tree.ts";
export * as bayes from "./bayes/index.ts";
export * as programs from "./bayes/program/index.ts";
export * as coding from "./coding/index.ts";
export * as data from "./data/index.ts";
export * as distributions from "./distributions/index.ts";
export * as evaluation from "./evaluation/index.ts";
// Graphs: symbolic tensors, operations that are no method, and derivatives.
export * from "./graph/index.ts";
export * as models from "./models/index.ts";
export * as nn from "./nn/index.ts";
export * as optimize from "./numeric/optimize/index.ts";
export * as onnx from "./onnx/index.ts";
export * as optim from "./optim/index.ts";
export * as probability from "./probability/index.ts";
export * as random from "./random/index.ts";
// Running graphs.
export * from "./runtime/index.ts";
export * as samplers from "./samplers/index.ts";
export * as training from "./training/index.ts";
