import { UsageError } from "../base/errors.ts";
import { unknownName } from "../base/suggest.ts";
import { silu, type Tensor } from "../graph/index.ts";

export { silu };

/** x·Φ(x) with the exact normal distribution function: x (1 + erf(x/√2))/2. Hendrycks, Gimpel 2016, arXiv 1606.08415. */
export const gelu = (x: Tensor): Tensor => x.mul(x.mul(Math.SQRT1_2).erf().add(1)).mul(0.5);

/** The tanh approximation of {@link gelu}: x (1 + tanh(√(2/π) (x + 0.044715 x³)))/2; at most 5·10⁻⁴ off. */
export const geluTanh = (x: Tensor): Tensor => {
  const inner = x
    .square()
    .mul(0.044715)
    .add(1)
    .mul(x)
    .mul(Math.sqrt(2 / Math.PI));
  return x.mul(inner.tanh().add(1)).mul(0.5);
};

/** x where positive, α (eˣ − 1) elsewhere. Clevert et al. 2016, arXiv 1511.07289. */
export const elu = (x: Tensor, alpha = 1): Tensor => x.maximum(0).add(x.minimum(0).expm1().mul(alpha));

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
