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
    .default(2)
    .describe("imagined observations in each row of a table, shared out as the context shorter by one says"),
});

/** logOdds [D, 2^order]: of xᵢ = 1 for every value of its context. */
type Table = { readonly logOdds: Tensor };

/**
 * Conditionals by table: p(xᵢ | x_<i) is looked up by the values of the `order` earlier variables that are nearest to xᵢ,
 * in a table of its own with a row for each of their 2^order values: counts, smoothed.
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
    ...(order > 0 ? { smooth: (params, { x }) => interpolated(of(params), contexts, order, x.flatten(1)) } : {}),
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

/** Log-odds [B, D] whose derivative by a variable of the context is what its change from 0 to 1 adds to them. */
function interpolated(table: Tensor, contexts: readonly Uint32Array[], order: number, x: Tensor): Tensor {
  const { places, weights } = matricesOf(contexts, order);
  const values = x.gather(places, 1); // [B, D, order]
  const bits = values.greater(0.5).cast("float32").mul(weights);
  const row = bits.sum(2); // [B, D]
  const without = row.expandDims(2).sub(bits);
  const first = arange(0, table.size, table.shape[1]!);
  const at = (rows: Tensor, offsets: Tensor) => table.flatten().gather(rows.cast("int64").add(offsets), 0);
  const change = at(without.add(weights), first.expandDims(1)).sub(at(without, first.expandDims(1)));
  return at(row, first).add(values.sub(values.stopGradient()).mul(change).sum(2));
}

/** Counts of the ones and zeros that follow each value of a context, and their smoothed log-odds. */
function counting(contexts: readonly Uint32Array[], order: number, smoothing: number): ClosedForm {
  const size = contexts.length;
  const rows = 2 ** order;
  return {
    kind: "closed-form",
    zeros: () => ({ ones: new Float64Array(size * rows), noughts: new Float64Array(size * rows) }),
    add: async ({ ones, noughts }, _, x: HostArray<"float32">) => {
      for (let start = 0; start < x.size; start += size)
        for (let i = 0; i < size; i++) {
          const counts = x.data[start + i]! > 0.5 ? ones! : noughts!;
          counts[i * rows + rowOf(x.data, start, contexts[i]!)]!++;
        }
    },
    solve: ({ ones, noughts }) => {
      const logOdds = new Float32Array(size * rows);
      for (let i = 0; i < size; i++) {
        const rowsOf = (counts: Float64Array) => counts.subarray(i * rows, (i + 1) * rows);
        const [p1, p0] = smoothed(rowsOf(ones!), rowsOf(noughts!), smoothing);
        logOdds.set(
          p1.map((p, row) => Math.log(p) - Math.log(p0[row]!)),
          i * rows,
        );
      }
      return { logOdds: new HostArray("float32", [size, rows], logOdds) };
    },
  };
}

/**
 * Probabilities of 1 and of 0 in every row: (n + α p′)/(n₁ + n₀ + α), where p′ is the probability in the context without
 * its farthest variable, found the same way, and ½ without any. A shorter context counts in how many longer ones it has
 * seen a value, not how often: often in one context is no evidence for another (Kneser & Ney 1995).
 */
export function smoothed(
  ones: Float64Array,
  noughts: Float64Array,
  smoothing: number,
): [ones: Float64Array, noughts: Float64Array] {
  const without = (n: Float64Array) =>
    Float64Array.from({ length: n.length / 2 }, (_, row) => Number(n[row]! > 0) + Number(n[row + n.length / 2]! > 0));
  const [prior1, prior0] = ones.length === 1 ? [HALF, HALF] : smoothed(without(ones), without(noughts), smoothing);
  const mixed = (n: Float64Array, prior: Float64Array) =>
    n.map((count, row) => (count + smoothing * prior[row % prior.length]!) / (ones[row]! + noughts[row]! + smoothing));
  return [mixed(ones, prior1), mixed(noughts, prior0)];
}

const HALF = Float64Array.of(0.5);

/** The row of a table that a context's values choose. */
function rowOf(x: Float32Array, start: number, context: Uint32Array): number {
  let row = 0;
  for (let j = 0; j < context.length; j++) if (x[start + context[j]!]! > 0.5) row += 2 ** j;
  return row;
}

/** The registry's entry. */
export const tableEntry: ModelEntry = {
  name: "conditional-table",
  family: "baselines",
  title: "Conditionals by table",
  paper:
    "Langdon & Rissanen 1981, Compression of black-white images with arithmetic coding; smoothed as Kneser & Ney 1995",
  kind: "exact",
  options: tableOptions,
  presets: {
    small: { title: "eight nearest earlier pixels, one round of counting", model: {}, training: inOneRound },
    markov: { title: "one earlier variable: a Markov chain", model: { order: 1 }, training: inOneRound },
    wide: { title: "twelve nearest earlier pixels: 4,096 rows for each", model: { order: 12 }, training: inOneRound },
  },
  make: conditionalTable,
};
