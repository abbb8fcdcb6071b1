import { cholesky, logDiagonal, type Matrix, solveCholesky, submatrix } from "../../numeric/linear/index.ts";
import { HALF_LOG_2PI, normalQuantile } from "../univariate/normal.ts";

/** The normal law of one state: what EM and sampling ask of it, with any coordinates missing. */
export interface GaussianState {
  /** log p of the coordinates that are not NaN. */
  logProb(step: Float64Array): number;
  /** Writes E[x | known] − mean to `centred`, and adds weight × cov[x | known] to `spread` ([d, d], or [d] of a diagonal law). */
  expect(step: Float64Array, weight: number, centred: Float64Array, spread: Float64Array): void;
  /** Draws the missing coordinates given the known ones. */
  fill(step: Float64Array, uniforms: Float64Array): void;
}

/** Independent coordinates. */
export function diagonalState(mean: Float64Array, variances: Float64Array): GaussianState {
  const d = mean.length;
  const norms = variances.map((v) => -HALF_LOG_2PI - 0.5 * Math.log(v));
  return {
    logProb: (step) => {
      let sum = 0;
      for (let j = 0; j < d; j++) {
        const r = step[j]! - mean[j]!;
        if (!Number.isNaN(r)) sum += norms[j]! - (0.5 * r * r) / variances[j]!;
      }
      return sum;
    },
    expect: (step, weight, centred, spread) => {
      for (let j = 0; j < d; j++) {
        const missing = Number.isNaN(step[j]);
        centred[j] = missing ? 0 : step[j]! - mean[j]!;
        if (missing) spread[j]! += weight * variances[j]!;
      }
    },
    fill: (step, u) => {
      for (let j = 0; j < d; j++)
        if (Number.isNaN(step[j])) step[j] = mean[j]! + Math.sqrt(variances[j]!) * normalQuantile(u[j]!);
    },
  };
}

/** What follows for the missing coordinates from which ones are known. */
interface Pattern {
  readonly known: readonly number[];
  readonly missing: readonly number[];
  readonly factor: Matrix;
  readonly norm: number;
  /** Σ_mo Σ_oo⁻¹, [missing, known]. */
  readonly gain: Matrix;
  /** Σ_mm − Σ_mo Σ_oo⁻¹ Σ_om. */
  readonly rest: Matrix;
}

function patternOf(covariance: Matrix, isMissing: (j: number) => boolean, what: string): Pattern {
  const all = Array.from({ length: covariance.rows }, (_, j) => j);
  const known = all.filter((j) => !isMissing(j));
  const missing = all.filter(isMissing);
  const factor = cholesky(submatrix(covariance, known, known), what);
  const cross = submatrix(covariance, missing, known);
  const gain = new Float64Array(cross.data.length);
  const [m, o] = [missing.length, known.length];
  for (let i = 0; i < m; i++) gain.set(solveCholesky(factor, cross.data.subarray(i * o, (i + 1) * o)), i * o);
  const rest = submatrix(covariance, missing, missing);
  for (let i = 0; i < m; i++)
    for (let j = 0; j <= i; j++) {
      let sum = rest.data[i * m + j]!;
      for (let k = 0; k < o; k++) sum -= gain[i * o + k]! * cross.data[j * o + k]!;
      rest.data[i * m + j] = sum;
      rest.data[j * m + i] = sum;
    }
  return {
    known,
    missing,
    factor,
    norm: -known.length * HALF_LOG_2PI - logDiagonal(factor),
    gain: { rows: m, columns: o, data: gain },
    rest,
  };
}

/** Coordinates with a covariance matrix; what a pattern of missing ones needs is computed once. */
export function fullState(mean: Float64Array, covariance: Matrix, what: string): GaussianState {
  const d = mean.length;
  const patterns = new Map<string, Pattern>();
  const whole = patternOf(covariance, () => false, what);
  const residual = new Float64Array(d);
  const patternFor = (step: Float64Array): Pattern => {
    let name = "";
    for (let j = 0; j < d; j++) if (Number.isNaN(step[j])) name += `${j},`;
    if (name === "") return whole;
    const found = patterns.get(name) ?? patternOf(covariance, (j) => Number.isNaN(step[j]), what);
    patterns.set(name, found);
    return found;
  };
  const meanOf = ({ gain, known }: Pattern, step: Float64Array, i: number) => {
    let sum = 0;
    for (let k = 0; k < known.length; k++)
      sum += gain.data[i * known.length + k]! * (step[known[k]!]! - mean[known[k]!]!);
    return sum;
  };
  return {
    logProb: (step) => {
      const { known, factor, norm } = patternFor(step);
      const n = known.length;
      let squares = 0;
      for (let i = 0; i < n; i++) {
        let sum = step[known[i]!]! - mean[known[i]!]!;
        for (let k = 0; k < i; k++) sum -= factor.data[i * n + k]! * residual[k]!;
        sum /= factor.data[i * n + i]!;
        residual[i] = sum;
        squares += sum * sum;
      }
      return norm - 0.5 * squares;
    },
    expect: (step, weight, centred, spread) => {
      const pattern = patternFor(step);
      for (const j of pattern.known) centred[j] = step[j]! - mean[j]!;
      pattern.missing.forEach((j, i) => {
        centred[j] = meanOf(pattern, step, i);
        pattern.missing.forEach((l, k) => {
          spread[j * d + l]! += weight * pattern.rest.data[i * pattern.missing.length + k]!;
        });
      });
    },
    fill: (step, u) => {
      const pattern = patternFor(step);
      const { missing, rest } = pattern;
      if (missing.length === 0) return;
      const factor = cholesky(rest, what);
      const drawn = missing.map((j, i) => {
        let value = mean[j]! + meanOf(pattern, step, i);
        for (let k = 0; k <= i; k++) value += factor.data[i * missing.length + k]! * normalQuantile(u[k]!);
        return value;
      });
      missing.forEach((j, i) => {
        step[j] = drawn[i]!;
      });
    },
  };
}
