import { fold, type Key, uniform } from "../../random/index.ts";
import { centresOf, nearestOf } from "./k-means.ts";
import type { Layout } from "./layout.ts";
import { pointSize, pointsOf, scalesOf } from "./points.ts";
import type { Rows } from "./rows.ts";

/** Numbers, and rows of each cluster, among which clusters are sought: a sample where there are more. */
const [NUMBERS, ROWS] = [2 ** 22, 100];

/** Clusters of rows: the number of the one to which each of some rows [n, width] belongs. */
export type Clusters = (rows: Float64Array) => Uint32Array;

/**
 * Finds K clusters by k-means. Of many rows it looks at a sample drawn by the key, of 2²² numbers or of 100 rows a cluster,
 * whichever is more, wherever the rows are kept.
 */
export async function clustersOf(rows: Rows, layout: Layout, K: number, key: Key): Promise<Clusters> {
  const sample = await sampled(rows, layout, Math.max(ROWS * K, Math.floor(NUMBERS / layout.width)), key);
  const scales = scalesOf(sample, layout);
  const size = pointSize(layout);
  const centres = centresOf(pointsOf(sample, layout, scales), size, K, key);
  return (some) => nearestOf(pointsOf(some, layout, scales), size, centres);
}

/** At most so many rows in their order: one drawn from each of equal stretches. */
export async function sampled(rows: Rows, { width }: Layout, most: number, key: Key): Promise<Float64Array> {
  const count = Math.min(most, rows.count);
  const u = uniform(fold(key, "sample"), [count]).data;
  const from = (i: number) => Math.floor((i * rows.count) / count);
  const place = (i: number) => from(i) + Math.floor(u[i]! * (from(i + 1) - from(i)));
  const sample = new Float64Array(count * width);
  let [before, taken] = [0, 0];
  await rows.each((some) => {
    const after = before + some.length / width;
    for (; taken < count && place(taken) < after; taken++) {
      const at = (place(taken) - before) * width;
      sample.set(some.subarray(at, at + width), taken * width);
    }
    before = after;
  });
  return sample;
}
