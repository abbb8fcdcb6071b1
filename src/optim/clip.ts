import { leaves, mapTree } from "../base/tree.ts";
import { constant, type Tensor } from "../graph/index.ts";
import type { Optimizer } from "./optimizer.ts";

/** A function of the gradient tree that runs before the optimiser. */
export interface GradientTransform {
  readonly name: string;
  apply<P>(grads: P): P;
}

/** The Euclidean norm of all leaves of a tree of tensors taken as one vector: √Σ g². */
export function globalNorm(tree: unknown): Tensor {
  const squares = leaves<Tensor>(tree).map((leaf) => leaf.squaredNorm());
  return squares.length === 0 ? constant(0) : squares.reduce((sum, square) => sum.add(square)).sqrt();
}

/**
 * Scales all gradients by min(1, max/‖g‖), ‖g‖ the norm of the whole tree, so that directions stay the same.
 * Pascanu, Mikolov, Bengio 2013, "On the difficulty of training recurrent neural networks", arXiv 1211.5063.
 */
export function clipByGlobalNorm(max: number): GradientTransform {
  return {
    name: `clipByGlobalNorm(${max})`,
    apply: <P>(grads: P): P => {
      const scale = constant(max).div(globalNorm(grads).maximum(max));
      return mapTree<Tensor, Tensor, P>(grads, (leaf) => leaf.mul(scale)) as P;
    },
  };
}

/** Limits every element of every gradient to [−max, max]. */
export function clipByValue(max: number): GradientTransform {
  return {
    name: `clipByValue(${max})`,
    apply: <P>(grads: P): P => mapTree<Tensor, Tensor, P>(grads, (leaf) => leaf.clip(-max, max)) as P,
  };
}

/** The optimiser that first applies gradient transforms, in order: `chain(clipByGlobalNorm(1), adam())`. */
export function chain(...parts: [...GradientTransform[], Optimizer]): Optimizer {
  const optimizer = parts[parts.length - 1] as Optimizer;
  const transforms = parts.slice(0, -1) as GradientTransform[];
  return {
    name: parts.map(({ name }) => name).join(" > "),
    init: optimizer.init,
    scalars: optimizer.scalars,
    update: (grads, state, params, inputs) => {
      const transformed = transforms.reduce((current, transform) => transform.apply(current), grads);
      return optimizer.update(transformed, state, params, inputs);
    },
  };
}
