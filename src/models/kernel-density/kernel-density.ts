import { z } from "zod";
import { UsageError } from "../../base/errors.ts";
import { HostArray } from "../../base/host.ts";
import type { DataSpec } from "../../data/types.ts";
import { fold, type Key, normal, uniform } from "../../random/index.ts";
import type { Bound } from "../bound.ts";
import type { GenerativeModel, ModelEntry, Numbers } from "../contract.ts";
import { initial, vector, wide } from "../factors/pca.ts";
import { oneStep, withGaps } from "../tables.ts";
import { vectorSpace } from "../vectors.ts";
import { fitKernels } from "./fit.ts";
import { kernelOf } from "./kernels.ts";

/** Options of kernel density. */
export const kernelDensityOptions = z.strictObject({
  kernel: z.enum(["gaussian", "epanechnikov"]).default("gaussian").describe("shape of the kernels"),
  bandwidth: z
    .union([z.number().positive(), z.enum(["scott", "silverman", "cross-validation"])])
    .default("scott")
    .describe(
      "width: one number for all columns, or a share of each column's deviation by a rule, or by leave-one-out likelihood",
    ),
});

type Floats = HostArray<"float64">;

/** Parameters: the training examples [N, D], and the width of the kernels along each number [D]. */
export interface KernelParams {
  readonly centres: Floats;
  readonly widths: Floats;
}

/** Kernel density with what it can do. */
export type KernelDensity = GenerativeModel<"sample" | "logProb" | "complete">;

/**
 * Kernel density: p(x) = 1/N Σₙ K((x − xₙ)/h)/∏ᵢ hᵢ, equal kernels around all training examples (Parzen 1962). Marginals and
 * conditionals are exact for both kernels.
 */
export function kernelDensity(options: Readonly<Record<string, unknown>>, data: DataSpec): KernelDensity {
  const config = kernelDensityOptions.parse(options);
  const space = vectorSpace("kernel-density", data, { density: true });
  const { size: D } = space;
  const kernel = kernelOf(config.kernel);

  const filled = (on: Bound, rows: Float64Array, key: Key): Float64Array => {
    const { centres, widths } = wide<KernelParams>(on.params);
    const count = rows.length / D;
    const u = uniform(fold(key, "centre"), [count]).data;
    const normals = D + kernel.extra;
    const z = normal(fold(key, "kernel"), [count, normals]).data;
    for (let n = 0; n < count; n++) {
      const x = rows.subarray(n * D, (n + 1) * D);
      const c = chosen(kernel.logTerms(x, centres.data, widths.data), u[n]!);
      const centre = centres.data.subarray(c * D, (c + 1) * D);
      kernel.fill(x, centre, widths.data, z.subarray(n * normals, (n + 1) * normals));
    }
    return rows;
  };

  return {
    name: "kernel-density",
    config,
    data,
    ...(space.encoding ? { encoding: space.encoding } : {}),
    conditional: false,
    init: (key) =>
      initial(space, {
        centres: new HostArray("float64", [1, D], Float64Array.from(normal(key, [D]).data)),
        widths: vector(new Float64Array(D).fill(1)),
      }),
    learning: { kind: "direct", fit: (given) => fitKernels(space, config, given) },
    functions: {},
    learnt: (params) => {
      const { centres, widths } = wide<KernelParams>(params);
      const rows = Array.from(widths.data, (width, i) => [space.label(i).replace(/^The column /, ""), width] as const);
      return [{ title: `Widths of ${centres.shape[0]} kernels`, head: ["", "width"], rows }];
    },
    sample: async (on, { count, key, temperature = 1 }) => {
      if (temperature !== 1)
        throw new UsageError("kernel-density draws from its distribution as it is: leave the temperature at 1.");
      return space.close(filled(on, new Float64Array(count * D).fill(Number.NaN), key), true);
    },
    complete: async (on, x, observed, { key, stated }) => {
      stated?.("the exact conditional: a training example given what is known, then its kernel");
      const drawn = space.close(filled(on, withGaps(x, observed).data, key), true);
      for (let i = 0; i < drawn.size; i++)
        if (observed.data[i]! > 0.5 && !Number.isNaN(x.data[i]!)) drawn.data[i] = x.data[i]!;
      return drawn;
    },
    logProb: async (on, x: Numbers) => {
      const { centres, widths } = wide<KernelParams>(on.params);
      const rows = space.open(x);
      const nats = Float64Array.from({ length: x.shape[0]! }, (_, n) => {
        const row = rows.subarray(n * D, (n + 1) * D);
        const steps = space.logStep ? space.logStep * row.filter((value) => !Number.isNaN(value)).length : 0;
        return kernel.logProb(row, centres.data, widths.data) - steps;
      });
      const via = `the sum of kernels around ${centres.shape[0]} examples${space.logStep ? ", of dequantised bytes in steps of one byte" : ""}`;
      return { kind: "exact", via, nats };
    },
  };
}

/** A centre by the logarithms of weights; the uniform decides. Where all weights are zero, each is as likely. */
function chosen(logs: Float64Array, u: number): number {
  let most = Number.NEGATIVE_INFINITY;
  for (const log of logs) most = Math.max(most, log);
  if (most === Number.NEGATIVE_INFINITY) return Math.floor(u * logs.length);
  const weights = logs.map((log) => Math.exp(log - most));
  let rest = u * weights.reduce((sum, weight) => sum + weight, 0);
  for (let i = 0; i < weights.length; i++) {
    rest -= weights[i]!;
    if (rest < 0) return i;
  }
  return weights.length - 1;
}

/** The registry's entry. */
export const kernelDensityEntry: ModelEntry = {
  name: "kernel-density",
  family: "tables",
  title: "Kernel density",
  paper: "Rosenblatt 1956; Parzen 1962; widths by Scott 1992 and Silverman 1986",
  kind: "exact",
  tables: "also",
  options: kernelDensityOptions,
  presets: {
    small: { title: "normal kernels, widths by Scott's rule", model: {}, training: oneStep },
    validated: {
      title: "widths by leave-one-out likelihood",
      model: { bandwidth: "cross-validation" },
      training: oneStep,
    },
  },
  make: kernelDensity,
};
