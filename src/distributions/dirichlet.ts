import { lift, type Tensor, type TensorLike } from "../graph/index.ts";
import { type Moments, shapesOf } from "./distribution.ts";
import { digamma, logGamma } from "./log-gamma.ts";
import { onSupport } from "./support.ts";

/** A probability vector. */
export interface Dirichlet extends Moments {
  readonly family: "dirichlet";
  readonly concentration: Tensor;
  entropy(): Tensor;
}

/**
 * Dirichlet on positive vectors of sum 1, the last axis of the concentration α [..., K]:
 * log p(x) = log Γ(Σα) − Σ log Γ(α_k) + Σ (α_k − 1) log x_k. The density is that of the first K − 1 coordinates; that x
 * sums to one is not checked.
 */
export function dirichlet({ concentration }: { readonly concentration: TensorLike }): Dirichlet {
  const a = lift(concentration);
  const { batch, event } = shapesOf([a], 1);
  const total = a.sum(-1, true);
  const logNormalizer = () => logGamma(a).sum(-1).sub(logGamma(total).squeeze(-1));
  const share = a.div(total);
  return {
    family: "dirichlet",
    concentration: a,
    batch,
    event,
    support: { kind: "simplex" },
    logProb: (x) => {
      const pulls = onSupport(x, x.greater(0), 1, (inside) => a.sub(1).mul(inside.log()));
      return pulls.sum(-1).sub(logNormalizer());
    },
    mean: () => share,
    variance: () => share.mul(share.neg().add(1)).div(total.add(1)),
    entropy: () => {
      const pulls = a.sub(1).mul(digamma(a)).sum(-1);
      const whole = total.sub(event[0]!).mul(digamma(total)).squeeze(-1);
      return logNormalizer().add(whole).sub(pulls);
    },
  };
}
