import { descent, lbfgsSearch, remembered } from "./lbfgs.ts";
import {
  dot,
  finished,
  type Iterate,
  largest,
  type Minimum,
  type Objective,
  type Pair,
  type SearchOptions,
} from "./objective.ts";

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

/** What is minimised: f(x) + Σ wᵢ |xᵢ|. */
interface Problem {
  readonly objective: Objective;
  readonly weights: Float64Array;
}

/** A point with the gradient of f, the whole value and its subgradient of smallest norm there. */
interface Point {
  readonly x: Float64Array;
  readonly gradient: Float64Array;
  readonly value: number;
  readonly steps: Float64Array;
}

function pointAt({ objective, weights }: Problem, x: Float64Array): Point {
  const gradient = new Float64Array(x.length);
  const value = objective(x, gradient) + penalty(x, weights);
  return { x, gradient, value, steps: pseudoGradient(x, gradient, weights) };
}

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
  { tolerance = 1e-8, iterations = 1000, memory = 10, resume }: SearchOptions = {},
): Generator<Iterate, Minimum> {
  let evaluations = 0;
  const counted: Objective = (x, gradient) => {
    evaluations++;
    return objective(x, gradient);
  };
  const problem: Problem = { objective: counted, weights };
  let point = pointAt(problem, start.slice());
  let pairs = resume?.pairs ?? [];
  let iteration = resume?.iteration ?? 0;
  const here = (): Iterate => {
    const { x, value, steps } = point;
    return { iteration, x, value, gradient: steps, slope: largest(steps), evaluations, pairs };
  };
  for (;;) {
    if (largest(point.steps) <= tolerance) return { ...here(), reason: "gradient" };
    if (iteration >= iterations) return { ...here(), reason: "limit" };
    const polished = iteration % 10 === 9 ? polish(problem, point, tolerance) : undefined;
    const moved = polished ?? moveAlong(problem, point, pairs, { memory, tolerance });
    if (!moved && pairs.length === 0) return { ...here(), reason: "line-search" };
    pairs = moved?.pairs ?? [];
    if (!moved) continue;
    point = moved.point;
    iteration++;
    yield here();
  }
}

/** Where a search goes on, and what the next direction is made from. */
interface Moved {
  readonly point: Point;
  readonly pairs: readonly Pair[];
}

/** The minimum within the orthant, if it is better than the point. */
function polish(problem: Problem, { x, value, steps }: Point, tolerance: number): Moved | undefined {
  const point = withinOrthant(problem, x, tolerance);
  const equal = point.value <= value + NOISE * Math.abs(value) && largest(point.steps) < largest(steps);
  return point.value < value || equal ? { point, pairs: [] } : undefined;
}

/** A step along the direction that the pairs make, or to the minimum within the orthant where none goes down. */
function moveAlong(
  problem: Problem,
  point: Point,
  pairs: readonly Pair[],
  { memory, tolerance }: { readonly memory: number; readonly tolerance: number },
): Moved | undefined {
  const { x, gradient, steps } = point;
  const direction = descent(steps, pairs).map((each, i) => (each * steps[i]! < 0 ? each : 0));
  if (!(dot(direction, steps) < 0)) return undefined;
  const next = halved(problem, point, direction, pairs.length > 0 ? 1 : Math.min(1, 1 / Math.sqrt(dot(steps, steps))));
  if (!next) {
    const found = withinOrthant(problem, x, tolerance);
    return largest(found.steps) < largest(steps) ? { point: found, pairs: [] } : undefined;
  }
  const step = next.x.map((each, i) => each - x[i]!);
  const change = next.gradient.map((each, i) => each - gradient[i]!);
  return { point: next, pairs: remembered(pairs, step, change, memory) };
}

/** The first of ever shorter steps, projected onto the orthant, that decreases the value enough. */
function halved(problem: Problem, { x, value, steps }: Point, direction: Float64Array, first: number) {
  const orthant = x.map((at, i) => Math.sign(at) || -Math.sign(steps[i]!));
  for (let tries = 0, step = first; tries < 50; tries++, step /= 2) {
    const next = pointAt(
      problem,
      x.map((at, i) => {
        const moved = at + step * direction[i]!;
        return problem.weights[i] === 0 || Math.sign(moved) === orthant[i] ? moved : 0;
      }),
    );
    let along = 0;
    for (let i = 0; i < x.length; i++) along += steps[i]! * (next.x[i]! - x[i]!);
    if (next.value <= value + 1e-4 * along) return next;
  }
  return undefined;
}

/** The minimum over the coordinates away from zero, or how far their signs let it be approached. */
function withinOrthant(problem: Problem, x: Float64Array, tolerance: number): Point {
  const { objective, weights } = problem;
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
  return pointAt(problem, whole);
}

/** The minimum of f(x) + Σ wᵢ |xᵢ| by OWL-QN; a weight of 0 leaves a coordinate without penalty. */
export const owlqn = (
  objective: Objective,
  weights: Float64Array,
  start: Float64Array,
  options?: SearchOptions,
): Minimum => finished(owlqnSearch(objective, weights, start, options));
