import "./ops/constant.ts";
import "./ops/arithmetic.ts";
import "./ops/matmul.ts";
import "./ops/conv.ts";

export { type Graph, graphNodes, input, Spec, type Traced, trace } from "./graph.ts";
export { interpret } from "./interpret.ts";
export { conv, convTranspose } from "./ops/conv.ts";
export type { ConvOptions, Padding } from "./ops/conv-shape.ts";
export { einsum } from "./ops/einsum.ts";
export { type MatmulOptions, matmul } from "./ops/matmul.ts";
export { type Aval, allPrimitives } from "./primitive.ts";
export { constant, lift, Tensor, type TensorLike } from "./tensor.ts";
export { grad, gradients, hvp, jvp, onesLike, valueAndGrad, vjp, zerosLike } from "./vjp.ts";
