import "./ops/constant.ts";
import "./ops/arithmetic.ts";
import "./ops/matmul.ts";

export { type Graph, graphNodes, input, Spec, type Traced, trace } from "./graph.ts";
export { interpret } from "./interpret.ts";
export { einsum } from "./ops/einsum.ts";
export { type MatmulOptions, matmul } from "./ops/matmul.ts";
export { type Aval, allPrimitives } from "./primitive.ts";
export { constant, lift, Tensor, type TensorLike } from "./tensor.ts";
export { grad, gradients, hvp, jvp, onesLike, valueAndGrad, vjp, zerosLike } from "./vjp.ts";
