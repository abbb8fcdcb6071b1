import { scalar } from "../base/host.ts";
import type { Tensor } from "../graph/index.ts";
import { fromRule, type LeafUpdate, type Mask, type Optimizer, type UpdateInputs } from "./optimizer.ts";

/** Options of {@link adam}. */
export interface AdamOptions {
  readonly beta1?: number;
  readonly beta2?: number;
  readonly epsilon?: number;
}

/** Options of {@link adamW}. */
export interface AdamWOptions extends AdamOptions {
  readonly weightDecay?: number;
  /** Which parameters decay; all when left out. */
  readonly mask?: Mask;
}

/** The mask that decays matrices and filters but not biases, gains and other vectors. */
export const matricesOnly: Mask = (_path, shape) => shape.length > 1;

/**
 * Both bias corrections as the two numbers the graph needs. With M = m/(1−β1), V = v/(1−β2), c1 = (1−β1)/(1−β1ᵗ) and
 * c2 = (1−β2)/(1−β2ᵗ): m̂/(√v̂ + ε) = (c1/√c2) · M/(√V + ε/√c2).
 */
function corrections(beta1: number, beta2: number, epsilon: number, step: number) {
  const t = step + 1;
  const first = (1 - beta1) / (1 - beta1 ** t);
  const root = Math.sqrt((1 - beta2) / (1 - beta2 ** t));
  return { rate: scalar(first / root), epsilon: scalar(epsilon / root) };
}

interface AdamShared {
  readonly learningRate: Tensor;
  readonly rate: Tensor;
  readonly epsilon: Tensor;
}

function shared({ learningRate, scalars }: UpdateInputs): AdamShared {
  return { learningRate, rate: learningRate.mul(scalars.rate!), epsilon: scalars.epsilon! };
}

/** The parameter's step η m̂/(√v̂ + ε) and the new moments, in nine operations. */
function adamStep({ gradient, slots }: LeafUpdate, beta1: number, beta2: number, { rate, epsilon }: AdamShared) {
  const mean = slots.mean!.mul(beta1).add(gradient);
  const square = slots.square!.mul(beta2).add(gradient.square());
  const step = mean.div(square.sqrt().add(epsilon)).mul(rate);
  return { step, slots: { mean, square } };
}

/**
 * Adam: m ← β1 m + (1−β1) g, v ← β2 v + (1−β2) g², θ ← θ − η m̂/(√v̂ + ε), m̂ = m/(1−β1ᵗ), v̂ = v/(1−β2ᵗ). The state
 * holds m/(1−β1) and v/(1−β2), which saves two products for each parameter. Kingma, Ba 2015, arXiv 1412.6980.
 */
export function adam({ beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8 }: AdamOptions = {}): Optimizer {
  return fromRule({
    name: "adam",
    slots: ["mean", "square"],
    scalars: (step) => corrections(beta1, beta2, epsilon, step),
    shared,
    update: (leaf, all) => {
      const { step, slots } = adamStep(leaf, beta1, beta2, all);
      return { param: leaf.param.sub(step), slots };
    },
  });
}

/**
 * Adam with decoupled weight decay λ: θ ← (1 − η λ) θ − η m̂/(√v̂ + ε) where the mask says so, else as {@link adam}.
 * Loshchilov, Hutter 2019, arXiv 1711.05101 (with their schedule multiplier folded into η).
 */
export function adamW({ weightDecay = 0.01, mask = () => true, ...options }: AdamWOptions = {}): Optimizer {
  const { beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8 } = options;
  return fromRule({
    name: "adamW",
    slots: ["mean", "square"],
    scalars: (step) => corrections(beta1, beta2, epsilon, step),
    shared: (inputs) => ({ ...shared(inputs), keep: inputs.learningRate.mul(-weightDecay).add(1) }),
    update: (leaf, { keep, ...all }) => {
      const { step, slots } = adamStep(leaf, beta1, beta2, all);
      const kept = mask(leaf.path, leaf.param.shape) ? leaf.param.mul(keep) : leaf.param;
      return { param: kept.sub(step), slots };
    },
  });
}

/**
 * Adamax, Adam in the maximum norm: m ← β1 m + (1−β1) g, u ← max(β2 u, |g|), θ ← θ − η/(1−β1ᵗ) · m/(u + ε). The state
 * holds m/(1−β1). Kingma, Ba 2015, arXiv 1412.6980, section 7.1; ε keeps a parameter that never had a gradient in place.
 */
export function adamax({ beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8 }: AdamOptions = {}): Optimizer {
  return fromRule({
    name: "adamax",
    slots: ["mean", "norm"],
    scalars: (step) => ({ rate: scalar((1 - beta1) / (1 - beta1 ** (step + 1))) }),
    shared: ({ learningRate, scalars }) => learningRate.mul(scalars.rate!),
    update: ({ gradient, param, slots }, rate) => {
      const mean = slots.mean!.mul(beta1).add(gradient);
      const norm = slots.norm!.mul(beta2).maximum(gradient.abs());
      return { param: param.sub(mean.div(norm.add(epsilon)).mul(rate)), slots: { mean, norm } };
    },
  });
}
