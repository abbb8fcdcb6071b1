import type { Expected, MomentLaw } from "../gaussian/law.ts";

/** Weighted moments of K components about a shift: see Statistics. */
interface Moments {
  readonly members: Float64Array;
  readonly shift: Float64Array;
  readonly first: Float64Array;
  readonly second: Float64Array;
}

/** Shares that no moment can show in double precision: members of a component, by which it is divided, are more than 1e-15. */
const NOTHING = 1e-40;

/** Up to four rows: where they start in x, and their weights. */
interface Four {
  readonly starts: Float64Array;
  readonly weights: Float64Array;
  count: number;
}

/**
 * Adds rows x [n, D] with shares [n, K] to moments whose second ones are matrices or their diagonals; gaps by what a
 * component's law expects of them. Rows go four at a time, and each sum receives them in their order: it does not depend
 * on how they are cut into blocks.
 */
export function addMoments(
  moments: Moments,
  matrix: boolean,
  laws: readonly MomentLaw[],
  shares: Float64Array,
  x: Float64Array,
): void {
  const K = moments.members.length;
  const D = moments.first.length / K;
  const gaps = gapsOf(x, D);
  const add = matrix ? outerAdder(moments, D) : squaresAdder(moments, D);
  const four: Four = { starts: new Float64Array(4), weights: new Float64Array(4), count: 0 };
  for (let k = 0; k < K; k++) {
    for (let n = 0; n < gaps.length; n++) {
      const r = shares[n * K + k]!;
      if (!(r > NOTHING)) continue;
      if (four.count === 4 || gaps[n]) add(k, x, four);
      if (!gaps[n]) take(four, n * D, r);
      else {
        const expected = laws[k]!.expected(x.subarray(n * D, (n + 1) * D));
        take(four, 0, r);
        add(k, expected.mean, four);
        addSpread(moments, matrix, k * D, D, r, expected);
      }
    }
    add(k, x, four);
  }
}

/** Which rows have gaps. */
function gapsOf(x: Float64Array, D: number): Uint8Array {
  const gaps = new Uint8Array(x.length / D);
  for (let n = 0, at = 0; n < gaps.length; n++)
    for (const end = at + D; at < end; at++) if (Number.isNaN(x[at]!)) gaps[n] = 1;
  return gaps;
}

function take(four: Four, start: number, weight: number): void {
  four.starts[four.count] = start;
  four.weights[four.count++] = weight;
}

/** Lets the first row stand for those that are not there, with weight 0. */
function padded({ starts, weights, count }: Four): void {
  starts.fill(starts[0]!, count);
  weights.fill(0, count);
}

/** Adds rows of x to those moments of component k; there are then no rows left. */
type Adder = (k: number, x: Float64Array, four: Four) => void;

/** Adds Σ r off and Σ r off², where off is a row less the shift. */
function squaresAdder({ shift, first, second }: Moments, D: number): Adder {
  return (k, x, four) => {
    if (four.count === 0) return;
    padded(four);
    const [p0, p1, p2, p3] = four.starts as unknown as [number, number, number, number];
    const [r0, r1, r2, r3] = four.weights as unknown as [number, number, number, number];
    for (let i = 0, at = k * D; i < D; i++, at++) {
      const m = shift[at]!;
      const a = x[p0 + i]! - m;
      const b = x[p1 + i]! - m;
      const c = x[p2 + i]! - m;
      const d = x[p3 + i]! - m;
      const wa = r0 * a;
      const wb = r1 * b;
      const wc = r2 * c;
      const wd = r3 * d;
      first[at] = first[at]! + wa + wb + wc + wd;
      second[at] = second[at]! + wa * a + wb * b + wc * c + wd * d;
    }
    four.count = 0;
  };
}

/** Adds Σ r off and the lower triangle of Σ r off offᵀ; four rows lie side by side in `off` [D, 4]. */
function outerAdder({ shift, first, second }: Moments, D: number): Adder {
  const off = new Float64Array(4 * D);
  return (k, x, four) => {
    if (four.count === 0) return;
    padded(four);
    for (let lane = 0; lane < 4; lane++)
      for (let i = 0, p = four.starts[lane]!; i < D; i++) off[4 * i + lane] = x[p + i]! - shift[k * D + i]!;
    const [r0, r1, r2, r3] = four.weights as unknown as [number, number, number, number];
    for (let i = 0, at = k * D; i < D; i++, at++) {
      const a = r0 * off[4 * i]!;
      const b = r1 * off[4 * i + 1]!;
      const c = r2 * off[4 * i + 2]!;
      const d = r3 * off[4 * i + 3]!;
      first[at] = first[at]! + a + b + c + d;
      for (let to = at * D, q = 0, end = 4 * i; q <= end; to++, q += 4)
        second[to] = second[to]! + a * off[q]! + b * off[q + 1]! + c * off[q + 2]! + d * off[q + 3]!;
    }
    four.count = 0;
  };
}

/** Adds r times the conditional covariance of what is missing, which a row's means leave out. */
function addSpread(
  { second }: Moments,
  matrix: boolean,
  from: number,
  D: number,
  r: number,
  { missing, covariance: { data } }: Expected,
): void {
  const size = missing.length;
  missing.forEach((i, a) => {
    if (!matrix) second[from + i]! += r * data[a * size + a]!;
    else for (let b = 0; b <= a; b++) second[(from + i) * D + missing[b]!]! += r * data[a * size + b]!;
  });
}
