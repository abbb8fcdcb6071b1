import { HostArray } from "../../base/host.ts";
import { logSumExp } from "../../base/log-sum-exp.ts";
import { sizeOf } from "../../base/shape.ts";
import { fold, type Key } from "../../random/index.ts";
import { drawNoise } from "../bound.ts";
import type { Generated } from "./generate.ts";

type Floats = HostArray<"float32">;

/** One batch of completions: values and the log-probability of what was observed. */
export type Fill = (
  x: Floats,
  observed: Floats,
  labels: Floats | undefined,
  uniforms: Floats,
  particle: number,
) => Promise<Generated>;

/** Particles for each example when nobody says how many. */
export const usualParticles = 32;

/** What completion by so many particles is called. */
export const approximately = (particles: number) =>
  `an approximation of the conditional (sampling-importance-resampling, ${particles} particles)`;

/**
 * Completions by sampling-importance-resampling (Rubin 1988): each particle draws what is missing in the order, with the
 * observed values put in, and weighs w = ∏ p(observed xₖ | x before it); one particle is then drawn by weight. Exact as
 * the number of particles grows; with the observed values first in the order all weights are equal and one is exact.
 */
export async function resample(
  fill: Fill,
  x: Floats,
  observed: Floats,
  labels: Floats | undefined,
  { key, particles }: { key: Key; particles: number },
): Promise<Floats> {
  const [count, size] = [x.shape[0]!, sizeOf(x.shape.slice(1))];
  const best = new HostArray("float32", x.shape, new Float32Array(x.size));
  const total = new Float64Array(count).fill(Number.NEGATIVE_INFINITY);
  for (let p = 0; p < particles; p++) {
    const uniforms = drawNoise("uniform", fold(fold(key, "particle"), p), [count, size]);
    const choice = drawNoise("uniform", fold(fold(key, "choice"), p), [count]);
    const { values, observedNats } = await fill(x, observed, labels, uniforms, p);
    for (let i = 0; i < count; i++) {
      const nats = observedNats.data[i]!;
      total[i] = logSumExp([total[i]!, nats]);
      if (choice.data[i]! < Math.exp(nats - total[i]!))
        best.data.set(values.data.subarray(i * size, (i + 1) * size), i * size);
    }
  }
  return best;
}
