import { z } from "zod";
import { full } from "../../base/host.ts";
import type { DataSpec } from "../../data/types.ts";
import type { Tensor } from "../../graph/index.ts";
import { normal, sigmoid } from "../../nn/index.ts";
import { fold, key, permutation } from "../../random/index.ts";
import type { ModelEntry, TracedParams } from "../contract.ts";
import { type Cached, type Factorisation, rasterOrder, requireBinary, variablesOf } from "./factorisation.ts";
import { type AutoregressiveModel, autoregressive } from "./model.ts";
import { atPlaces, inSequence, logOddsByPosition } from "./positions.ts";
import { nadePresets } from "./presets.ts";

/** Options of the neural autoregressive distribution estimator. */
export const nadeOptions = z.strictObject({
  hidden: z.int().positive().default(500).describe("hidden units of each conditional"),
  tied: z.boolean().default(false).describe("read the units out with the weights that feed them"),
  order: z.enum(["raster", "random"]).default("raster").describe("order of the variables: as in memory, or shuffled"),
  orderSeed: z.int().nonnegative().default(0).describe("seed of the shuffled order"),
});

type NadeConfig = z.infer<typeof nadeOptions>;

/** Rows are in the order's sequence: rows[d] [H] is what variable d adds to the units of all later ones. */
type Nade = {
  readonly rows: Tensor;
  readonly bias: Tensor;
  readonly readout: Tensor;
  readonly readoutBias: Tensor;
};

/**
 * Neural autoregressive distribution estimator: with the variables in an order, h_d = σ(c + Σ_{e<d} x_e W_e) and
 * p(x_d = 1 | x_<d) = σ(b_d + V_d · h_d). All conditionals share W, so that all of them together cost O(D·H).
 * Larochelle & Murray 2011.
 */
export function nade(options: Readonly<Record<string, unknown>>, data: DataSpec): AutoregressiveModel {
  const config = nadeOptions.parse(options);
  requireBinary(data, "nade");
  return autoregressive({ name: "nade", config, data, factorisation: factorisation(config, variablesOf(data)) });
}

function factorisation(config: NadeConfig, size: number): Factorisation {
  const { hidden, tied, order, orderSeed } = config;
  const places = order === "raster" ? rasterOrder(size) : permutation(key(orderSeed), size);
  const of = (params: TracedParams): Nade => {
    const own = params as unknown as Nade;
    return tied ? { ...own, readout: own.rows } : own;
  };
  const matrix = normal(0.05);
  const fans = { fanIn: size, fanOut: hidden };
  return {
    levels: 2,
    orders: [places],
    init: (k) => ({
      rows: matrix(fold(k, "rows"), [size, hidden], fans),
      bias: full("float32", [hidden], 0),
      ...(tied ? {} : { readout: matrix(fold(k, "readout"), [size, hidden], fans) }),
      readoutBias: full("float32", [size], 0),
    }),
    logits: (params, { x }) => {
      const values = inSequence(x.flatten(1), places);
      return atPlaces(logOddsByPosition({ ...of(params), x: values, hidden: sigmoid }), places);
    },
    cached: cached(of, hidden),
  };
}

/** Keeps the units' inputs [B, H], to which each variable adds its row. */
function cached(of: (params: TracedParams) => Nade, hidden: number): Cached {
  return {
    state: (batch) => ({ units: full("float32", [batch, hidden], 0) }),
    step: (params, state, { position, previous }) => {
      const { rows, bias, readout, readoutBias } = of(params);
      const row = rows.gather(position.sub(1).maximum(0), 0);
      const units = (state as { units: Tensor }).units.add(previous.expandDims(1).mul(row));
      const read = units.add(bias).sigmoid().matmul(readout.gather(position, 0));
      return { logits: read.add(readoutBias.gather(position, 0)), state: { units } };
    },
  };
}

/** The registry's entry. */
export const nadeEntry: ModelEntry = {
  name: "nade",
  family: "autoregressive",
  title: "Neural autoregressive distribution estimator",
  paper: "Larochelle & Murray 2011",
  kind: "exact",
  options: nadeOptions,
  presets: nadePresets,
  make: nade,
};
