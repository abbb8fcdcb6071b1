import { fromRule, type Optimizer } from "./optimizer.ts";

/** Options of {@link rmsProp}. */
export interface RmsPropOptions {
  /** ρ, the decay of the mean square. */
  readonly decay?: number;
  readonly epsilon?: number;
  readonly momentum?: number;
}

/**
 * RMSprop: v ← ρ v + (1−ρ) g², θ ← θ − η g/(√v + ε); with momentum μ: b ← μ b + g/(√v + ε), θ ← θ − η b. The state
 * holds V = v/(1−ρ), so √v + ε = √(1−ρ) (√V + ε/√(1−ρ)). Tieleman, Hinton 2012, "Neural networks for machine
 * learning", lecture 6e.
 */
export function rmsProp({ decay = 0.99, epsilon = 1e-8, momentum = 0 }: RmsPropOptions = {}): Optimizer {
  const root = Math.sqrt(1 - decay);
  return fromRule({
    name: "rmsProp",
    slots: momentum === 0 ? ["square"] : ["square", "velocity"],
    shared: ({ learningRate }) => learningRate.mul(1 / root),
    update: ({ gradient, param, slots }, rate) => {
      const square = slots.square!.mul(decay).add(gradient.square());
      const scaled = gradient.div(square.sqrt().add(epsilon / root));
      if (momentum === 0) return { param: param.sub(scaled.mul(rate)), slots: { square } };
      const velocity = slots.velocity!.mul(momentum).add(scaled);
      return { param: param.sub(velocity.mul(rate)), slots: { square, velocity } };
    },
  });
}
