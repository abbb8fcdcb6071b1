/** A place along a line: how far, the value there, and the slope along the line. */
export interface Spot {
  readonly step: number;
  readonly value: number;
  readonly slope: number;
}

/** The conditions of Wolfe: sufficient decrease (c1) and flatness (c2), 0 < c1 < c2 < 1. */
export interface WolfeOptions {
  readonly decrease?: number;
  readonly flatness?: number;
  readonly evaluations?: number;
}

/** Rounding errors of values: differences below this share of the value say nothing. */
const NOISE = 1e-13;

/**
 * A step that satisfies the strong Wolfe conditions f(t) ≤ f(0) + c₁ t f′(0) and |f′(t)| ≤ c₂ |f′(0)|: bracketing and
 * zooming with cubic interpolation (Nocedal & Wright 2006, algorithms 3.5 and 3.6). Where values differ by rounding alone the
 * decrease is judged by slopes, the approximate condition f′(t) ≤ (2 c − 1) f′(0) of Hager & Zhang (2005, SIAM J. Optim.
 * 16(1), equation 4.1), so that gradients can be brought far below the square root of the precision. Undefined where no step
 * is found; `line` is always evaluated last at the step that is returned.
 */
export function strongWolfe(
  line: (step: number) => Spot,
  start: Omit<Spot, "step">,
  first: number,
  { decrease = 1e-4, flatness = 0.9, evaluations = 40 }: WolfeOptions = {},
): Spot | undefined {
  const origin: Spot = { step: 0, ...start };
  const noise = NOISE * Math.max(Math.abs(origin.value), Number.MIN_VALUE);
  const enough = ({ step, value, slope }: Spot) =>
    value <= origin.value + decrease * step * origin.slope ||
    (value <= origin.value + noise && slope <= -0.8 * origin.slope);
  const flat = ({ slope }: Spot) => Math.abs(slope) <= -flatness * origin.slope;
  let left = evaluations;
  const at = (step: number): Spot => {
    left--;
    const spot = line(step);
    return Number.isFinite(spot.value) && Number.isFinite(spot.slope)
      ? spot
      : { step, value: Number.POSITIVE_INFINITY, slope: Number.NaN };
  };

  const zoom = (a: Spot, b: Spot): Spot | undefined => {
    let [low, high] = [a, b];
    while (left > 0) {
      const spot = at(between(low, high, noise));
      if (!enough(spot) || spot.value > low.value + noise) high = spot;
      else {
        if (flat(spot)) return spot;
        if (spot.slope * (high.step - low.step) >= 0) high = low;
        low = spot;
      }
      if (Math.abs(high.step - low.step) <= 1e-16 * Math.abs(low.step)) break;
    }
    return low.step > 0 && low.value < origin.value ? at(low.step) : undefined;
  };

  let previous = origin;
  let step = first;
  while (left > 0) {
    const spot = at(step);
    if (!enough(spot) || (previous.step > 0 && spot.value > previous.value + noise)) return zoom(previous, spot);
    if (flat(spot)) return spot;
    if (spot.slope >= 0) return zoom(spot, previous);
    previous = spot;
    step *= 4;
  }
  return previous.step > 0 ? at(previous.step) : undefined;
}

/** The minimum of the cubic through two spots, kept a tenth of their distance away from both; halfway where there is none. */
function between(low: Spot, high: Spot, noise: number): number {
  const width = high.step - low.step;
  const inside = (step: number) => {
    const share = (step - low.step) / width;
    return Number.isFinite(share) ? low.step + Math.min(0.9, Math.max(0.1, share)) * width : low.step + 0.5 * width;
  };
  if (!Number.isFinite(high.value)) return low.step + 0.1 * width;
  if (Math.abs(high.value - low.value) <= 10 * noise)
    return inside(low.step - (low.slope * width) / (high.slope - low.slope));
  const d1 = low.slope + high.slope - (3 * (low.value - high.value)) / (low.step - high.step);
  const d2 = Math.sign(width) * Math.sqrt(d1 * d1 - low.slope * high.slope);
  return inside(high.step - (width * (high.slope + d2 - d1)) / (high.slope - low.slope + 2 * d2));
}
