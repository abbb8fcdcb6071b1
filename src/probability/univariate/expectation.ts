import { UsageError } from "../../base/errors.ts";
import { alongFlank, type Flank } from "./flank.ts";
import { type Effort, type Measured, refined } from "./quadrature.ts";
import { summed } from "./summation.ts";
import type { Univariate } from "./univariate.ts";

type Term = (x: number) => number;

/** Quantiles from which integration may begin, the first that is a number inside the support. */
const MIDDLES = [0.5, 0.9, 0.1, 0.99, 0.01, 1 - 1e-6, 1e-6, 1 - 1e-12, 1e-12];
/** The largest distance that is looked at. */
const FAR = 1e300;
/** Up to this probability of the tails nothing is left out, whatever f is before. */
const TAIL = 1e-19;
/** Error of a logarithm of a density over twenty units of t. */
const NOISE = 5e-12;
/** Pieces an integral, and runs a sum, may take: a function that needs more waves too quickly for errors not to add up. */
const EFFORT = { continuous: 1000, discrete: 5000 };

/** Widths of the parts of a flank in t, the last for all further. */
const WIDTHS = [1, 1, 1, 1, 2, 2, 2, 4, 4, 8, 8, 16];
const edge = (i: number): number =>
  WIDTHS.slice(0, i).reduce((sum, width) => sum + width, 0) + 16 * Math.max(0, i - WIDTHS.length);

/** f(x) p(x) times a Jacobian, through logarithms, for p may underflow where f overflows. */
function weighed(law: Univariate, f: Term, x: number, logJacobian: number): number {
  const log = law.logProb(x);
  if (log === Number.NEGATIVE_INFINITY) return 0;
  const value = f(x);
  return value === 0 ? 0 : Math.sign(value) * Math.exp(log + Math.log(Math.abs(value)) + logJacobian);
}

/** An f that is infinite before this much of the law's mass has no finite expectation; one that is so later has overflowed. */
const SPECK = 1e-15;

/** The largest t up to `most` before f overflows where the law has mass: a look-out along the way, then halving. */
function reachOf(law: Univariate, f: Term, place: (t: number) => number, isUpper: boolean, most: number): number {
  const fits = (t: number) => {
    const x = place(t);
    if (Number.isFinite(f(x)) || law.logProb(x) === Number.NEGATIVE_INFINITY) return true;
    return (isUpper ? law.survival(x) : law.cdf(x)) > SPECK;
  };
  const steps = Array.from({ length: 129 }, (_, k) => (most * k) / 128);
  const first = steps.findIndex((t) => !fits(t));
  if (first <= 0) return first < 0 ? most : 0;
  let [low, high] = [steps[first - 1]!, steps[first]!];
  for (let i = 0; i < 50; i++) {
    const middle = (low + high) / 2;
    if (fits(middle)) low = middle;
    else high = middle;
  }
  return low;
}

/** A side of a continuous law beyond `middle`, towards an end of the support: x = middle ± s (eᵗ − 1), or end ∓ s e⁻ᵗ. */
function continuousFlank(
  law: Univariate,
  f: Term,
  middle: number,
  isUpper: boolean,
  breaks: readonly number[],
  effort: Effort,
): Flank {
  const end = law.support[isUpper ? 1 : 0];
  const sign = isUpper ? 1 : -1;
  const closed = Number.isFinite(end);
  const near = law.inverseCdf(isUpper ? 0.6 : 0.4);
  const s = closed ? Math.abs(end - middle) : Math.abs(near - middle) || Math.abs(middle) || 1;
  const place = (t: number) => (closed ? end - sign * s * Math.exp(-t) : middle + sign * s * Math.expm1(t));
  const along = (x: number) => (closed ? Math.log(s / Math.abs(end - x)) : Math.log1p(Math.abs(x - middle) / s));
  const density = (t: number) => weighed(law, f, place(t), Math.log(s) + (closed ? -t : t));
  const most = closed ? along(place(Math.log(s / finest(end, s)))) : Math.log(FAR / s);
  const reach = reachOf(law, f, place, isUpper, Math.max(0, most));
  const inside = breaks.filter((x) => sign * (x - middle) > 0 && sign * (end - x) > 0);
  const cuts = inside.map(along).filter((t) => t > 0 && t < reach);
  return {
    edge,
    part: (i, whole) => {
      const [from, to] = [edge(i), Math.min(edge(i + 1), reach)];
      const places = [from, ...cuts.filter((t) => t > from && t < to).sort((a, b) => a - b), to];
      let [value, size] = [0, 0];
      places.slice(1).forEach((t, k) => {
        const piece = refined(density, places[k]!, t, whole + size, effort);
        value += piece.value;
        size += piece.size;
      });
      return { value, size };
    },
    density,
    least: Math.max(along(isUpper ? law.inverseSurvival(TAIL) : law.inverseCdf(TAIL)), ...cuts),
    reach,
    ends: false,
    noise: closed && end !== 0 ? Math.max(NOISE, (Math.abs(end) * 2 ** -53) / finest(end, s)) : NOISE,
    ...(closed && {
      bare: {
        density: (t: number) => weighed(law, () => 1, place(t), Math.log(s) - t),
        left: isUpper ? law.survival(place(reach)) : law.cdf(place(reach)),
      },
    }),
  };
}

/** The least distance from a finite end that is looked at, s being the largest: that of numbers next to it has too few digits. */
const finest = (end: number, s: number): number => (end === 0 ? 1 / FAR : Math.sqrt(Math.abs(end) * 2 ** -53 * s));

/** A side of a discrete law from `first` on, in runs of 1, 2, 4, … numbers; t = log(1 + distance). */
function discreteFlank(law: Univariate, f: Term, first: number, isUpper: boolean, effort: Effort): Flank {
  const end = law.support[isUpper ? 1 : 0];
  const sign = isUpper ? 1 : -1;
  const place = (y: number) => first + sign * y;
  const closed = Number.isFinite(end);
  const most = closed ? Math.log1p(Math.abs(end - first) + 0.5) : Math.log(FAR);
  const at = (t: number) => place(Math.round(Math.expm1(t)));
  const starts = [0];
  const startOf = (run: number): number => {
    while (starts.length <= run) starts.push(starts.at(-1)! + lengthOf(starts.length - 1));
    return starts[run]!;
  };
  const lengthOf = (run: number): number => {
    const left = closed ? Math.abs(end - first) + 1 - startOf(run) : Number.POSITIVE_INFINITY;
    const longest = closed ? 2 ** Math.floor(Math.log2(Math.max(1, left - 1))) : Number.POSITIVE_INFINITY;
    return Math.min(2 ** run, longest);
  };
  const edgeBefore = (t: number): number => {
    let run = 0;
    while (Math.log1p(startOf(run + 1)) < t - 1e-9) run++;
    return Math.log1p(startOf(run));
  };
  return {
    edge: (run) => Math.log1p(startOf(run)),
    part: (run, whole) => summed((y) => weighed(law, f, place(y), 0), startOf(run), lengthOf(run), whole, effort),
    density: (t) => weighed(law, f, at(t), t),
    least: Math.log1p(Math.abs((isUpper ? law.inverseSurvival(TAIL) : law.inverseCdf(TAIL)) - first)),
    reach: closed ? most : edgeBefore(reachOf(law, f, at, isUpper, most)),
    ends: closed,
    noise: NOISE,
  };
}

function bothSides(flanks: readonly (() => Flank)[], what: string): number {
  const sides: Measured[] = [];
  for (const flank of flanks) {
    const before = sides[0]?.size ?? 0;
    sides.push(alongFlank(flank(), Number.isFinite(before) ? before : 0, what));
  }
  return sides.reduce((sum, { value }) => sum + value, 0);
}

/**
 * E f(X), numerically: a sum over the whole numbers or an integral of f(x) p(x), outward from the middle until nothing more
 * counts. Relative accuracy about 1e-10 (of E|f|) for f smooth between the law's breaks and `breaks`,
 * of counts beyond runs of a few thousand, which are added one by one. Tails that fall as a
 * power are followed to the largest numbers and beyond: the result is infinite where the integral is, and where that cannot be
 * told it is refused.
 */
export function expectation(law: Univariate, f: (x: number) => number, breaks: readonly number[] = []): number {
  if (law.parts) {
    const all = [...law.breaks, ...breaks];
    return law.parts.reduce(
      (sum, part) => (part.weight > 0 ? sum + part.weight * expectation(part.law, f, all) : sum),
      0,
    );
  }
  const what = `The expectation under ${law.family}`;
  const effort = { left: EFFORT[law.kind] };
  const [low, high] = law.support;
  if (law.kind === "discrete") {
    const middle = law.inverseCdf(0.5);
    return bothSides(
      [
        () => discreteFlank(law, f, middle, true, effort),
        ...(middle > low ? [() => discreteFlank(law, f, middle - 1, false, effort)] : []),
      ],
      what,
    );
  }
  const middles = MIDDLES.map(law.inverseCdf).filter((x) => x > low && x < high && Number.isFinite(x));
  const middle = middles.find((x) => Math.min(x - low, high - x) > 1e-200) ?? middles[0];
  if (middle === undefined)
    throw new UsageError(`${what} cannot be computed: it lies closer to an end than numbers do.`);
  const cuts = [...law.breaks, ...breaks];
  return bothSides(
    [true, false].map((isUpper) => () => continuousFlank(law, f, middle, isUpper, cuts, effort)),
    what,
  );
}
