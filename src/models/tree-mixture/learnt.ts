import type { DataSpec } from "../../data/types.ts";
import type { LearntTable, Params } from "../contract.ts";
import { mixtureOf } from "./fit.ts";
import { downwards } from "./trees.ts";

/** Bits up to which edges are told. */
const MOST_BITS = 40;

/** The edges of each tree with p(one) given the bit above; the root has none above it. */
export function treeTables({ shape }: DataSpec, params: Params): LearntTable[] {
  const { shares, trees } = mixtureOf(params);
  const size = trees[0]!.parents.length;
  if (size > MOST_BITS) return [];
  const nameOf = (i: number) => {
    const [, height, width] = shape as [number, number, number];
    return shape.length === 3 ? `row ${Math.floor(i / width) % height}, column ${i % width}` : `bit ${i}`;
  };
  return trees.map(({ parents, probabilities }, k) => ({
    title: trees.length === 1 ? "Tree" : `Tree ${k + 1}, with a share of ${(100 * shares[k]!).toFixed(1)} %`,
    head: ["bit", "below", "p(1 | 0 above)", "p(1 | 1 above)"],
    rows: Array.from(downwards(parents), (i) => [
      nameOf(i),
      parents[i]! < 0 ? "(root)" : nameOf(parents[i]!),
      probabilities[2 * i]!,
      probabilities[2 * i + 1]!,
    ]),
  }));
}

/** Independent numbers: shares, one of each root, two of each other bit; which bit is below which is not counted. */
export function freeTreeParameters(params: Params): number {
  const { trees } = mixtureOf(params);
  const each = ({ parents }: (typeof trees)[number]) => parents.reduce((sum, p) => sum + (p < 0 ? 1 : 2), 0);
  return trees.length - 1 + trees.reduce((sum, tree) => sum + each(tree), 0);
}
