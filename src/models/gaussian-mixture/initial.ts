import { HostArray } from "../../base/host.ts";
import { sizeOf } from "../../base/shape.ts";
import { type Key, normal } from "../../random/index.ts";
import type { Params } from "../contract.ts";
import { array, type MixtureParams } from "./components.ts";
import type { Layout } from "./layout.ts";
import type { MixtureConfig } from "./options.ts";
import { needsMatrix } from "./statistics.ts";

/** Components of unit variances around random points, before any fit; in float32 unless `wide`. */
export function randomMixture(key: Key, layout: Layout, config: MixtureConfig, wide: boolean): Params {
  const params = unitComponents(key, layout, config);
  if (wide) return params as unknown as Params;
  const { weights, means, covariances } = params;
  const narrow = (a: HostArray<"float64">) => new HostArray("float32", a.shape, Float32Array.from(a.data));
  return { weights: narrow(weights), means: narrow(means!), covariances: narrow(covariances!) };
}

function unitComponents(key: Key, layout: Layout, { components: K, covariance }: MixtureConfig): MixtureParams {
  const [D, C] = [layout.reals.length, layout.counts.length];
  const shape = { full: [K, D, D], tied: [D, D], diagonal: [K, D], spherical: [K] }[covariance];
  const one = (at: number) => (needsMatrix(covariance) ? Number((at % (D * D)) % (D + 1) === 0) : 1);
  const ones = Float64Array.from({ length: sizeOf(shape) }, (_, at) => one(at));
  return {
    weights: array([K], new Float64Array(K).fill(1 / K)),
    ...(D > 0
      ? { means: array([K, D], Float64Array.from(normal(key, [K * D]).data)), covariances: array(shape, ones) }
      : {}),
    ...(layout.levels.length > 0
      ? { levels: layout.levels.map(({ size }) => array([K, size], new Float64Array(K * size).fill(1 / size))) }
      : {}),
    ...(C > 0 ? { rates: array([K, C], new Float64Array(K * C).fill(1)) } : {}),
  };
}
