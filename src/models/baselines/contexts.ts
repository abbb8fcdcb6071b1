import { sizeOf } from "../../base/shape.ts";

/**
 * For every variable of an example the `order` earlier ones nearest to it, nearest first: of images the pixels left,
 * above and so on by Euclidean distance, of vectors the last ones. The first variables have fewer.
 */
export function contextsOf(shape: readonly number[], order: number): Uint32Array[] {
  const places = Array.from({ length: sizeOf(shape) }, (_, i) => placeOf(i, shape));
  return places.map((here, i) => {
    const near: { j: number; far: number }[] = [];
    for (let j = 0; j < i; j++) {
      const far = distance(here, places[j]!, order);
      if (far !== undefined) near.push({ j, far });
    }
    near.sort((a, b) => a.far - b.far || b.j - a.j);
    return Uint32Array.from(near.slice(0, order), ({ j }) => j);
  });
}

function placeOf(index: number, shape: readonly number[]): number[] {
  const place: number[] = [];
  let rest = index;
  for (const length of [...shape].reverse()) {
    place.unshift(rest % length);
    rest = Math.floor(rest / length);
  }
  return place;
}

/** Squared distance; undefined beyond `most` steps along an axis, where none of the `most` nearest can be. */
function distance(a: readonly number[], b: readonly number[], most: number): number | undefined {
  let sum = 0;
  for (let axis = 0; axis < a.length; axis++) {
    const step = a[axis]! - b[axis]!;
    if (Math.abs(step) > most) return undefined;
    sum += step * step;
  }
  return sum;
}
