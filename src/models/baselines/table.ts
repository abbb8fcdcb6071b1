import { z } from "zod";
import { full, HostArray, int64 } from "../../base/host.ts";
import type { DataSpec } from "../../data/types.ts";
import { arange, constant, type Tensor } from "../../graph/index.ts";
import { normal } from "../../random/index.ts";
import { type Factorisation, rasterOrder, requireBinary } from "../autoregressive/factorisation.ts";
import { type AutoregressiveModel, autoregressive } from "../autoregressive/model.ts";
import type { ClosedForm, ModelEntry, TracedParams } from "../contract.ts";
import { contextsOf } from "./contexts.ts";
import { inOneRound } from "./presets.ts";

/** Options of conditionals by table. */
export const tableOptions = z.strictObject({
  order: z
    .int()
    .min(0)
    .max(16)
    .default(8)
    .describe("how many earlier variables a conditional sees: the nearest pixels, or the last ones"),
  smoothing: z
    .number()
    .positive()
    .default(1)
    .describe("imagined observations in each row, shared out as the row of a context shorter by one says"),
});

/** logOdds [D, 2^order]: of xᵢ = 1 for every value of its context. */
type Table = { readonly logOdds: Tensor };

/**
 * Conditionals by table: p(xᵢ | x_<i) is looked up by the values of the `order` earlier variables that are nearest to xᵢ,
 * one row of each variable's own table for each of their 2^order values. Rows are counted and smoothed.
 */
export function conditionalTable(options: Readonly<Record<string, unknown>>, data: DataSpec): AutoregressiveModel {
  const config = tableOptions.parse(options);
  requireBinary(data, "conditional-table");
  const contexts = contextsOf(data.shape, config.order);
  const given = { name: "conditional-table", config, data, factorisation: factorisation(contexts, config.order) };
  return { ...autoregressive(given), learning: counting(contexts, config.order, config.smoothing) };
}

/**
 * Contexts as two matrices [D, order]: which variables, and what each adds to the row's number: the nearest is the lowest
 * bit. The first variables have fewer before them: what is missing adds nothing.
 */
function matricesOf(contexts: readonly Uint32Array[], order: number) {
  const entry = <T>(value: (context: Uint32Array, j: number) => T) =>
    contexts.flatMap((context) => Array.from({ length: order }, (_, j) => value(context, j)));
  const shape = [contexts.length, order] as const;
  const weights = entry((context, j) => (j < context.length ? 2 ** j : 0));
  return {
    places: constant(
      int64(
        entry((context, j) => context[j] ?? 0),
        shape,
      ),
    ),
    weights: constant(new HostArray("float32", shape, Float32Array.from(weights))),
  };
}

function factorisation(contexts: readonly Uint32Array[], order: number): Factorisation {
  const size = contexts.length;
  const rows = 2 ** order;
  const of = (params: TracedParams) => (params as unknown as Table).logOdds;
  const seen = (x: Tensor) => x.greater(0.5).cast("float32");
  return {
    levels: 2,
    orders: [rasterOrder(size)],
    init: (key) => ({ logOdds: normal(key, [size, rows]) }),
    logits: (params, { x }) => {
      const flat = x.flatten(1);
      if (order === 0) return of(params).squeeze(1).broadcastTo(flat.shape);
      const { places, weights } = matricesOf(contexts, order);
      const values = seen(flat).gather(places, 1); // [B, D, order]
      const row = values.mul(weights).sum(2).cast("int64");
      return of(params)
        .flatten()
        .gather(row.add(arange(0, size * rows, rows)), 0);
    },
    cached: {
      state: (batch) => ({ x: full("float32", [batch, size], 0) }),
      step: (params, state, { position, previous }) => {
        const before = arange(size).equal(position.sub(1)).and(position.greater(0));
        const x = before.select(previous.expandDims(1), (state as { x: Tensor }).x);
        const table = of(params).gather(position, 0);
        if (order === 0) return { logits: table.broadcastTo([x.shape[0]!]), state: { x } };
        const { places, weights } = matricesOf(contexts, order);
        const values = seen(x).gather(places.gather(position, 0), 1);
        const row = values.mul(weights.gather(position, 0)).sum(1).cast("int64");
        return { logits: table.gather(row, 0), state: { x } };
      },
    },
  };
}

/** Counts of each row's ones and of the row itself, then their smoothed log-odds. */
function counting(contexts: readonly Uint32Array[], order: number, smoothing: number): ClosedForm {
  const size = contexts.length;
  const rows = 2 ** order;
  return {
    kind: "closed-form",
    zeros: () => ({ ones: new Float64Array(size * rows), all: new Float64Array(size * rows) }),
    add: async ({ ones, all }, _, x) => {
      for (let start = 0; start < x.size; start += size)
        for (let i = 0; i < size; i++) {
          const at = i * rows + rowOf(x.data, start, contexts[i]!);
          all![at]!++;
          ones![at]! += x.data[start + i]!;
        }
    },
    solve: ({ ones, all }) => {
      const logOdds = new Float32Array(size * rows);
      for (let i = 0; i < size; i++) {
        const cut = <T extends Float64Array | Float32Array>(table: T) => table.subarray(i * rows, (i + 1) * rows) as T;
        smoothedLogOdds(cut(ones!), cut(all!), smoothing, cut(logOdds));
      }
      return { logOdds: new HostArray("float32", [size, rows], logOdds) };
    },
  };
}

/** The row of a table that a context's values choose. */
function rowOf(x: Float32Array, start: number, context: Uint32Array): number {
  let row = 0;
  for (let j = 0; j < context.length; j++) if (x[start + context[j]!]! > 0.5) row += 2 ** j;
  return row;
}

/**
 * Log-odds of each row: p = (n₁ + α p′) / (n + α), where p′ is the probability in the context without its farthest
 * variable, found the same way, and ½ without any context. MacKay & Peto 1995, A hierarchical Dirichlet language model.
 */
export function smoothedLogOdds(
  ones: Float64Array,
  all: Float64Array,
  smoothing: number,
  out: Float32Array,
): Float32Array {
  const shorter = (counts: Float64Array) => {
    const half = counts.length / 2;
    return Float64Array.from({ length: half }, (_, row) => counts[row]! + counts[row + half]!);
  };
  const probabilities = (n1: Float64Array, n: Float64Array): Float64Array => {
    const prior = n.length === 1 ? Float64Array.of(0.5) : probabilities(shorter(n1), shorter(n));
    return n1.map((count, row) => (count + smoothing * prior[row % prior.length]!) / (n[row]! + smoothing));
  };
  probabilities(ones, all).forEach((p, row) => {
    out[row] = Math.log(p) - Math.log1p(-p);
  });
  return out;
}

/** The registry's entry. */
export const tableEntry: ModelEntry = {
  name: "conditional-table",
  family: "baselines",
  title: "Conditionals by table",
  paper: "Langdon & Rissanen 1981, Compression of black-white images with arithmetic coding; MacKay & Peto 1995",
  kind: "exact",
  options: tableOptions,
  presets: {
    small: { title: "eight nearest earlier pixels, one round of counting", model: {}, training: inOneRound },
    markov: { title: "one earlier variable: a Markov chain", model: { order: 1 }, training: inOneRound },
    wide: { title: "twelve nearest earlier pixels: 4,096 rows for each", model: { order: 12 }, training: inOneRound },
  },
  make: conditionalTable,
};
