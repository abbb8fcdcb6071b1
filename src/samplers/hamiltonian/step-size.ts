import { fold, type Key, normal } from "../../random/index.ts";
import type { Metric } from "./metric.ts";
import { type Asking, energy, leapfrog, type Phase } from "./phase.ts";

/** The same position with a fresh momentum. */
export function refreshed(phase: Phase, metric: Metric, key: Key): Phase {
  return { ...phase, momentum: metric.momentum(normal(key, [phase.position.length]).data) };
}

const LOG_ACCEPT = Math.log(0.8);

/**
 * A step size with which one leapfrog step accepts about 0.8: doubled or halved until it crosses. Algorithm 4 of Hoffman
 * and Gelman 2014, arXiv 1111.4246, with Stan's 0.8 for ½.
 */
export function* reasonableStep(phase: Phase, metric: Metric, initial: number, key: Key): Asking<number> {
  let step = initial;
  let direction = 0;
  for (let trial = 0; trial < 60; trial++) {
    const start = refreshed(phase, metric, fold(key, trial));
    const end = yield* leapfrog(start, step, metric);
    const gain = energy(start, metric) - energy(end, metric);
    const sign = gain > LOG_ACCEPT ? 1 : -1;
    if (direction !== 0 && sign !== direction) break;
    direction = sign;
    step *= 2 ** sign;
  }
  return step;
}
