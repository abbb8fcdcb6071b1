import { strongWolfe } from "./line-search.ts";
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
 * −H g with H the inverse Hessian that the pairs stand for, by the two-loop recursion (Nocedal & Wright 2006, algorithm 7.4);
 * without pairs −g.
 */
export function descent(gradient: Float64Array, pairs: readonly Pair[]): Float64Array {
  const direction = gradient.map((slope) => -slope);
  const weights = new Float64Array(pairs.length);
  for (let k = pairs.length - 1; k >= 0; k--) {
    const { step, change } = pairs[k]!;
    const weight = dot(step, direction) / dot(step, change);
    weights[k] = weight;
    for (let i = 0; i < direction.length; i++) direction[i]! -= weight * change[i]!;
  }
  const last = pairs.at(-1);
  if (last) {
    const scale = dot(last.step, last.change) / dot(last.change, last.change);
    for (let i = 0; i < direction.length; i++) direction[i]! *= scale;
  }
  for (let k = 0; k < pairs.length; k++) {
    const { step, change } = pairs[k]!;
    const weight = weights[k]! - dot(change, direction) / dot(step, change);
    for (let i = 0; i < direction.length; i++) direction[i]! += weight * step[i]!;
  }
  return direction;
}

/** The pairs with one more, at most `memory`; those without positive curvature are left out. */
export function remembered(pairs: readonly Pair[], step: Float64Array, change: Float64Array, memory: number): Pair[] {
  const curvature = dot(step, change);
  if (!(curvature > 1e-14 * Math.sqrt(dot(step, step) * dot(change, change)))) return [...pairs];
  return [...pairs, { step, change }].slice(-memory);
}

/**
 * Minimises a smooth function by L-BFGS (Liu & Nocedal 1989) with a strong Wolfe line search, telling every iteration;
 * started again with the x and pairs of an iterate it goes on with the very same numbers.
 */
export function* lbfgsSearch(
  objective: Objective,
  start: Float64Array,
  { tolerance = 1e-8, iterations = 1000, memory = 10, resume }: SearchOptions = {},
): Generator<Iterate, Minimum> {
  let x = start.slice();
  let gradient = new Float64Array(x.length);
  let value = objective(x, gradient);
  let evaluations = 1;
  let pairs = resume?.pairs ?? [];
  let iteration = resume?.iteration ?? 0;
  const here = (): Iterate => ({ iteration, x, value, gradient, slope: largest(gradient), evaluations, pairs });
  for (;;) {
    if (largest(gradient) <= tolerance) return { ...here(), reason: "gradient" };
    if (iteration >= iterations) return { ...here(), reason: "limit" };
    let direction = descent(gradient, pairs);
    if (!(dot(direction, gradient) < 0)) {
      pairs = [];
      direction = descent(gradient, pairs);
    }
    const origin = { value, slope: dot(direction, gradient) };
    let [next, slopes] = [x, gradient];
    const line = (step: number) => {
      evaluations++;
      next = x.map((each, i) => each + step * direction[i]!);
      slopes = new Float64Array(x.length);
      return { step, value: objective(next, slopes), slope: dot(slopes, direction) };
    };
    const first = pairs.length > 0 ? 1 : Math.min(1, 1 / Math.sqrt(dot(gradient, gradient)));
    const spot = strongWolfe(line, origin, first);
    if (!spot) {
      if (pairs.length === 0) return { ...here(), reason: "line-search" };
      pairs = [];
      continue;
    }
    const [before, slopesBefore] = [x, gradient];
    pairs = remembered(
      pairs,
      next.map((each, i) => each - before[i]!),
      slopes.map((each, i) => each - slopesBefore[i]!),
      memory,
    );
    [x, gradient, value] = [next, slopes, spot.value];
    iteration++;
    yield here();
  }
}

/** The minimum of a smooth function by L-BFGS. */
export const lbfgs = (objective: Objective, start: Float64Array, options?: SearchOptions): Minimum =>
  finished(lbfgsSearch(objective, start, options));
