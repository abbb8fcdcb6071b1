import { fold, type Key, uniform } from "../../random/index.ts";
import type { Layout } from "./layout.ts";

/** Rounds of k-means after k-means++. */
const ROUNDS = 100;

/** Rows as points whose squared distances mean something: real numbers and counts in standard deviations, levels as 0 and 1/√2, gaps as means. */
function pointsOf(rows: Float64Array, layout: Layout): { readonly points: Float64Array; readonly size: number } {
  const { width, reals, counts, levels } = layout;
  const count = rows.length / width;
  const numeric = [...reals, ...counts];
  const size = numeric.length + levels.reduce((sum, one) => sum + one.size, 0);
  const points = new Float64Array(count * size);
  numeric.forEach((place, i) => {
    let [seen, mean, squares] = [0, 0, 0];
    for (let at = place; at < rows.length; at += width) {
      if (Number.isNaN(rows[at]!)) continue;
      const off = rows[at]! - mean;
      mean += off / ++seen;
      squares += off * (rows[at]! - mean);
    }
    const scale = squares > 0 ? 1 / Math.sqrt(squares / seen) : 0;
    for (let n = 0; n < count; n++) {
      const value = rows[n * width + place]!;
      points[n * size + i] = Number.isNaN(value) ? 0 : (value - mean) * scale;
    }
  });
  let from = numeric.length;
  for (const { place, size: many } of levels) {
    for (let n = 0; n < count; n++) {
      const level = rows[n * width + place]!;
      if (!Number.isNaN(level)) points[n * size + from + level] = Math.SQRT1_2;
    }
    from += many;
  }
  return { points, size };
}

/** The nearest of K centres for every row: centres far from one another by k-means++ (Arthur & Vassilvitskii 2007), then k-means. */
export function clusters(rows: Float64Array, layout: Layout, K: number, key: Key): Uint32Array {
  const { points, size } = pointsOf(rows, layout);
  const count = rows.length / layout.width;
  const centres = spreadCentres(points, size, count, K, key);
  const nearest = new Uint32Array(count);
  for (let round = 0; round < ROUNDS; round++) {
    let moved = 0;
    const [members, sums] = [new Float64Array(K), new Float64Array(K * size)];
    for (let n = 0; n < count; n++) {
      const k = nearestOf(points, n * size, centres, K, size);
      if (k !== nearest[n] || round === 0) moved++;
      nearest[n] = k;
      members[k]!++;
      for (let i = 0; i < size; i++) sums[k * size + i]! += points[n * size + i]!;
    }
    if (moved === 0) break;
    for (let at = 0; at < sums.length; at++) {
      const n = members[Math.floor(at / size)]!;
      if (n > 0) centres[at] = sums[at]! / n;
    }
  }
  return nearest;
}

function spreadCentres(points: Float64Array, size: number, count: number, K: number, key: Key): Float64Array {
  const draws = uniform(fold(key, "centres"), [K]).data;
  const centres = new Float64Array(K * size);
  const far = new Float64Array(count).fill(Number.POSITIVE_INFINITY);
  for (let k = 0; k < K; k++) {
    const n = k === 0 ? Math.floor(draws[0]! * count) : byWeight(far, draws[k]!);
    centres.set(points.subarray(n * size, (n + 1) * size), k * size);
    for (let m = 0; m < count; m++)
      far[m] = Math.min(far[m]!, squaredDistance(points, m * size, centres, k * size, size));
  }
  return centres;
}

function nearestOf(points: Float64Array, at: number, centres: Float64Array, K: number, size: number): number {
  let [best, least] = [0, Number.POSITIVE_INFINITY];
  for (let k = 0; k < K; k++) {
    const distance = squaredDistance(points, at, centres, k * size, size);
    if (distance < least) [best, least] = [k, distance];
  }
  return best;
}

function squaredDistance(a: Float64Array, p: number, b: Float64Array, q: number, size: number): number {
  let sum = 0;
  for (let i = 0; i < size; i++) {
    const off = a[p + i]! - b[q + i]!;
    sum += off * off;
  }
  return sum;
}

/** The place at which the running sum of weights exceeds the share u of their sum. */
function byWeight(weights: Float64Array, u: number): number {
  let rest = u * weights.reduce((sum, weight) => sum + weight, 0);
  for (let i = 0; i < weights.length; i++) {
    rest -= weights[i]!;
    if (rest < 0) return i;
  }
  return Math.floor(u * weights.length);
}
