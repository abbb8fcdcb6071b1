import { UsageError } from "../base/errors.ts";
import { full } from "../base/host.ts";
import { leaves, type MapLeaves, withLeaves } from "../base/tree.ts";
import { ancestors } from "./graph.ts";
import type { GraphNode } from "./node.ts";
import { constant, type Tensor } from "./tensor.ts";

const isFloat = (tensor: Tensor) => tensor.dtype === "float32" || tensor.dtype === "float64";

/** Zeros of a tensor's shape and dtype, as a broadcast scalar. */
export function zerosLike(tensor: Tensor): Tensor {
  return constant(full(tensor.dtype, [], 0)).broadcastTo(tensor.shape);
}

/** Ones of a tensor's shape and dtype. */
export function onesLike(tensor: Tensor): Tensor {
  return constant(full(tensor.dtype, [], 1)).broadcastTo(tensor.shape);
}

/** The tensors among the nodes' outputs whose value depends on one of `wrt`. */
function dependents(nodes: readonly GraphNode[], wrt: readonly Tensor[]): Set<Tensor> {
  const active = new Set<Tensor>(wrt);
  for (const node of nodes) {
    if (!node.op.vjp || !node.inputs.some((operand) => active.has(operand))) continue;
    for (const output of node.outputs) if (isFloat(output)) active.add(output);
  }
  return active;
}

/**
 * Vector-Jacobian product: the gradient of Σ cotangent·output with respect to each tensor in `wrt`, as new tensors of
 * the same graph. The result can be differentiated again. Reverse accumulation in topological order.
 */
export function vjp(
  outputs: readonly Tensor[],
  cotangents: readonly (Tensor | undefined)[],
  wrt: readonly Tensor[],
): Tensor[] {
  const nodes = ancestors(outputs);
  const active = dependents(nodes, wrt);
  const sums = new Map<Tensor, Tensor>();
  const accumulate = (tensor: Tensor, gradient: Tensor) => {
    const sum = sums.get(tensor);
    sums.set(tensor, sum ? sum.add(gradient) : gradient);
  };
  outputs.forEach((output, i) => {
    const cotangent = cotangents[i];
    if (cotangent && active.has(output)) accumulate(output, cotangent);
  });
  for (const node of nodes.reverse()) propagate(node, active, sums, accumulate);
  return wrt.map((tensor) => sums.get(tensor) ?? zerosLike(tensor));
}

function propagate(
  node: GraphNode,
  active: ReadonlySet<Tensor>,
  sums: ReadonlyMap<Tensor, Tensor>,
  accumulate: (tensor: Tensor, gradient: Tensor) => void,
): void {
  const cotangents = node.outputs.map((output) => sums.get(output));
  const needs = node.inputs.map((operand) => isFloat(operand) && active.has(operand));
  if (!node.op.vjp || !needs.includes(true) || !cotangents.some(Boolean)) return;
  const { inputs, outputs, attrs } = node;
  const gradients = node.op.vjp({ inputs, outputs, cotangents, attrs, needs });
  inputs.forEach((operand, i) => {
    const gradient = gradients[i];
    if (needs[i] && gradient) accumulate(operand, gradient);
  });
}

function assertScalar(value: Tensor, what: string): void {
  if (value.size !== 1)
    throw new UsageError(`${what} needs a scalar result, got ${value}; reduce it with sum() or mean() first`);
}

/** Gradients of a scalar tensor with respect to others of the same graph: what a loss inside a larger function uses. */
export function gradients(loss: Tensor, wrt: readonly Tensor[]): Tensor[] {
  assertScalar(loss, "gradients");
  return vjp([loss], [onesLike(loss)], wrt);
}

/** From f(x, …) → scalar, the graph function that returns the value and the gradient for every leaf of x. */
export function valueAndGrad<T, Rest extends readonly unknown[]>(
  fn: (x: T, ...rest: Rest) => Tensor,
): (x: T, ...rest: Rest) => { value: Tensor; grad: T } {
  return (x, ...rest) => {
    const value = fn(x, ...rest);
    assertScalar(value, "valueAndGrad");
    const list = gradients(value, leaves<Tensor>(x));
    return { value, grad: withLeaves<Tensor, T>(x, list) as MapLeaves<T, unknown, Tensor> as T };
  };
}

/** From f(x, …) → scalar, the graph function of its gradient with respect to x (a tensor or a tree of tensors). */
export function grad<T, Rest extends readonly unknown[]>(
  fn: (x: T, ...rest: Rest) => Tensor,
): (x: T, ...rest: Rest) => T {
  const both = valueAndGrad(fn);
  return (x, ...rest) => both(x, ...rest).grad;
}

/**
 * Jacobian-vector product J·v by two vector-Jacobian products (u ↦ Jᵀu is linear in u; differentiate it along v).
 */
export function jvp(fn: (x: Tensor) => Tensor): (x: Tensor, tangent: Tensor) => Tensor {
  return (x, tangent) => {
    const y = fn(x);
    const dummy = onesLike(y);
    const [transposed] = vjp([y], [dummy], [x]);
    return vjp([transposed!], [tangent], [dummy])[0]!;
  };
}

/** Hessian-vector product ∇²f(x)·v of a scalar function, as the gradient of ⟨∇f(x), v⟩. */
export function hvp(fn: (x: Tensor) => Tensor): (x: Tensor, vector: Tensor) => Tensor {
  return (x, vector) => gradients(grad(fn)(x).mul(vector).sum(), [x])[0]!;
}
