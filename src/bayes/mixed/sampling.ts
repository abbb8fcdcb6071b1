import { SampoError } from "../../base/errors.ts";
import { logSumExp } from "../../base/log-sum-exp.ts";
import { cholesky, square } from "../../numeric/linear/index.ts";
import { type Evidence, inverseCdf, uniforms64 } from "../../probability/tables/index.ts";
import { fold, type Key, normalQuantile } from "../../random/index.ts";
import { posteriorSampler } from "../sampling/forward.ts";
import { planOf, rowOf } from "../sampling/plan.ts";
import type { MixedAnswer, MixedInference, Part } from "./inference.ts";
import { type CheckedMixed, checkMixed, countLawOf, type MixedNetwork, type Moments, regimeOf } from "./mixed.ts";

/** Values observed, by the place of a real node or of a count. */
export interface Seen {
  readonly real: ReadonlyMap<number, number>;
  readonly counts: ReadonlyMap<number, number>;
}

/** Rows of a mixed network: states, values and counts by node, with the log weight of what is observed. */
export function drawMixed(
  checked: CheckedMixed,
  states: Evidence,
  values: Seen,
  { samples, key }: { readonly samples: number; readonly key: Key },
) {
  const plan = planOf(checked.network.discrete, states);
  const [d, g, c] = [plan.ordered.length, checked.ordered.length, checked.counts.length];
  const u = uniforms64(fold(key, "states"), samples * d);
  const v = uniforms64(fold(key, "values"), samples * g);
  const w = uniforms64(fold(key, "counts"), samples * c);
  const drawn = {
    states: plan.nodes.map(() => new Int32Array(samples)),
    values: checked.ordered.map(() => new Float64Array(samples)),
    counts: checked.counts.map(() => new Float64Array(samples)),
  };
  const logs = new Float64Array(samples);
  const [at, x] = [new Int32Array(d), new Float64Array(g)];
  for (let i = 0; i < samples; i++) {
    for (const [k, node] of plan.ordered.entries()) {
      const row = rowOf(node, at);
      const seen = plan.observed[node.place]!;
      if (seen >= 0) logs[i]! += Math.log(node.table[row + seen]!);
      at[node.place] = seen >= 0 ? seen : inverseCdf(node.table, u[i * d + k]!, row, node.width);
      drawn.states[node.place]![i] = at[node.place]!;
    }
    for (const [k, each] of checked.ordered.entries()) {
      const { intercept, coefficients, variance } = regimeOf(each, at);
      const mean = coefficients.reduce((sum, b, j) => sum + b * x[each.parents[j]!]!, intercept);
      const seen = values.real.get(each.place);
      if (seen !== undefined) logs[i]! -= 0.5 * ((seen - mean) ** 2 / variance + Math.log(2 * Math.PI * variance));
      // The middle of a uniform's cell lies inside (0, 1); normalQuantile takes it less a half.
      x[each.place] = seen ?? mean + Math.sqrt(variance) * normalQuantile(v[i * g + k]! + 2 ** -54 - 0.5);
      drawn.values[each.place]![i] = x[each.place]!;
    }
    for (const [k, each] of checked.counts.entries()) {
      const [law, seen] = [countLawOf(each, at), values.counts.get(k)];
      if (seen !== undefined) logs[i]! += law.logProb(seen);
      drawn.counts[k]![i] = seen ?? law.draw(w[i * c + k]!);
    }
  }
  return { ...drawn, logs };
}

/** Rows drawn from a mixed network; row i depends on the key and i alone. */
export function sampleMixed(network: MixedNetwork, key: Key, count: number) {
  const none = { real: new Map(), counts: new Map() };
  const { states, values, counts } = drawMixed(checkMixed(network), {}, none, { samples: count, key });
  return { states, values, counts };
}

/** Posteriors by likelihood weighting. */
export function weightedMixed(
  checked: CheckedMixed,
  states: Evidence,
  values: Seen,
  sampling: { readonly samples: number; readonly key: Key },
): MixedAnswer {
  const { discrete, gaussian, counts = [] } = checked.network;
  const drawn = drawMixed(checked, states, values, sampling);
  const most = drawn.logs.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
  if (most === Number.NEGATIVE_INFINITY)
    throw new SampoError(`None of ${sampling.samples} draws agrees with the evidence: draw more, or observe less.`);
  const weights = drawn.logs.map((log) => Math.exp(log - most));
  const total = weights.reduce((sum, w) => sum + w, 0);
  const shares = weights.map((w) => w / total);
  return {
    logProbability: most + Math.log(total / sampling.samples),
    discrete: new Map(
      discrete.nodes.map(({ variable }, i) => {
        const sums = new Float64Array(variable.states.length);
        drawn.states[i]!.forEach((state, k) => {
          sums[state]! += shares[k]!;
        });
        return [variable.name, sums] as const;
      }),
    ),
    real: new Map(gaussian.map(({ name }, i) => [name, momentsOf(drawn.values[i]!, shares)])),
    counts: new Map(counts.map(({ name }, i) => [name, momentsOf(drawn.counts[i]!, shares)])),
    how: `likelihood weighting with ${sampling.samples} draws`,
  };
}

/** Mean and deviation by weights that sum to one. */
function momentsOf(values: Float64Array, shares: Float64Array) {
  const mean = values.reduce((sum, x, k) => sum + shares[k]! * x, 0);
  const variance = values.reduce((sum, x, k) => sum + shares[k]! * (x - mean) ** 2, 0);
  return { mean, deviation: Math.sqrt(variance) };
}

/**
 * A draw of all variables given evidence, exactly: states, values and counts by node. One uniform chooses a part, the
 * next draw the states (posteriorSampler), then the real ones from their normal: mean + L z, L Lᵀ being the covariance of
 * those not seen; the last the counts not seen, each from its law given the states.
 */
export function drawPart(
  { tree, checked }: Pick<MixedInference, "tree" | "checked">,
  parts: readonly Part[],
  uniforms: ArrayLike<number>,
): { readonly states: Int32Array; readonly values: Float64Array; readonly counts: Float64Array } {
  const total = logSumExp(parts.map(({ log }) => log));
  const chosen = inverseCdf(
    parts.map(({ log }) => Math.exp(log - total)),
    uniforms[0]!,
  );
  const { states, calibrated, moments, counts } = parts[chosen]!;
  const drawn = posteriorSampler(tree, states, calibrated).draw(uniforms, 1);
  const first = 1 + tree.network.nodes.length;
  const last = first + checked.ordered.length;
  return {
    states: drawn,
    values: drawNormal(moments, (i) => uniforms[first + i]!),
    counts: Float64Array.from(
      checked.counts,
      (each, i) => counts.get(i) ?? countLawOf(each, drawn).draw(uniforms[last + i]!),
    ),
  };
}

/** A draw of a normal, the coordinates without variance as they are; uniforms are taken in order by the others. */
function drawNormal(moments: Moments, uniform: (i: number) => number): Float64Array {
  const n = moments.mean.length;
  const { data } = moments.covariance;
  const free = Array.from({ length: n }, (_, i) => i).filter((i) => data[i * n + i]! > 0);
  const factor = cholesky(
    square(free.length, (i, j) => data[free[i]! * n + free[j]!]!),
    "The covariance of what was not observed",
  );
  const z = free.map((_, i) => normalQuantile(uniform(i) + 2 ** -54 - 0.5));
  const values = moments.mean.slice();
  free.forEach((place, i) => {
    for (let k = 0; k <= i; k++) values[place]! += factor.data[i * free.length + k]! * z[k]!;
  });
  return values;
}
