import { UsageError } from "../../base/errors.ts";
import { HostArray } from "../../base/host.ts";
import { matmul } from "../../graph/index.ts";
import { addOuterProducts, fillLower, type Matrix } from "../../numeric/linear/index.ts";
import { bind } from "../bound.ts";
import type { DirectGiven, GraphFunction } from "../contract.ts";
import { eachChunk, refuseGaps, type VectorSpace } from "../vectors.ts";

/** Mean [d] and covariance [d, d] (divided by n) of n examples. */
export interface Moments {
  readonly count: number;
  readonly mean: Float64Array;
  readonly covariance: Matrix;
}

/** Multiplications above which the engine adds up outer products, in float32 for some examples and in float64 over all. */
const HEAVY = 5e8;

const outer: GraphFunction = {
  doc: "the sum of outer products of centred examples",
  noise: {},
  inputs: () => ({}),
  apply: (_, { x }) => ({ sum: matmul(x!, x!, { transposeA: true }) }),
};

/**
 * Mean and covariance in two passes: the mean in float64, then outer products of what is left. Large ones go through the
 * engine, 2,000 examples at a time in float32, which costs about 1e-6 of the largest entry; a constant column keeps
 * variance 0 exactly.
 */
export async function momentsOf(
  name: string,
  space: VectorSpace,
  { train, runtime }: Pick<DirectGiven, "train" | "runtime">,
  most = HEAVY,
): Promise<Moments> {
  const { size } = space;
  if (train.count < 2) throw new UsageError(`${name} needs at least two training examples; there are ${train.count}.`);
  const mean = new Float64Array(size);
  await eachChunk(train, (x) => {
    const rows = x.data;
    refuseGaps(name, space, rows);
    for (let i = 0, j = 0; i < rows.length; i++, j = j + 1 === size ? 0 : j + 1) mean[j]! += rows[i]!;
  });
  for (let j = 0; j < size; j++) mean[j]! /= train.count;
  const sum = new Float64Array(size * size);
  const heavy = space.data.values !== "table" && train.count * size * size > most;
  const engine = bind(runtime, {});
  await eachChunk(train, async (x) => {
    const rows = x.data;
    const centred = heavy ? new Float32Array(rows.length) : new Float64Array(rows.length);
    for (let i = 0, j = 0; i < rows.length; i++, j = j + 1 === size ? 0 : j + 1) centred[i] = rows[i]! - mean[j]!;
    if (!heavy) return addOuterProducts(sum, centred, size);
    const part = new HostArray("float32", [rows.length / size, size], centred as Float32Array);
    const { data } = (await engine.run(outer, { x: part })).sum!;
    for (let i = 0; i < sum.length; i++) sum[i]! += data[i]!;
  });
  if (!heavy) fillLower(sum, size);
  else
    for (let i = 0; i < size; i++)
      for (let j = 0; j < i; j++) {
        const both = 0.5 * (sum[i * size + j]! + sum[j * size + i]!);
        sum[i * size + j] = both;
        sum[j * size + i] = both;
      }
  for (let i = 0; i < sum.length; i++) sum[i]! /= train.count;
  return { count: train.count, mean, covariance: { rows: size, columns: size, data: sum } };
}

/** Throws where a number is the same in every example. */
export function refuseConstants(name: string, space: VectorSpace, { mean, covariance }: Moments): void {
  for (let i = 0; i < space.size; i++)
    if (!(covariance.data[i * (space.size + 1)]! > 1e-20 * (mean[i]! * mean[i]!)))
      throw new UsageError(
        `${space.label(i)} is ${mean[i]} in every training example, so ${name} finds no density: ${space.cure}.`,
      );
}
