import { DataError } from "../../base/errors.ts";
import { fold, type Key, permutation } from "../../random/index.ts";
import { inverseCdf, uniforms64 } from "../tables/sample.ts";

/** What clusters are wanted of. */
interface Wanted {
  readonly states: number;
  readonly dimension: number;
  /** Whether clusters are stretches of the sequences in their order. */
  readonly leftRight: boolean;
}

/** Steps without gaps, with the cluster of each. */
interface Clusters {
  readonly steps: Float64Array;
  readonly members: readonly number[];
}

/** The most steps that are looked at, and rounds of k-means. */
const MOST = 20_000;
const ROUNDS = 10;

/** Complete steps in clusters: by k-means from k-means++ seeds (Arthur & Vassilvitskii 2007), or as stretches of time. */
export function seededClusters(sequences: readonly Float64Array[], wanted: Wanted, key: Key): Clusters {
  const { states, dimension: d, leftRight } = wanted;
  const rows: Float64Array[] = [];
  const stretches: number[] = [];
  for (const sequence of sequences) {
    const length = sequence.length / d;
    for (let t = 0; t < length; t++) {
      const row = sequence.subarray(t * d, (t + 1) * d);
      if (row.some(Number.isNaN)) continue;
      rows.push(row);
      stretches.push(Math.min(states - 1, Math.floor((t * states) / length)));
    }
  }
  if (rows.length < states)
    throw new DataError(
      `${rows.length} steps are complete, too few to begin ${states} states from: give more data, or a start of your own.`,
    );
  const chosen = permutation(fold(key, "steps"), rows.length).subarray(0, MOST);
  const picked = Array.from(chosen, (i) => rows[i]!);
  const steps = new Float64Array(picked.length * d);
  picked.forEach((row, i) => {
    steps.set(row, i * d);
  });
  const members = leftRight ? Array.from(chosen, (i) => stretches[i]!) : kMeans(picked, states, key);
  return { steps, members };
}

function squaredDistance(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let j = 0; j < a.length; j++) sum += (a[j]! - b[j]!) ** 2;
  return sum;
}

function plusPlus(rows: readonly Float64Array[], states: number, key: Key): Float64Array[] {
  const u = uniforms64(fold(key, "seeds"), states);
  const centres = [rows[Math.floor(u[0]! * rows.length)]!];
  const far = new Float64Array(rows.length).fill(Number.POSITIVE_INFINITY);
  while (centres.length < states) {
    let total = 0;
    rows.forEach((row, i) => {
      far[i] = Math.min(far[i]!, squaredDistance(row, centres.at(-1)!));
      total += far[i]!;
    });
    centres.push(rows[inverseCdf(far, u[centres.length]! * total)]!);
  }
  return centres.map((row) => row.slice());
}

function kMeans(rows: readonly Float64Array[], states: number, key: Key): number[] {
  const centres = plusPlus(rows, states, key);
  let members: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    members = rows.map((row) => {
      let [best, least] = [0, Number.POSITIVE_INFINITY];
      centres.forEach((centre, i) => {
        const distance = squaredDistance(row, centre);
        if (distance < least) [best, least] = [i, distance];
      });
      return best;
    });
    const sizes = new Float64Array(states);
    for (const i of members) sizes[i]!++;
    centres.forEach((centre, i) => {
      if (sizes[i]! > 0) centre.fill(0);
    });
    rows.forEach((row, t) => {
      const i = members[t]!;
      for (let j = 0; j < row.length; j++) centres[i]![j]! += row[j]! / sizes[i]!;
    });
  }
  return members;
}
