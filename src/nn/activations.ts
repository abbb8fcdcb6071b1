import { UsageError } from "../base/errors.ts";
import { unknownName } from "../base/suggest.ts";
import { gelu, geluTanh, silu, type Tensor } from "../graph/index.ts";

export { gelu, geluTanh, silu };

/** x where positive, α (eˣ − 1) elsewhere. Clevert et al. 2016, arXiv 1511.07289. */
export const elu = (x: Tensor, alpha = 1): Tensor =>
  alpha === 1 ? x.elu() : x.maximum(0).add(x.minimum(0).expm1().mul(alpha));

/** x where positive, slope·x elsewhere. Maas et al. 2013. */
export const leakyRelu = (x: Tensor, slope = 0.01): Tensor => x.maximum(x.mul(slope));

/** max(0, x). */
export const relu = (x: Tensor): Tensor => x.relu();

/** log(1 + eˣ). */
export const softplus = (x: Tensor): Tensor => x.softplus();

/** Hyperbolic tangent. */
export const tanh = (x: Tensor): Tensor => x.tanh();

/** 1/(1 + e⁻ˣ). */
export const sigmoid = (x: Tensor): Tensor => x.sigmoid();

/** All activations by name. */
export const activations = {
  identity: (x: Tensor) => x,
  relu,
  leakyRelu: (x: Tensor) => leakyRelu(x),
  elu: (x: Tensor) => elu(x),
  gelu,
  geluTanh,
  silu,
  softplus,
  tanh,
  sigmoid,
} as const satisfies Record<string, (x: Tensor) => Tensor>;

/** The name of an activation. */
export type Activation = keyof typeof activations;

/** The activation of that name, or a function as it is. */
export function activation(which: Activation | ((x: Tensor) => Tensor)): (x: Tensor) => Tensor {
  if (typeof which === "function") return which;
  const found = (activations as Partial<Record<string, (x: Tensor) => Tensor>>)[which];
  if (!found) throw new UsageError(unknownName("activation", which, Object.keys(activations)));
  return found;
}
