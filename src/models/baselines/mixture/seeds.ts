import { HostArray } from "../../../base/host.ts";
import { type Key, uniform } from "../../../random/index.ts";
import type { Params } from "../../contract.ts";
import type { MixtureConfig } from "./joint.ts";

/**
 * Components around examples far from one another: each next centre is drawn with the squared distance to the nearest one
 * before (k-means++, Arthur & Vassilvitskii 2007); its probabilities lie between the centre and the mean.
 */
export function seeded({ components }: MixtureConfig, x: HostArray<"float32">, key: Key): Params {
  const [count, size] = x.shape as [number, number];
  const example = (n: number) => x.data.subarray(n * size, (n + 1) * size);
  const draws = uniform(key, [components]).data;
  const mean = meanOf(x.data, count, size);
  const far = new Float64Array(count).fill(Number.POSITIVE_INFINITY);
  const logOdds = new Float32Array(components * size);
  for (let k = 0; k < components; k++) {
    const centre = example(k === 0 ? Math.floor(draws[0]! * count) : byWeight(far, draws[k]!));
    for (let i = 0; i < size; i++) {
      const p = 0.05 + 0.9 * (0.5 * mean[i]! + 0.5 * centre[i]!);
      logOdds[k * size + i] = Math.log(p / (1 - p));
    }
    for (let n = 0; n < count; n++) far[n] = Math.min(far[n]!, squaredDistance(example(n), centre));
  }
  return {
    weights: new HostArray("float32", [components], new Float32Array(components)),
    logOdds: new HostArray("float32", [components, size], logOdds),
  };
}

function meanOf(x: Float32Array, count: number, size: number): Float64Array {
  const mean = new Float64Array(size);
  for (let i = 0; i < x.length; i++) mean[i % size]! += x[i]! / count;
  return mean;
}

function squaredDistance(a: Float32Array, b: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += (a[i]! - b[i]!) ** 2;
  return sum;
}

/** The place at which the running sum of weights exceeds the share u of their sum. */
function byWeight(weights: Float64Array, u: number): number {
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  let rest = u * total;
  for (let i = 0; i < weights.length; i++) {
    rest -= weights[i]!;
    if (rest < 0) return i;
  }
  return weights.length - 1;
}
