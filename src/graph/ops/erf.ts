const scale = 2 / Math.sqrt(Math.PI);

/** Σ over n of 2ⁿ x^(2n+1) / (1·3·…·(2n+1)), all terms of one sign (Abramowitz and Stegun 7.1.6). */
function series(x: number): number {
  let term = x;
  let sum = x;
  for (let n = 1; Math.abs(term) > 1e-17 * Math.abs(sum); n++) {
    term *= (2 * x * x) / (2 * n + 1);
    sum += term;
  }
  return scale * Math.exp(-x * x) * sum;
}

/** Complement for x ≥ 3 by its continued fraction from the tail (Abramowitz and Stegun 7.1.14). */
function complement(x: number): number {
  let fraction = x;
  for (let k = 60; k > 0; k--) fraction = x + k / 2 / fraction;
  return Math.exp(-x * x) / (Math.sqrt(Math.PI) * fraction);
}

/** The error function 2/√π ∫₀ˣ e^(−t²) dt of a number, to about 1e-15. */
export function erf(x: number): number {
  if (Number.isNaN(x)) return x;
  if (Math.abs(x) < 3) return series(x);
  return Math.sign(x) * (1 - complement(Math.abs(x)));
}
