import { HostArray } from "../../base/host.ts";
import type { Iterate, Pair } from "../../numeric/optimize/index.ts";
import type { DirectGiven, DirectStep, Params } from "../contract.ts";
import type { Fitting, Prepared } from "./prepared.ts";

/** Weights [F, K] and intercepts [K] for features as they are, and the features' means in training, which stand for gaps. */
export interface LogisticParams {
  readonly weight: HostArray<"float64">;
  readonly bias: HostArray<"float64">;
  readonly mean: HostArray<"float64">;
}

/** An iterate as a step: coefficients for features as they are, and what the search needs to go on. */
export function told(
  { x: point, value, slope, pairs }: Iterate,
  ready: Prepared,
  { features, target }: Fitting,
  outputs: number,
): DirectStep {
  const { mean, centre, scale, present } = ready;
  const size = features.names.length;
  const all = target.classes.length === 2 ? 1 : target.classes.length;
  const weight = new Float64Array(size * all);
  const bias = new Float64Array(all).fill(all === 1 ? 0 : Number.NEGATIVE_INFINITY);
  for (let k = 0; k < outputs; k++) {
    const place = all === 1 ? 0 : present[k]!;
    let intercept = point[size * outputs + k]!;
    for (let f = 0; f < size; f++) {
      const w = point[f * outputs + k]! / scale[f]!;
      weight[f * all + place] = w;
      intercept -= w * centre[f]!;
    }
    bias[place] = intercept;
  }
  const params: LogisticParams = {
    weight: new HostArray("float64", [size, all], weight),
    bias: new HostArray("float64", [all], bias),
    mean: new HostArray("float64", [size], mean),
  };
  return { params: params as unknown as Params, state: stateOf(point, pairs), metrics: { loss: value, slope } };
}

/** What the search needs to go on. */
const stateOf = (point: Float64Array, pairs: readonly Pair[]): Params => {
  const stacked = (of: (pair: Pair) => Float64Array) => {
    const data = new Float64Array(pairs.length * point.length);
    pairs.forEach((pair, i) => {
      data.set(of(pair), i * point.length);
    });
    return new HostArray("float64", [pairs.length, point.length], data);
  };
  return {
    point: new HostArray("float64", [point.length], point),
    steps: stacked(({ step }) => step),
    changes: stacked(({ change }) => change),
  };
};

/** Where a search that was stopped goes on; undefined where nothing was kept. */
export function positionOf({ step, state }: NonNullable<DirectGiven["resume"]>) {
  const { point, steps, changes } = (state ?? {}) as { readonly [name: string]: HostArray<"float64"> };
  if (!point || !steps || !changes) return undefined;
  const row = (array: HostArray<"float64">, i: number) => array.data.slice(i * point.size, (i + 1) * point.size);
  const pairs = Array.from({ length: steps.shape[0]! }, (_, i) => ({ step: row(steps, i), change: row(changes, i) }));
  return { x: point.data, pairs, iteration: step };
}
