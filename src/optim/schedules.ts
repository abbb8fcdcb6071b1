/** A host function from the number of updates already made (the first step is 0) to a learning rate or factor. */
export type Schedule = (step: number) => number;

/** Where step stands between 0 and `steps`, as 0 to 1. */
const progress = (step: number, steps: number) => Math.min(1, Math.max(0, step / steps));

/** The same value at every step. */
export function constantSchedule(value: number): Schedule {
  return () => value;
}

/** From one value to another in a straight line over `steps`, then constant. */
export function linearSchedule(from: number, to: number, steps: number): Schedule {
  return (step) => from + (to - from) * progress(step, steps);
}

/**
 * Half a cosine wave: to + (from − to)(1 + cos(π·step/steps))/2, then constant.
 * Loshchilov, Hutter 2017, arXiv 1608.03983 (equation 5, without restarts).
 */
export function cosineSchedule(from: number, to: number, steps: number): Schedule {
  return (step) => to + ((from - to) * (1 + Math.cos(Math.PI * progress(step, steps)))) / 2;
}

/** Multiplies the value by `factor` at each of the given steps: value · factor^(number of boundaries ≤ step). */
export function stepSchedule(value: number, boundaries: readonly number[], factor = 0.1): Schedule {
  return (step) => value * factor ** boundaries.filter((boundary) => boundary <= step).length;
}

/** value · factor^(step/every): smooth exponential decay. */
export function exponentialSchedule(value: number, factor: number, every = 1): Schedule {
  return (step) => value * factor ** (step / every);
}

/**
 * Rises in a straight line to `peak` over `warmup` steps, then falls as peak·√(warmup/step).
 * Vaswani et al. 2017, arXiv 1706.03762, equation 3 (scaled so that the peak is given).
 */
export function inverseSqrtSchedule(peak: number, warmup: number): Schedule {
  return (step) => peak * Math.min((step + 1) / warmup, Math.sqrt(warmup / (step + 1)));
}

/** Scales the first `steps` values of a schedule by 1/steps, 2/steps, …, 1; the schedule keeps counting from step 0. */
export function warmup(steps: number, then: Schedule): Schedule {
  return (step) => then(step) * Math.min(1, (step + 1) / Math.max(1, steps));
}
