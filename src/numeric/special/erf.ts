const ROOT_PI = Math.sqrt(Math.PI);
/** Step of the trapezoidal rule for the complement: its error is e^(−π²/h²) = 7e-18 of the value. */
const STEP = 0.5;
const NODES = Array.from({ length: 13 }, (_, i) => ((i + 1) * STEP) ** 2);
const WEIGHTS = NODES.map((square) => Math.exp(-square));

/** e^(−x²), the square split in two so that large x lose nothing. */
function gaussian(x: number): number {
  const high = Math.fround(x);
  return Number.isFinite(high) ? Math.exp(-high * high) * Math.exp(-(x - high) * (x + high)) : 0;
}

/** erf x for |x| ≤ 1 by its series of positive terms (Abramowitz and Stegun 7.1.6). */
function erfSeries(x: number): number {
  let [term, sum] = [x, x];
  for (let n = 1; Math.abs(term) > 1e-17 * Math.abs(sum); n++) {
    term *= (2 * x * x) / (2 * n + 1);
    sum += term;
  }
  return (2 / ROOT_PI) * gaussian(x) * sum;
}

/**
 * The scaled complement e^(x²) erfc x: for x > 1 by the trapezoidal rule on x/π ∫ e^(−t²)/(x² + t²) dt and its pole's
 * share. Hunter, Regan 1972, "A note on the evaluation of the complementary error function".
 */
export function erfcx(x: number): number {
  if (x < 0) return 2 / gaussian(x) - erfcx(-x);
  if (x <= 1) return (1 - erfSeries(x)) / gaussian(x);
  if (x > 1e8) return 1 / (x * ROOT_PI);
  const square = x * x;
  let sum = 0.5 / square;
  for (let i = 0; i < NODES.length; i++) sum += WEIGHTS[i]! / (square + NODES[i]!);
  const pole = x < Math.PI / STEP ? 2 / (gaussian(x) * Math.expm1((2 * Math.PI * x) / STEP)) : 0;
  return ((2 * STEP * x) / Math.PI) * sum - pole;
}

/** The error function 2/√π ∫₀ˣ e^(−t²) dt. */
export function erf(x: number): number {
  if (Math.abs(x) <= 1) return x === 0 ? x : erfSeries(x);
  return Math.sign(x) * (1 - erfc(Math.abs(x)));
}

/** 1 − erf x, with all its digits for large x. */
export function erfc(x: number): number {
  if (Number.isNaN(x)) return x;
  if (Math.abs(x) <= 1) return 1 - erfSeries(x);
  return x < 0 ? 2 - erfc(-x) : x > 28 ? 0 : gaussian(x) * erfcx(x);
}

/** log erfc x, also where erfc underflows. */
export function logErfc(x: number): number {
  return x < 0.5 ? Math.log1p(-erf(x)) : Math.log(erfcx(x)) - x * x;
}

/** A start for the inverse from log(1 − erf²): relative error below 0.004. Winitzki 2008. */
function winitzki(logRest: number): number {
  const a = 0.147;
  const centre = 2 / (Math.PI * a) + logRest / 2;
  const ratio = -logRest / a;
  const root = Math.sqrt(centre * centre + ratio);
  return Math.sqrt(centre > 0 ? ratio / (root + centre) : root - centre);
}

/** The x with erf x = y, −1 ≤ y ≤ 1, by Halley's method. */
export function inverseErf(y: number): number {
  if (Math.abs(y) > 0.5) return Math.sign(y) * inverseErfc(1 - Math.abs(y));
  let x = Math.sign(y) * winitzki(Math.log1p(-y * y));
  if (Math.abs(y) < 1e-8) return (y * ROOT_PI) / 2;
  for (let i = 0; i < 3; i++) {
    const newton = ((erf(x) - y) * ROOT_PI) / 2 / gaussian(x);
    x -= newton / (1 + x * newton);
  }
  return x;
}

/** The x with erfc x = q, 0 ≤ q ≤ 2; small q keep their digits. */
export function inverseErfc(q: number): number {
  if (!(q >= 0 && q <= 2)) return Number.NaN;
  if (q === 0) return Number.POSITIVE_INFINITY;
  if (q === 2) return Number.NEGATIVE_INFINITY;
  if (q > 0.5 && q < 1.5) return inverseErf(1 - q);
  if (q > 1) return -inverseErfc(2 - q);
  return inverseLogErfc(Math.log(q));
}

/** The x with log erfc x = logQ ≤ log ½, by Newton's method on the logarithm, which is nearly a parabola. */
export function inverseLogErfc(logQ: number): number {
  if (logQ === Number.NEGATIVE_INFINITY) return Number.POSITIVE_INFINITY;
  let x = winitzki(logQ + Math.log1p(1 - Math.exp(logQ)));
  for (let i = 0; i < 4; i++) {
    const scaled = erfcx(x);
    x += (Math.log(scaled) - x * x - logQ) / (2 / (ROOT_PI * scaled));
  }
  return x;
}
