import { fold, type Key, uniform } from "../../random/index.ts";
import { type AdviOptions, type Approximation, advi } from "../../samplers/variational/index.ts";
import { type Posterior, valuesOf } from "./posterior.ts";
import type { Program } from "./program.ts";
import { type Where, withTarget } from "./sampling.ts";

/** A posterior approximated by a normal law on the unconstrained scale, and drawn from it. */
export interface VariationalPosterior extends Posterior {
  readonly approximation: Approximation;
}

/** Fits a normal law to a program's posterior by variational inference and draws from it. */
export function fitAdvi(model: Program, options: AdviOptions & Where): Promise<VariationalPosterior> {
  return withTarget(model, options, async (target) => {
    const approximation = await advi(target, options);
    const positions = [approximation.positions];
    const draws = approximation.positions.length / model.dimension;
    const values = valuesOf(model, positions);
    const method = `advi ${approximation.law.kind}`;
    return { program: model, method, chains: 1, draws, positions, values, notes: approximation.notes, approximation };
  });
}

/**
 * The approximation's draws drawn again with their importance weights (with replacement, systematically): nearer to the
 * posterior where Pareto k is below 0.7.
 */
export function resampled(posterior: VariationalPosterior, { key }: { readonly key: Key }): Posterior {
  const { program, draws, approximation } = posterior;
  const d = program.dimension;
  const [u] = uniform(fold(key, 0), [1]).data;
  const positions = new Float64Array(draws * d);
  let sum = 0;
  let source = -1;
  for (let i = 0; i < draws; i++) {
    while (sum <= (i + u!) / draws && source < draws - 1) sum += Math.exp(approximation.weights.logWeights[++source]!);
    positions.set(approximation.positions.subarray(source * d, (source + 1) * d), i * d);
  }
  const method = `${posterior.method}, reweighted`;
  return { ...posterior, method, positions: [positions], values: valuesOf(program, [positions]) };
}
