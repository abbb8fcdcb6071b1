import { DataError } from "../../base/errors.ts";
import { digamma, trigamma } from "../../numeric/special/index.ts";
import { COUNT, REAL, UNIT, weighted } from "../univariate/fit/data.ts";
import { type Dirichlet, dirichlet as dirichletLaw } from "./dirichlet.ts";
import { type Matrix, type MatrixLike, matrixOf, rowOf, square, sum } from "./matrix.ts";
import { type Multinomial, multinomial as multinomialLaw } from "./multinomial.ts";
import { type MultivariateNormal, multivariateNormal as multivariateNormalLaw } from "./multivariate-normal.ts";

type Numbers = ArrayLike<number>;

/** Weighted means of the columns, and the covariance matrix about them (divided by Σ w). */
export function columnMoments(family: string, rows: Matrix, weights?: Numbers, requirement = REAL) {
  const w = Array.from({ length: rows.rows }, (_, i) => (weights ? weights[i]! : 1));
  const { total } = weighted(family, w, weights, REAL);
  const mean = new Float64Array(rows.columns);
  for (let i = 0; i < rows.rows; i++)
    rowOf(rows, i).forEach((v, j) => {
      if (w[i]! > 0 && !requirement.holds(v))
        throw new DataError(`A fit of ${family} needs ${requirement.what}; column ${j} of row ${i} is ${v}.`);
      if (w[i]! > 0) mean[j]! += (w[i]! * v) / total;
    });
  const scatter = (a: number, b: number) => {
    let s = 0;
    for (let i = 0; i < rows.rows; i++)
      if (w[i]! > 0) s += w[i]! * (rowOf(rows, i)[a]! - mean[a]!) * (rowOf(rows, i)[b]! - mean[b]!);
    return s / total;
  };
  return { total, mean, weights: w, covariance: () => square(rows.columns, scatter) };
}

/** Multivariate normal of largest likelihood; a singular covariance is refused. */
export function multivariateNormal(x: MatrixLike, weights?: Numbers): MultivariateNormal {
  const { mean, covariance } = columnMoments("multivariateNormal", matrixOf(x), weights);
  return multivariateNormalLaw({ mean, covariance: covariance() });
}

/** Multinomial of largest likelihood from rows of counts of one sum, the number of trials: shares. */
export function multinomial(x: MatrixLike, weights?: Numbers): Multinomial {
  const rows = matrixOf(x);
  const { mean, weights: w } = columnMoments("multinomial", rows, weights, COUNT);
  const first = w.findIndex((weight) => weight > 0);
  const trials = sum(rowOf(rows, first));
  checkSums("multinomial", rows, w, trials, 0, `one number of trials, ${trials} in row ${first}`);
  if (trials === 0) throw new DataError("A fit of multinomial needs a count above 0; all are 0.");
  return multinomialLaw({ trials, probabilities: mean.map((m) => m / trials) });
}

/** Refuses rows whose sum is another one. */
function checkSums(
  family: string,
  rows: Matrix,
  w: readonly number[],
  total: number,
  slack: number,
  what: string,
): void {
  const wrong = w.findIndex((weight, i) => weight > 0 && Math.abs(sum(rowOf(rows, i)) - total) > slack);
  if (wrong >= 0)
    throw new DataError(`A fit of ${family} needs rows of ${what}; row ${wrong} sums to ${sum(rowOf(rows, wrong))}.`);
}

/** Rows whose relative variances are no larger are equal but for rounding. */
const EQUAL = 1e-24;

/** Σ log x over rows, by columns, divided by Σ w. */
function meanLogs(rows: Matrix, weights: readonly number[], total: number): Float64Array {
  const logs = new Float64Array(rows.columns);
  for (let i = 0; i < rows.rows; i++)
    rowOf(rows, i).forEach((v, j) => {
      if (weights[i]! > 0) logs[j]! += (weights[i]! * Math.log(v)) / total;
    });
  return logs;
}

/**
 * Dirichlet of largest likelihood from rows of positive shares: Newton's method on ψ(α_k) − ψ(Σα) = E log x_k, whose
 * Hessian is a diagonal plus a constant. Minka 2000, "Estimating a Dirichlet distribution", section 1.
 */
export function dirichlet(x: MatrixLike, weights?: Numbers): Dirichlet {
  const rows = matrixOf(x);
  const { mean, total, weights: w, covariance } = columnMoments("dirichlet", rows, weights, UNIT);
  checkSums("dirichlet", rows, w, 1, 1e-9, "sum 1");
  const logs = meanLogs(rows, w, total);
  const variances = covariance().data.filter((_, i) => i % (rows.columns + 1) === 0);
  const widest = variances.indexOf(Math.max(...variances));
  const [m, variance] = [mean[widest]!, variances[widest]!];
  if (!(variance > EQUAL * m * m)) throw new DataError("A fit of dirichlet needs rows that are not all equal.");
  const start = Math.max((m * (1 - m)) / variance - 1, 0.1);
  let alpha = mean.map((m) => m * start);
  for (let i = 0; i < 200; i++) {
    const whole = sum(alpha);
    const gradient = alpha.map((a, k) => digamma(whole) - digamma(a) + logs[k]!);
    const diagonal = alpha.map((a) => -trigamma(a));
    const constant = trigamma(whole);
    const b = sum(gradient.map((g, k) => g / diagonal[k]!)) / (1 / constant + sum(diagonal.map((q) => 1 / q)));
    const step = gradient.map((g, k) => (g - b) / diagonal[k]!);
    const before = alpha;
    alpha = alpha.map((a, k) => Math.max(a - step[k]!, a / 5));
    if (alpha.every((a, k) => Math.abs(a - before[k]!) <= 1e-13 * a)) break;
  }
  return dirichletLaw({ concentration: alpha });
}

/**
 * Refuses counts that spread no more than multinomial ones, whose likelihood grows for ever with the concentrations: those with
 * Σ x(x − 1)/p ≤ Σ n(n − 1). Levin & Reeds 1977, "Compound multinomial likelihood functions are unimodal".
 */
function refuseNarrow(
  rows: Matrix,
  w: readonly number[],
  mean: Float64Array,
  sizes: readonly number[],
  whole: number,
): void {
  const pairs = (n: number) => n * (n - 1);
  const excess = sizes.reduce((total, n, r) => {
    const own = rowOf(rows, r).reduce((s, x, k) => s + (pairs(x) * whole) / mean[k]!, 0);
    return w[r]! > 0 ? total + w[r]! * (own - pairs(n)) : total;
  }, 0);
  if (!(excess > 0))
    throw new DataError(
      "A fit of dirichletMultinomial needs counts that vary more from row to row than those of a multinomial; fit that instead.",
    );
}

/**
 * Concentrations of a Dirichlet-multinomial law of largest likelihood from rows of counts (each row of its own size), by
 * Minka's fixed point α_k ← α_k Σ (ψ(x_ik + α_k) − ψ(α_k)) / Σ (ψ(n_i + Σα) − ψ(Σα)). Minka 2000, equation 55.
 */
export function polya(x: MatrixLike, weights?: Numbers): Float64Array {
  const rows = matrixOf(x);
  const { mean, weights: w } = columnMoments("dirichletMultinomial", rows, weights, COUNT);
  const sizes = Array.from({ length: rows.rows }, (_, i) => sum(rowOf(rows, i)));
  const whole = sum(mean);
  if (!(whole > 0)) throw new DataError("A fit of dirichletMultinomial needs a count above 0.");
  const zero = mean.indexOf(0);
  if (zero >= 0)
    throw new DataError(
      `A fit of dirichletMultinomial needs a count above 0 in every column; column ${zero} has none.`,
    );
  refuseNarrow(rows, w, mean, sizes, whole);
  let alpha = mean.map((m) => (m / whole) * mean.length);
  for (let i = 0; i < 20_000; i++) {
    const total = sum(alpha);
    const below = sizes.reduce((s, n, r) => s + w[r]! * (digamma(n + total) - digamma(total)), 0);
    const before = alpha;
    alpha = alpha.map((a, k) => {
      let above = 0;
      for (let r = 0; r < rows.rows; r++) above += w[r]! * (digamma(rowOf(rows, r)[k]! + a) - digamma(a));
      return (a * above) / below;
    });
    if (alpha.every((a, k) => Math.abs(a - before[k]!) <= 1e-12 * a)) break;
  }
  return alpha;
}
