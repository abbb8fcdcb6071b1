import { ShapeError } from "../../base/errors.ts";
import type { Emission, EmissionSums } from "./emission.ts";

/** Coordinates of a step that an emission of its own shows. */
export interface EmissionBlock<E extends Emission = Emission> {
  /** Their places in the step. */
  readonly places: readonly number[];
  readonly emission: E;
}

/** Emissions made of blocks. */
export interface ProductEmission extends Emission {
  readonly blocks: readonly EmissionBlock[];
}

/** Steps of mixed kinds: p(step | state) = ∏ over blocks of coordinates of p(block | state). Each coordinate is in one block. */
export function productEmission(blocks: readonly EmissionBlock[]): ProductEmission {
  const places = blocks.flatMap((block) => block.places);
  const dimension = places.length;
  const states = blocks[0]?.emission.states ?? 0;
  const fits = blocks.every(({ places: own, emission }) => emission.dimension === own.length);
  if (!fits || [...places].sort((a, b) => a - b).some((place, i) => place !== i))
    throw new ShapeError(`Blocks of a step must hold each of its ${dimension} coordinates once; got ${places}.`);
  if (blocks.some(({ emission }) => emission.states !== states))
    throw new ShapeError("All blocks of a step must have the same number of states.");
  const starts = startsOf(blocks.map(({ emission }) => emission.sumSize ?? 0));
  const apart = blocks.some(({ emission }) => emission.sumSize === undefined);
  const draws = startsOf(blocks.map(({ emission }) => emission.words));
  return {
    family: "product",
    blocks,
    states,
    dimension,
    freedom: blocks.reduce((sum, { emission }) => sum + emission.freedom, 0),
    logProb: (steps, out) => {
      out.fill(0);
      const own = new Float64Array(out.length);
      for (const { places: of, emission } of blocks) {
        emission.logProb(taken(steps, dimension, of), own);
        for (let at = 0; at < out.length; at++) out[at]! += own[at]!;
      }
    },
    words: draws.at(-1)!,
    fill: (state, step, u) => {
      blocks.forEach(({ places: of, emission }, b) => {
        const own = taken(step, dimension, of);
        emission.fill(state, own, u.subarray(draws[b], draws[b + 1]));
        of.forEach((place, j) => {
          step[place] = own[j]!;
        });
      });
    },
    outlook: (weights) => ({ blocks: blocks.map(({ emission }) => emission.outlook(weights)) }),
    ...(apart ? {} : { sumSize: starts.at(-1)! }),
    sums: (values) => {
      const each: EmissionSums[] = blocks.map(({ emission }, b) =>
        values ? emission.sums(values.subarray(starts[b], starts[b + 1])) : emission.sums(),
      );
      return {
        add: (steps, posterior) => {
          for (const [b, { places: of }] of blocks.entries()) each[b]!.add(taken(steps, dimension, of), posterior);
        },
        solve: () => productEmission(blocks.map(({ places: of }, b) => ({ places: of, emission: each[b]!.solve() }))),
      };
    },
    logPrior: () => blocks.reduce((sum, { emission }) => sum + emission.logPrior(), 0),
  };
}

/** Where each of some stretches begins, and where the last ends. */
function startsOf(sizes: readonly number[]): number[] {
  const starts = [0];
  for (const size of sizes) starts.push(starts.at(-1)! + size);
  return starts;
}

/** Some coordinates of every step. */
export function taken(steps: Float64Array, dimension: number, places: readonly number[]): Float64Array {
  const own = new Float64Array((steps.length / dimension) * places.length);
  for (let t = 0, at = 0; t < steps.length; t += dimension) for (const place of places) own[at++] = steps[t + place]!;
  return own;
}
