import { apply, type Tensor } from "../tensor.ts";
import { madeBy } from "./match.ts";
import type { TensorRule } from "./simplify.ts";

/** The matrix whose last two axes were swapped to give this one. */
function swapped(tensor: Tensor): Tensor | undefined {
  const node = tensor.rank >= 2 ? madeBy(tensor, "transpose") : undefined;
  if (!node) return undefined;
  const order = node.attrs.order as number[];
  const [last, rank] = [tensor.rank - 1, tensor.rank];
  const leading = order.slice(0, rank - 2).every((axis, i) => axis === i);
  return leading && order[last] === last - 1 ? node.inputs[0] : undefined;
}

/** A product reads a transposed operand as it lies in memory. */
const transposedOperands: TensorRule = (node) => {
  if (node.op.name !== "matmul") return undefined;
  const [a, b] = node.inputs as [Tensor, Tensor];
  const [sourceA, sourceB] = [swapped(a), swapped(b)];
  if (!sourceA && !sourceB) return undefined;
  const transposeA = Boolean(node.attrs.transposeA) !== Boolean(sourceA);
  const transposeB = Boolean(node.attrs.transposeB) !== Boolean(sourceB);
  return apply(node.op, [sourceA ?? a, sourceB ?? b], { transposeA, transposeB })[0];
};

/** Rules about matrix products. */
export const productRules = [transposedOperands];
