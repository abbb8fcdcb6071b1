import { z } from "zod";
import { HostArray } from "../../base/host.ts";
import type { DataSpec } from "../../data/types.ts";
import { fold, type Key, normal, uniform } from "../../random/index.ts";
import type { Bound } from "../bound.ts";
import type { Capabilities, GenerativeModel, ModelEntry, Numbers, SampleOptions } from "../contract.ts";
import { oneStep, requireTable, withGaps } from "../tables.ts";
import { type Family, type FamilyParams, familiesOf } from "./families.ts";
import { fitColumns } from "./fit.ts";

/** Options of independent columns. */
export const independentOptions = z.strictObject({
  smoothing: z.number().positive().default(0.5).describe("imagined observations of each level beside those counted"),
  real: z
    .enum(["auto", "normal", "kernel"])
    .default("auto")
    .describe("distribution of real columns: normal, kernel density, or whichever suits the validation rows better"),
});

/** Independent columns, with what they can do; classify where the target has classes. */
export type Independent = GenerativeModel<"sample" | "logProb" | "complete"> & Partial<Pick<Capabilities, "classify">>;

/**
 * Every column by itself: p(x) = ∏ᵢ p(xᵢ), levels by smoothed shares, counts as Poisson or negative binomial, real numbers
 * as a normal or a kernel density. What a model gains on it is what it knows of how columns hang together.
 */
export function independent(options: Readonly<Record<string, unknown>>, data: DataSpec): Independent {
  const config = independentOptions.parse(options);
  const { columns, target } = requireTable(data, "independent");
  const width = columns.length;
  const families = (on: Bound) => familiesOf(on.params, columns);
  const filled = (x: HostArray<"float64">, each: readonly Family[], key: Key) => {
    for (const [i, family] of each.entries()) {
      const [u, z] = drawsOf(key, i, x.shape[0]!);
      for (let n = 0, at = i; at < x.size; n++, at += width)
        if (Number.isNaN(x.data[at])) x.data[at] = family.draw(u[n]!, z[n]!);
    }
    return x;
  };
  const model: GenerativeModel<"sample" | "logProb" | "complete"> = {
    name: "independent",
    config,
    data,
    conditional: false,
    init: () => ({}),
    learning: { kind: "direct", fit: (given) => fitColumns(columns, given, config) },
    functions: {},
    sample: async (on: Bound, { count, key }: SampleOptions) =>
      filled(
        new HostArray("float64", [count, width], new Float64Array(count * width).fill(Number.NaN)),
        families(on),
        key,
      ),
    complete: async (on: Bound, x: Numbers, observed: Numbers, { key }) =>
      filled(withGaps(x, observed), families(on), key),
    logProb: async (on: Bound, x: Numbers) => {
      const each = families(on);
      const nats = new Float64Array(x.shape[0]!);
      for (let i = 0; i < x.size; i++)
        if (!Number.isNaN(x.data[i])) nats[Math.floor(i / width)]! += each[i % width]!.logProb(x.data[i]!);
      return { kind: "exact", via: "the sum over columns", nats };
    },
  };
  const levels = target === undefined ? undefined : columns[target]!.levels;
  if (!levels) return model;
  return {
    ...model,
    classify: async (on: Bound, x: Numbers) => {
      const [count, classes] = [x.shape[0]!, levels.length];
      const { columns: params } = on.params as unknown as { readonly columns: readonly FamilyParams[] };
      const logs = params[target!]!.probabilities!.data.map(Math.log);
      const data = Float64Array.from({ length: count * classes }, (_, i) => logs[i % classes]!);
      return new HostArray("float64", [count, classes], data);
    },
  };
}

/** A uniform and a standard normal for each row of a column; those of a row depend on the key and its number alone. */
function drawsOf(key: Key, column: number, count: number): [Float32Array, Float32Array] {
  const own = fold(key, column);
  return [uniform(fold(own, "uniform"), [count]).data, normal(fold(own, "normal"), [count]).data];
}

/** The registry's entry. */
export const independentEntry: ModelEntry = {
  name: "independent",
  family: "tables",
  title: "Independent columns",
  paper: "Kernel widths as Silverman 1986; the floor under every model of a table",
  kind: "exact",
  tables: true,
  options: independentOptions,
  presets: {
    small: { title: "each column by its own maximum likelihood, one step", model: {}, training: oneStep },
  },
  make: independent,
};
