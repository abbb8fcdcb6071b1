import { UsageError } from "../../base/errors.ts";
import { HostArray } from "../../base/host.ts";
import { logSumExp } from "../../base/log-sum-exp.ts";
import type { Matrix } from "../../numeric/linear/index.ts";
import type { DirectGiven, DirectStep } from "../contract.ts";
import { vector } from "../factors/pca.ts";
import { HALF_LOG_2PI } from "../gaussian/law.ts";
import { gathered, type VectorSpace } from "../vectors.ts";

/** What is said about the kernels. */
export interface KernelOptions {
  readonly kernel: "gaussian" | "epanechnikov";
  readonly bandwidth: number | "scott" | "silverman" | "cross-validation";
}

/** Most examples that leave-one-out looks at. */
const LOOKED = 2000;

/** Standard deviations (divided by n − 1) of numbers; throws where one is constant. */
function deviations({ rows, columns: D, data }: Matrix, space: VectorSpace): Float64Array {
  return Float64Array.from({ length: D }, (_, i) => {
    let [mean, squares] = [0, 0];
    for (let n = 0; n < rows; n++) {
      const off = data[n * D + i]! - mean;
      mean += off / (n + 1);
      squares += off * (data[n * D + i]! - mean);
    }
    if (!(squares > 0))
      throw new UsageError(
        `${space.label(i)} is ${data[i]} in every training example, so no rule gives a width of kernels: ${space.cure}, or say it with --set bandwidth=1.`,
      );
    return Math.sqrt(squares / (rows - 1));
  });
}

/** Mean of log p of each example under normal kernels around the others, widths factor·σ. */
export function leaveOneOut({ rows, columns: D, data }: Matrix, sigma: Float64Array, factor: number): number {
  const looked = Math.min(rows, LOOKED);
  const logWidths = sigma.reduce((sum, s) => sum + Math.log(s * factor), 0);
  let total = 0;
  const terms = new Float64Array(looked);
  for (let n = 0; n < looked; n++) {
    for (let m = 0; m < looked; m++) {
      let square = 0;
      for (let i = 0; i < D; i++) square += ((data[n * D + i]! - data[m * D + i]!) / (sigma[i]! * factor)) ** 2;
      terms[m] = m === n ? Number.NEGATIVE_INFINITY : -0.5 * square;
    }
    total += logSumExp(terms) - Math.log(looked - 1) - logWidths - D * HALF_LOG_2PI;
  }
  return total / looked;
}

/** The factor between 0.01 and 3 whose leave-one-out likelihood is greatest: a grid, then golden sections. */
function validated(x: Matrix, sigma: Float64Array): number {
  const rated = (log: number) => leaveOneOut(x, sigma, Math.exp(log));
  const grid = Array.from({ length: 12 }, (_, i) => Math.log(0.01) + (i * Math.log(300)) / 11);
  const scores = grid.map(rated);
  const best = scores.indexOf(Math.max(...scores));
  let [low, high] = [grid[Math.max(0, best - 1)]!, grid[Math.min(11, best + 1)]!];
  const golden = (Math.sqrt(5) - 1) / 2;
  let [a, b] = [high - golden * (high - low), low + golden * (high - low)];
  let [fa, fb] = [rated(a), rated(b)];
  while (high - low > 1e-3) {
    if (fa < fb) {
      [low, a, fa] = [a, b, fb];
      b = low + golden * (high - low);
      fb = rated(b);
    } else {
      [high, b, fb] = [b, a, fa];
      a = high - golden * (high - low);
      fa = rated(a);
    }
  }
  return Math.exp((low + high) / 2);
}

/** Keeps the examples, and finds the widths; those of rules are for normal kernels, and make others as wide in variance. */
export async function* fitKernels(
  space: VectorSpace,
  { kernel, bandwidth }: KernelOptions,
  { train }: DirectGiven,
): AsyncGenerator<DirectStep> {
  if (train.count < 2)
    throw new UsageError(`kernel-density needs at least two training examples; there are ${train.count}.`);
  const x = await gathered("kernel-density", space, train);
  const [n, D] = [x.rows, x.columns];
  const widths = (): Float64Array => {
    if (typeof bandwidth === "number") return new Float64Array(D).fill(bandwidth);
    const sigma = deviations(x, space);
    const rules = {
      scott: () => n ** (-1 / (D + 4)),
      silverman: () => ((n * (D + 2)) / 4) ** (-1 / (D + 4)),
      "cross-validation": () => validated(x, sigma),
    };
    const factor = rules[bandwidth]() * (kernel === "gaussian" ? 1 : Math.sqrt(D + 4));
    return sigma.map((s) => s * factor);
  };
  yield { params: { centres: new HostArray("float64", [n, D], x.data), widths: vector(widths()) }, done: 1 };
}
