import { fromRule, type Mask, type Optimizer } from "./optimizer.ts";

/** Options of {@link lion}. */
export interface LionOptions {
  readonly beta1?: number;
  readonly beta2?: number;
  readonly weightDecay?: number;
  /** Which parameters decay; all when left out. */
  readonly mask?: Mask;
}

/**
 * Lion: θ ← (1 − η λ) θ − η sign(β1 m + (1−β1) g), m ← β2 m + (1−β2) g. Every element moves by η, so use a learning
 * rate 3 to 10 times below Adam's. The state holds m/(1−β2). Chen et al. 2023, arXiv 2302.06675, algorithm 2.
 */
export function lion(options: LionOptions = {}): Optimizer {
  const { beta1 = 0.9, beta2 = 0.99, weightDecay = 0, mask = () => true } = options;
  const ratio = (beta1 * (1 - beta2)) / (1 - beta1);
  return fromRule({
    name: "lion",
    slots: ["mean"],
    shared: ({ learningRate }) => ({ learningRate, keep: learningRate.mul(-weightDecay).add(1) }),
    update: ({ path, gradient, param, slots }, { learningRate, keep }) => {
      const mean = slots.mean!;
      const direction = mean.mul(ratio).add(gradient).sign();
      const kept = weightDecay !== 0 && mask(path, param.shape) ? param.mul(keep) : param;
      return { param: kept.sub(direction.mul(learningRate)), slots: { mean: mean.mul(beta2).add(gradient) } };
    },
  });
}
