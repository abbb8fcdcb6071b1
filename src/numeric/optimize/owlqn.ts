import { descent, lbfgsSearch, remembered } from "./lbfgs.ts";
import { dot, finished, type Iterate, largest, type Minimum, type Objective, type SearchOptions } from "./objective.ts";

/**
 * The subgradient of f(x) + Σ wᵢ |xᵢ| of smallest norm (Andrew & Gao 2007, equation 4), from the gradient of f: 0 exactly
 * where no direction goes down.
 */
export function pseudoGradient(x: Float64Array, gradient: Float64Array, weights: Float64Array): Float64Array {
  return gradient.map((slope, i) => {
    const [at, weight] = [x[i]!, weights[i]!];
    if (at !== 0) return slope + Math.sign(at) * weight;
    if (slope + weight < 0) return slope + weight;
    return slope - weight > 0 ? slope - weight : 0;
  });
}

const penalty = (x: Float64Array, weights: Float64Array) => {
  let sum = 0;
  for (let i = 0; i < x.length; i++) sum += weights[i]! * Math.abs(x[i]!);
  return sum;
};

/** Slopes this far below what is left of the search are those of rounding. */
const NOISE = 1e-13;

/**
 * Minimises f(x) + Σ wᵢ |xᵢ| by orthant-wise L-BFGS (OWL-QN; Andrew & Gao 2007, ICML): directions are made from the
 * pseudo-gradient and must agree with it in sign, steps are projected onto the orthant and halved until they decrease the
 * value enough. Every tenth iteration brings the coordinates away from zero to their minimum within the orthant by L-BFGS
 * with a Wolfe line search, which OWL-QN alone reaches slowly.
 */
export function* owlqnSearch(
  objective: Objective,
  weights: Float64Array,
  start: Float64Array,
  options: SearchOptions = {},
): Generator<Iterate, Minimum> {
  const { tolerance = 1e-8, iterations = 1000, memory = 10, resume } = options;
  let x = start.slice();
  let gradient = new Float64Array(x.length);
  let value = objective(x, gradient) + penalty(x, weights);
  let evaluations = 1;
  let pairs = resume?.pairs ?? [];
  let iteration = resume?.iteration ?? 0;
  let steps = pseudoGradient(x, gradient, weights);
  const here = (): Iterate => ({ iteration, x, value, gradient: steps, slope: largest(steps), evaluations, pairs });
  for (;;) {
    if (largest(steps) <= tolerance) return { ...here(), reason: "gradient" };
    if (iteration >= iterations) return { ...here(), reason: "limit" };
    if (iteration % 10 === 9) {
      const found = withinOrthant(objective, weights, x, tolerance);
      evaluations += found.evaluations;
      if (found.value < value || (found.value <= value + NOISE * Math.abs(value) && found.slope < largest(steps))) {
        [x, gradient, value] = [found.x, found.gradient, found.value];
        steps = pseudoGradient(x, gradient, weights);
        pairs = [];
        iteration++;
        yield here();
        continue;
      }
    }
    const direction = descent(steps, pairs).map((each, i) => (each * steps[i]! < 0 ? each : 0));
    if (!(dot(direction, steps) < 0)) {
      if (pairs.length === 0) return { ...here(), reason: "line-search" };
      pairs = [];
      continue;
    }
    const orthant = x.map((at, i) => Math.sign(at) || -Math.sign(steps[i]!));
    let step = pairs.length > 0 ? 1 : Math.min(1, 1 / Math.sqrt(dot(steps, steps)));
    let next = x;
    const slopes = new Float64Array(x.length);
    let reached = Number.NaN;
    for (let tries = 0; tries < 50; tries++, step /= 2) {
      next = x.map((at, i) => {
        const moved = at + step * direction[i]!;
        return weights[i] === 0 || Math.sign(moved) === orthant[i] ? moved : 0;
      });
      evaluations++;
      const tried = objective(next, slopes) + penalty(next, weights);
      let along = 0;
      for (let i = 0; i < x.length; i++) along += steps[i]! * (next[i]! - x[i]!);
      if (tried <= value + 1e-4 * along) {
        reached = tried;
        break;
      }
    }
    if (Number.isNaN(reached)) {
      const found = withinOrthant(objective, weights, x, tolerance);
      evaluations += found.evaluations;
      if (!(found.slope < largest(steps))) {
        if (pairs.length === 0) return { ...here(), reason: "line-search" };
        pairs = [];
        continue;
      }
      [x, gradient, value] = [found.x, found.gradient, found.value];
      pairs = [];
    } else {
      const [before, slopesBefore] = [x, gradient];
      pairs = remembered(
        pairs,
        next.map((each, i) => each - before[i]!),
        slopes.map((each, i) => each - slopesBefore[i]!),
        memory,
      );
      [x, gradient, value] = [next, slopes, reached];
    }
    steps = pseudoGradient(x, gradient, weights);
    iteration++;
    yield here();
  }
}

/** The minimum over the coordinates away from zero, or how far their signs let it be approached. */
function withinOrthant(objective: Objective, weights: Float64Array, x: Float64Array, tolerance: number) {
  const free = Array.from(x.keys()).filter((i) => x[i] !== 0 || weights[i] === 0);
  const whole = new Float64Array(x.length);
  const slopes = new Float64Array(x.length);
  const put = (part: Float64Array) => {
    for (let k = 0; k < free.length; k++) whole[free[k]!] = part[k]!;
  };
  const signs = free.map((i) => Math.sign(x[i]!));
  const crosses = (part: Float64Array) => part.some((at, k) => weights[free[k]!]! > 0 && at * signs[k]! < 0);
  const smooth: Objective = (part, gradient) => {
    if (crosses(part)) return Number.POSITIVE_INFINITY;
    put(part);
    let value = objective(whole, slopes);
    for (let k = 0; k < free.length; k++) {
      const weight = weights[free[k]!]!;
      gradient[k] = slopes[free[k]!]! + weight * signs[k]!;
      value += weight * Math.abs(part[k]!);
    }
    return value;
  };
  const start = Float64Array.from(free, (i) => x[i]!);
  const found = finished(lbfgsSearch(smooth, start, { tolerance: tolerance / 2, iterations: 200 }));
  put(found.x);
  const gradient = new Float64Array(x.length);
  const value = objective(whole, gradient) + penalty(whole, weights);
  const slope = largest(pseudoGradient(whole, gradient, weights));
  return { x: whole.slice(), gradient, value, slope, evaluations: found.evaluations + 1 };
}

/** The minimum of f(x) + Σ wᵢ |xᵢ| by OWL-QN; a weight of 0 leaves a coordinate without penalty. */
export const owlqn = (
  objective: Objective,
  weights: Float64Array,
  start: Float64Array,
  options?: SearchOptions,
): Minimum => finished(owlqnSearch(objective, weights, start, options));
