import type { Uniforms } from "../uniforms.ts";
import type { Metric } from "./metric.ts";
import { LOST, type Transition } from "./nuts.ts";
import { type Asking, energy, leapfrog, type Phase } from "./phase.ts";

/** The most leapfrog steps of one trajectory. */
const MOST_STEPS = 1024;

/**
 * One transition of Hamiltonian Monte Carlo: a trajectory whose length is uniform on (0, 2·time], so that no period of
 * the target is met for ever, then Metropolis on its end. Neal 2011, arXiv 1206.1901.
 */
export function* hmcTransition(
  from: Phase,
  step: number,
  metric: Metric,
  uniforms: Uniforms,
  time: number,
): Asking<Transition> {
  const longest = Math.min(MOST_STEPS, Math.max(1, Math.round((2 * time) / step)));
  const steps = 1 + Math.floor(uniforms.next() * longest);
  const start = energy(from, metric);
  let end = from;
  let taken = 0;
  let rise = 0;
  while (taken < steps && rise < LOST) {
    end = yield* leapfrog(end, step, metric);
    taken++;
    rise = energy(end, metric) - start;
    if (Number.isNaN(rise)) rise = Number.POSITIVE_INFINITY;
  }
  const acceptance = Math.min(1, Math.exp(-rise));
  const phase = uniforms.next() < acceptance ? end : from;
  const divergent = rise >= LOST;
  return { phase, acceptance, leapfrogs: taken, depth: 0, divergent, energy: energy(phase, metric) };
}
