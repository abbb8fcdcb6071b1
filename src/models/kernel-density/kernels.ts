import { logSumExp } from "../../base/log-sum-exp.ts";
import { logGamma } from "../../numeric/special/index.ts";
import { HALF_LOG_2PI } from "../gaussian/law.ts";

/** Equal kernels around centres [N, D] with a width along each number; numbers that are missing are integrated out. */
export interface Kernel {
  /** log p(x) of what is there; 0 where nothing is. */
  logProb(x: Float64Array, centres: Float64Array, widths: Float64Array): number;
  /** The logarithm of each centre's term, up to a constant. */
  logTerms(x: Float64Array, centres: Float64Array, widths: Float64Array): Float64Array;
  /** Writes draws of what is missing around a centre from D + extra standard normals. */
  fill(x: Float64Array, centre: Float64Array, widths: Float64Array, z: ArrayLike<number>): void;
  readonly extra: number;
}

/** ‖(x − c)/h‖² over what is there, for each centre; and how many numbers that are, with Σ log h of them. */
function distances(x: Float64Array, centres: Float64Array, widths: Float64Array) {
  const D = x.length;
  const squares = new Float64Array(centres.length / D);
  const scales = widths.map((h) => 1 / h);
  let [seen, volume] = [0, 0];
  for (let i = 0; i < D; i++) {
    if (Number.isNaN(x[i]!)) continue;
    seen++;
    volume += Math.log(widths[i]!);
    for (let n = 0, at = i; n < squares.length; n++, at += D) squares[n]! += ((x[i]! - centres[at]!) * scales[i]!) ** 2;
  }
  return { squares, seen, volume };
}

const gaussian: Kernel = {
  extra: 0,
  logTerms: (x, centres, widths) => distances(x, centres, widths).squares.map((square) => -0.5 * square),
  logProb: (x, centres, widths) => {
    const { squares, seen, volume } = distances(x, centres, widths);
    const sum = logSumExp(squares.map((square) => -0.5 * square));
    return sum - Math.log(squares.length) - volume - seen * HALF_LOG_2PI;
  },
  fill: (x, centre, widths, z) => {
    for (let i = 0; i < x.length; i++) if (Number.isNaN(x[i]!)) x[i] = centre[i]! + widths[i]! * z[i]!;
  },
};

/** log of the density at the centre of (1 − r²)^p on the unit ball of m dimensions: Γ(m/2 + p + 1) / (π^{m/2} Γ(p + 1)). */
const logBall = (m: number, p: number) => logGamma(m / 2 + p + 1) - (m / 2) * Math.log(Math.PI) - logGamma(p + 1);

/**
 * K(u) ∝ 1 − ‖u‖² on the unit ball of D dimensions. A marginal of m of them is ∝ (1 − ‖u‖²)^{1 + (D − m)/2}; given them, the
 * others are √(1 − ‖u‖²) times a draw from the same kernel in D − m dimensions, which is the first D − m coordinates of
 * a point on the sphere in D − m + 4.
 */
const epanechnikov: Kernel = {
  extra: 4,
  logTerms: (x, centres, widths) => {
    const { squares, seen } = distances(x, centres, widths);
    const power = 1 + (x.length - seen) / 2;
    return squares.map((square) => (square < 1 ? power * Math.log1p(-square) : Number.NEGATIVE_INFINITY));
  },
  logProb: (x, centres, widths) => {
    const { squares, seen, volume } = distances(x, centres, widths);
    if (seen === 0) return 0;
    const power = 1 + (x.length - seen) / 2;
    const terms = squares.map((square) => (square < 1 ? power * Math.log1p(-square) : Number.NEGATIVE_INFINITY));
    return logSumExp(terms) + logBall(seen, power) - volume - Math.log(squares.length);
  },
  fill: (x, centre, widths, z) => {
    const missing: number[] = [];
    let square = 0;
    for (let i = 0; i < x.length; i++)
      if (Number.isNaN(x[i]!)) missing.push(i);
      else square += ((x[i]! - centre[i]!) / widths[i]!) ** 2;
    const size = missing.length + 4;
    let length = 0;
    for (let j = 0; j < size; j++) length += z[j]! ** 2;
    const scale = Math.sqrt(Math.max(0, 1 - square) / length);
    missing.forEach((i, j) => {
      x[i] = centre[i]! + widths[i]! * scale * z[j]!;
    });
  },
};

/** The kernel of that name. */
export const kernelOf = (name: "gaussian" | "epanechnikov"): Kernel => (name === "gaussian" ? gaussian : epanechnikov);
