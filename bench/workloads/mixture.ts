import type { Params } from "../../src/models/contract.ts";
import { array } from "../../src/models/gaussian-mixture/components.ts";
import { layoutOf } from "../../src/models/gaussian-mixture/layout.ts";
import { gaussianMixtureOptions } from "../../src/models/gaussian-mixture/options.ts";
import { roundsOver } from "../../src/models/gaussian-mixture/rounds.ts";
import { held } from "../../src/models/gaussian-mixture/rows.ts";
import { surveyed } from "../../src/models/gaussian-mixture/survey.ts";
import { key, normal } from "../../src/random/index.ts";
import type { Workload } from "../harness.ts";

interface Size {
  readonly rows: number;
  readonly width: number;
  readonly covariance: "diagonal" | "full";
}

const K = 10;

/** Ten components of variance 1 around the first ten rows. */
function startAt(rows: Float64Array, { width: D, covariance }: Size): Params {
  const full = covariance === "full";
  const size = K * D * (full ? D : 1);
  const ones = Float64Array.from({ length: size }, (_, at) => (full ? Number((at % (D * D)) % (D + 1) === 0) : 1));
  return {
    weights: array([K], new Float64Array(K).fill(1 / K)),
    means: array([K, D], rows.slice(0, K * D)),
    covariances: array(full ? [K, D, D] : [K, D], ones),
  } as unknown as Params;
}

/** One round of expectation-maximisation over standard normal rows, on the host. */
function roundOf(size: Size): Workload {
  const { rows: count, width, covariance } = size;
  return {
    name: `mixture/${covariance}-${count}x${width}`,
    prepare: async () => {
      const rows = Float64Array.from(normal(key(1), [count, width]).data);
      const layout = layoutOf("gaussian-mixture", { shape: [width], values: "real" }, { counts: false });
      const config = gaussianMixtureOptions.parse({ components: K, covariance });
      const fitting = { name: "gaussian-mixture", layout, config };
      const rounds = await roundsOver(fitting, await surveyed(fitting, held(rows, width)));
      let params = startAt(rows, size);
      const step = async () => {
        ({ params } = await rounds.next({ params }));
      };
      return { step, release: async () => {} };
    },
  };
}

/** Rounds of mixtures of ten normals, of the sizes of images and of a wide table. */
export const mixtureWorkloads: readonly Workload[] = [
  roundOf({ rows: 60_000, width: 784, covariance: "diagonal" }),
  roundOf({ rows: 20_000, width: 64, covariance: "full" }),
];
