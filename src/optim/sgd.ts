import { fromRule, type Optimizer } from "./optimizer.ts";

/** Options of {@link sgd}. */
export interface SgdOptions {
  readonly momentum?: number;
  readonly nesterov?: boolean;
}

/**
 * Stochastic gradient descent: θ ← θ − η g; with momentum μ: b ← μ b + g, θ ← θ − η b; Nesterov's form steps along
 * g + μ b. Sutskever, Martens, Dahl, Hinton 2013, "On the importance of initialization and momentum in deep learning".
 */
export function sgd({ momentum = 0, nesterov = false }: SgdOptions = {}): Optimizer {
  return fromRule({
    name: "sgd",
    slots: momentum === 0 ? [] : ["velocity"],
    shared: ({ learningRate }) => learningRate,
    update: ({ gradient, param, slots }, learningRate) => {
      if (momentum === 0) return { param: param.sub(gradient.mul(learningRate)), slots };
      const velocity = slots.velocity!.mul(momentum).add(gradient);
      const direction = nesterov ? gradient.add(velocity.mul(momentum)) : velocity;
      return { param: param.sub(direction.mul(learningRate)), slots: { velocity } };
    },
  });
}
