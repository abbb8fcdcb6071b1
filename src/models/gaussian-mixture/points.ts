import type { Layout } from "./layout.ts";

/** Means and inverse deviations of real numbers and counts. */
export interface Scales {
  readonly means: Float64Array;
  readonly scales: Float64Array;
}

const numeric = ({ reals, counts }: Layout) => [...reals, ...counts];

/** The scales of rows [n, width]; those of a constant are 0. */
export function scalesOf(rows: Float64Array, layout: Layout): Scales {
  const places = numeric(layout);
  const [means, scales] = [new Float64Array(places.length), new Float64Array(places.length)];
  for (const [i, place] of places.entries()) {
    let [seen, mean, squares] = [0, 0, 0];
    for (let at = place; at < rows.length; at += layout.width) {
      if (Number.isNaN(rows[at]!)) continue;
      const off = rows[at]! - mean;
      mean += off / ++seen;
      squares += off * (rows[at]! - mean);
    }
    means[i] = mean;
    scales[i] = squares > 0 ? 1 / Math.sqrt(squares / seen) : 0;
  }
  return { means, scales };
}

/** Numbers in the point of a row. */
export const pointSize = (layout: Layout) =>
  layout.reals.length + layout.counts.length + layout.levels.reduce((sum, { size }) => sum + size, 0);

/** Rows as points whose squared distances mean something: real numbers and counts in standard deviations, levels as 0 and 1/√2, gaps as means. */
export function pointsOf(rows: Float64Array, layout: Layout, { means, scales }: Scales): Float64Array {
  const { width, levels } = layout;
  const size = pointSize(layout);
  const places = numeric(layout);
  const points = new Float64Array((rows.length / width) * size);
  for (let at = 0, to = 0; at < rows.length; at += width, to += size) {
    for (let i = 0; i < places.length; i++) {
      const value = rows[at + places[i]!]!;
      points[to + i] = Number.isNaN(value) ? 0 : (value - means[i]!) * scales[i]!;
    }
    let from = to + places.length;
    for (const { place, size: many } of levels) {
      const level = rows[at + place]!;
      if (!Number.isNaN(level)) points[from + level] = Math.SQRT1_2;
      from += many;
    }
  }
  return points;
}
