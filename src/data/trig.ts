/**
 * Sine and cosine from + - * alone. `Math.sin` may differ in the last bit between JavaScript engines and versions,
 * these do not, so generated data have the same bytes, and the same hash, everywhere.
 */

const QUARTER_HIGH = 1.5707963267948966; // π/2 as the sum of two doubles
const QUARTER_LOW = 6.123233995736766e-17;
const TERMS = 9;

/** The alternating series of sine (first = 1) or cosine (first = 0) for |x| ≤ π/4. */
function series(x: number, first: 0 | 1): number {
  let sum = 1;
  for (let n = TERMS; n > 0; n--) {
    const k = 2 * n + first;
    sum = 1 - (x * x * sum) / (k * (k - 1));
  }
  return first === 1 ? x * sum : sum;
}

/** The sine of `angle` plus so many quarter turns. */
function sineAfter(angle: number, extraQuarters: number): number {
  const quarters = Math.round(angle / QUARTER_HIGH);
  const rest = angle - quarters * QUARTER_HIGH - quarters * QUARTER_LOW;
  const quadrant = (((quarters + extraQuarters) % 4) + 4) % 4;
  const value = series(rest, quadrant % 2 === 0 ? 1 : 0);
  return quadrant < 2 ? value : -value;
}

/** Sine of an angle in radians; error below 1e-15 within two turns, growing in proportion beyond. */
export function sine(angle: number): number {
  return sineAfter(angle, 0);
}

/** Cosine of an angle in radians; error below 1e-15 within two turns, growing in proportion beyond. */
export function cosine(angle: number): number {
  return sineAfter(angle, 1);
}
