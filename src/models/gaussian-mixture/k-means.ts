import { fold, type Key, uniform } from "../../random/index.ts";
import { scaledSquares } from "../gaussian/squares.ts";
import { eachBlock } from "./rows.ts";

/** Rounds of k-means after k-means++. */
const ROUNDS = 100;

/** K centres [K, size] of points [n, size]: far from one another by k-means++ (Arthur & Vassilvitskii 2007), then k-means. */
export function centresOf(points: Float64Array, size: number, K: number, key: Key): Float64Array {
  const centres = spreadCentres(points, size, K, key);
  let before: Uint32Array | undefined;
  for (let round = 1; ; round++) {
    const nearest = nearestOf(points, size, centres);
    if (round === ROUNDS || before?.every((k, n) => k === nearest[n])) return centres;
    before = nearest;
    moveTo(centres, points, size, nearest);
  }
}

/** Moves each centre to the mean of the points that are nearest to it; one without any stays. */
function moveTo(centres: Float64Array, points: Float64Array, size: number, nearest: Uint32Array): void {
  const [members, sums] = [new Float64Array(centres.length / size), new Float64Array(centres.length)];
  for (let n = 0, at = 0; n < nearest.length; n++) {
    const k = nearest[n]!;
    members[k]!++;
    for (let to = k * size, end = to + size; to < end; to++, at++) sums[to]! += points[at]!;
  }
  for (let at = 0; at < sums.length; at++) {
    const n = members[Math.floor(at / size)]!;
    if (n > 0) centres[at] = sums[at]! / n;
  }
}

function spreadCentres(points: Float64Array, size: number, K: number, key: Key): Float64Array {
  const count = points.length / size;
  const draws = uniform(fold(key, "centres"), [K]).data;
  const centres = new Float64Array(K * size);
  const far = new Float64Array(count).fill(Number.POSITIVE_INFINITY);
  const [own, ones] = [new Float64Array(count), new Float64Array(size).fill(1)];
  for (let k = 0; k < K; k++) {
    const n = k === 0 ? Math.floor(draws[0]! * count) : byWeight(far, draws[k]!);
    const centre = points.slice(n * size, (n + 1) * size);
    centres.set(centre, k * size);
    scaledSquares(centre, ones, points, own);
    for (let m = 0; m < count; m++) far[m] = Math.min(far[m]!, own[m]!);
  }
  return centres;
}

/** The nearest of centres [K, size] to each of points [n, size], the first one of several. */
export function nearestOf(points: Float64Array, size: number, centres: Float64Array): Uint32Array {
  const nearest = new Uint32Array(points.length / size);
  const ones = new Float64Array(size).fill(1);
  eachBlock(points, size, (some, start) => {
    const own = new Float64Array(some.length / size);
    const least = new Float64Array(own.length).fill(Number.POSITIVE_INFINITY);
    for (let k = 0; k * size < centres.length; k++) {
      scaledSquares(centres.subarray(k * size, (k + 1) * size), ones, some, own);
      for (let n = 0; n < own.length; n++) {
        if (!(own[n]! < least[n]!)) continue;
        least[n] = own[n]!;
        nearest[start + n] = k;
      }
    }
  });
  return nearest;
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
