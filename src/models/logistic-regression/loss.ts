import type { Objective } from "../../numeric/optimize/index.ts";

/** Rows of features [n, F] with their classes, and how the coefficients are penalised. */
export interface Problem {
  readonly x: Float64Array;
  readonly labels: Uint16Array;
  readonly features: number;
  /** Scores of a row: one for two classes, else one for each class. */
  readonly outputs: number;
  /** ½ λ_f of w_f² added to the mean loss, for each feature; undefined for none. */
  readonly ridge?: Float64Array;
}

/** The loss with the smallest lead of a true class over the best other one at the point looked at last. */
export interface Loss {
  readonly objective: Objective;
  margin(): number;
}

/**
 * The mean of −log p(y | x) in nats, plus ½ Σ λ_f w². Point: weights [F, K] row by row, then intercepts [K]. Two classes:
 * p(1 | x) = 1/(1 + exp(−z)), z = w·x + b; more: the softmax of z_k = w_k·x + b_k.
 */
export function logisticLoss(problem: Problem): Loss {
  const { x, labels, features, outputs, ridge } = problem;
  const rows = labels.length;
  let margin = Number.NaN;
  const z = new Float64Array(outputs);
  const row = outputs === 1 ? binaryRow(z) : softmaxRow(z);
  const objective: Objective = (point, gradient) => {
    gradient.fill(0);
    margin = Number.POSITIVE_INFINITY;
    const intercepts = features * outputs;
    let sum = 0;
    for (let n = 0; n < rows; n++) {
      for (let k = 0; k < outputs; k++) z[k] = point[intercepts + k]!;
      const at = n * features;
      for (let f = 0; f < features; f++) {
        const value = x[at + f]!;
        if (value !== 0) for (let k = 0; k < outputs; k++) z[k]! += value * point[f * outputs + k]!;
      }
      const { loss, lead } = row(labels[n]!);
      sum += loss;
      if (!(lead >= margin)) margin = lead;
      for (let k = 0; k < outputs; k++) gradient[intercepts + k]! += z[k]!;
      for (let f = 0; f < features; f++) {
        const value = x[at + f]!;
        if (value !== 0) for (let k = 0; k < outputs; k++) gradient[f * outputs + k]! += value * z[k]!;
      }
    }
    for (let i = 0; i < gradient.length; i++) gradient[i]! /= rows;
    return sum / rows + (ridge ? shrunk(ridge, point, gradient, outputs) : 0);
  };
  return { objective, margin: () => margin };
}

/** The loss of a row from its scores, which become p − 1[y]; and how far the true class leads. */
type Row = (y: number) => { readonly loss: number; readonly lead: number };

function binaryRow(z: Float64Array): Row {
  return (y) => {
    const score = z[0]!;
    const lead = y === 1 ? score : -score;
    const tail = Math.exp(-Math.abs(score));
    const p = score >= 0 ? 1 / (1 + tail) : tail / (1 + tail);
    z[0] = y === 1 ? (score >= 0 ? -tail / (1 + tail) : p - 1) : p;
    return { loss: Math.max(-lead, 0) + Math.log1p(tail), lead };
  };
}

function softmaxRow(z: Float64Array): Row {
  return (y) => {
    const truth = z[y]!;
    let [most, other] = [Number.NEGATIVE_INFINITY, Number.NEGATIVE_INFINITY];
    for (let k = 0; k < z.length; k++) {
      if (z[k]! > most) most = z[k]!;
      if (k !== y && z[k]! > other) other = z[k]!;
    }
    let [sum, rest] = [0, 0];
    for (let k = 0; k < z.length; k++) {
      const share = Math.exp(z[k]! - most);
      sum += share;
      if (k !== y) rest += share;
      z[k] = share;
    }
    for (let k = 0; k < z.length; k++) z[k] = k === y ? -rest / sum : z[k]! / sum;
    return { loss: most - truth + Math.log(sum), lead: truth - other };
  };
}

function shrunk(ridge: Float64Array, point: Float64Array, gradient: Float64Array, outputs: number): number {
  let sum = 0;
  for (let f = 0, i = 0; f < ridge.length; f++)
    for (let k = 0; k < outputs; k++, i++) {
      const slope = ridge[f]! * point[i]!;
      gradient[i]! += slope;
      sum += 0.5 * slope * point[i]!;
    }
  return sum;
}
