import { logSumExp } from "../../base/log-sum-exp.ts";
import { drawNoise, type Toy } from "./toy.ts";

/** A curve drawn with a broad pen: the point at t, for t uniform on [0, 1), moved by noise. */
export interface Curve {
  at(t: number): readonly [x: number, y: number];
  /** Side of a square, from the point towards +x and +y (or -x and -y if negative), over which it is spread evenly. */
  readonly box?: number;
}

/** Points per curve of the midpoint rule that stands for the integral over t. */
const NODES = 800;

/** Coefficients of the exponent, lowest power first. */
const ERFC = [
  -1.26551223, 1.00002368, 0.37409196, 0.09678418, -0.18628806, 0.27886807, -1.13520398, 1.48851587, -0.82215223,
  0.17087277,
];

function polynomial(t: number): number {
  let sum = 0;
  for (let i = ERFC.length - 1; i >= 0; i--) sum = sum * t + ERFC[i]!;
  return sum;
}

/** Φ(x) for x ≤ 0 with relative error below 1.2e-7 (Press et al., Numerical Recipes, erfc by Chebyshev fitting). */
function lowerTail(x: number): number {
  const z = -x / Math.SQRT2;
  const t = 1 / (1 + 0.5 * z);
  return 0.5 * t * Math.exp(-z * z + polynomial(t));
}

/** Φ(b) - Φ(a) for a ≤ b, without cancellation in the upper tail. */
function between(a: number, b: number): number {
  if (a > 0) return lowerTail(-a) - lowerTail(-b);
  return b > 0 ? 1 - lowerTail(a) - lowerTail(-b) : lowerTail(b) - lowerTail(a);
}

/** Density at signed distance d of a Gaussian spread evenly over 0..box. */
function blurredSide(d: number, box: number, deviation: number): number {
  return between(Math.min(d, d - box) / deviation, Math.max(d, d - box) / deviation) / Math.abs(box);
}

const logs = new Float64Array(NODES);

/** log of the mean over nodes (x, y pairs) of the noise's density around them: a Gaussian, or a square blurred by one. */
function logMean(nodes: Float64Array, box: number, deviation: number, x: number, y: number): number {
  const precision = 1 / (2 * deviation * deviation);
  for (let i = 0; i < NODES; i++) {
    const dx = x - nodes[2 * i]!;
    const dy = y - nodes[2 * i + 1]!;
    logs[i] =
      box === 0
        ? -precision * (dx * dx + dy * dy)
        : Math.log(blurredSide(dx, box, deviation) * blurredSide(dy, box, deviation));
  }
  return logSumExp(logs) - Math.log(NODES) - (box === 0 ? Math.log(2 * Math.PI * deviation * deviation) : 0);
}

const nodesOf = (curve: Curve) =>
  Float64Array.from(Array.from({ length: NODES }, (_, i) => curve.at((i + 0.5) / NODES)).flat());

/** Curves of equal weight with Gaussian noise of the given deviation around them. */
export function curves(branches: readonly Curve[], deviation: number, entropy: number): Toy {
  let nodes: readonly Float64Array[] | undefined; // made when the density is first asked for
  return {
    components: branches.length,
    entropy,
    via: "-∫ p log p on a grid; p is an integral along the curves",
    sample(k, count) {
      const { u, z } = drawNoise(k, count, 4, 2);
      const labels = Uint8Array.from({ length: count }, (_, i) => Math.floor(u(i, 0) * branches.length));
      const x = new Float32Array(2 * count);
      labels.forEach((label, i) => {
        const { at, box = 0 } = branches[label]!;
        const point = at(u(i, 1));
        for (const axis of [0, 1] as const)
          x[2 * i + axis] = point[axis] + box * u(i, 2 + axis) + deviation * z(i, axis);
      });
      return { x, labels };
    },
    logProb(x, y) {
      nodes ??= branches.map(nodesOf);
      const each = nodes.map((on, b) => logMean(on, branches[b]!.box ?? 0, deviation, x, y));
      return logSumExp(each) - Math.log(branches.length);
    },
  };
}
