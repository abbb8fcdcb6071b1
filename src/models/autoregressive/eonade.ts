import { z } from "zod";
import { full } from "../../base/host.ts";
import type { DataSpec } from "../../data/types.ts";
import { arange, matmul, type Tensor } from "../../graph/index.ts";
import { activations, glorotUniform, heNormal, linear, normal } from "../../nn/index.ts";
import { fold, type Key, key, permutation } from "../../random/index.ts";
import type { ModelEntry, Params, TracedParams } from "../contract.ts";
import type { AnyOrder } from "./any-order.ts";
import { logProbOf } from "./density.ts";
import { type Cached, type Factorisation, type Objective, requireBinary, variablesOf } from "./factorisation.ts";
import { type AutoregressiveModel, autoregressive } from "./model.ts";
import { bitsPerDim } from "./phase.ts";
import { logOddsByPosition, orderTables } from "./positions.ts";
import { eonadePresets } from "./presets.ts";

/** Options of the orderless estimator. */
export const eonadeOptions = z.strictObject({
  hidden: z.array(z.int().positive()).min(1).default([500]).describe("units of the hidden layers"),
  activation: z.enum(["relu", "tanh", "sigmoid"]).default("relu").describe("what follows each hidden layer"),
  ensemble: z.int().positive().default(2).describe("random orders whose probabilities are averaged"),
  orderSeed: z.int().nonnegative().default(0).describe("seed of these orders"),
});

type EonadeConfig = z.infer<typeof eonadeOptions>;
type Layer = { readonly weight: Tensor; readonly bias: Tensor };

/** rows [D, H] times the known values, known [D, H] times which are known; layers above; readout [D, H′] by variable. */
type Eonade = {
  readonly rows: Tensor;
  readonly known: Tensor;
  readonly bias: Tensor;
  readonly layers: readonly Layer[];
  readonly readout: Tensor;
  readonly readoutBias: Tensor;
};

/**
 * Orderless NADE: one network gives p(x_i = 1 | any known variables) from their values x∘m and the mask m itself, trained
 * over all orders at once. In an order it is a NADE with deep hidden units; p(x) is the mean of the probabilities over
 * an ensemble of random orders. Uria, Murray & Larochelle 2014, arXiv 1310.1757.
 */
export function eonade(options: Readonly<Record<string, unknown>>, data: DataSpec): AutoregressiveModel {
  const config = eonadeOptions.parse(options);
  requireBinary(data, "eonade");
  return autoregressive({ name: "eonade", config, data, factorisation: factorisation(config, variablesOf(data)) });
}

function factorisation(config: EonadeConfig, size: number): Factorisation {
  const { ensemble, orderSeed } = config;
  const orders = Array.from({ length: ensemble }, (_, o) => permutation(fold(key(orderSeed), o), size));
  const tables = orderTables(orders);
  const anyOrder = conditionals(config);
  return {
    levels: 2,
    orders,
    init: (k) => initial(config, size, k),
    logits: (params, { x, order }) => inOrder(config, of(params), x.flatten(1), tables.at(order)),
    objective: orderAgnostic(config, size),
    cached: cached(config, anyOrder, tables),
    anyOrder,
  };
}

const of = (params: TracedParams) => params as unknown as Eonade;

function initial({ hidden, activation }: EonadeConfig, size: number, k: Key): Params {
  const weight = activation === "relu" ? heNormal : glorotUniform;
  const [first, last] = [hidden[0]!, hidden.at(-1)!];
  const fans = { fanIn: 2 * size, fanOut: first };
  return {
    rows: weight(fold(k, "rows"), [size, first], fans),
    known: normal(0.01)(fold(k, "known"), [size, first], fans),
    bias: full("float32", [first], 0),
    layers: hidden.slice(1).map((units, l) => linear(hidden[l]!, units, { weight }).init(fold(k, l))),
    readout: glorotUniform(fold(k, "readout"), [size, last], { fanIn: last, fanOut: size }),
    readoutBias: full("float32", [size], 0),
  } as unknown as Params;
}

/** From the inputs of the first hidden layer's units [n, H] to what is read out [n, H′]. */
function hiddenLayers({ activation }: EonadeConfig, { layers }: Eonade, units: Tensor): Tensor {
  const act = activations[activation];
  return layers.reduce((h, { weight, bias }) => act(h.matmul(weight).add(bias)), act(units));
}

/** Inputs of the first hidden layer when x is known where `observed` is 1. */
const unitsOf = ({ rows, known, bias }: Eonade, x: Tensor, observed: Tensor) =>
  x.mul(observed).matmul(rows).add(observed.matmul(known)).add(bias);

/** Log-odds [B, D] of all variables given those before them in an order. */
function inOrder(
  config: EonadeConfig,
  params: Eonade,
  x: Tensor,
  { places, ranks }: { places: Tensor; ranks: Tensor },
): Tensor {
  const sequence = logOddsByPosition({
    x: x.gather(places, 1),
    rows: params.rows.gather(places, 0),
    bias: params.bias,
    offsets: params.known.gather(places, 0).cumsum(0, { exclusive: true }),
    hidden: (units) => hiddenLayers(config, params, units),
    readout: params.readout.gather(places, 0),
    readoutBias: params.readoutBias.gather(places, 0),
  });
  return sequence.gather(ranks, 1);
}

/**
 * The order-agnostic objective: −log p(x) in the mean over all D! orders, estimated from one set of known variables for
 * each example, (D/(D − d)) Σ_{i unknown} −log p(x_i | known) with d known ones, d uniform on 0…D − 1 (equation 9).
 * Each variable is known where its uniform lies below a level drawn for the example: that makes d uniform on 0…D and
 * the set uniform given d; the case d = D, which says nothing, is made up for by the factor (D + 1)/D. The levels of a
 * batch are spread evenly over [0, 1), which changes nothing but the variance.
 */
function orderAgnostic(config: EonadeConfig, size: number): Objective {
  return {
    noise: (batch) => ({
      level: { law: "uniform", shape: [1] },
      hide: { law: "uniform", shape: [batch, size] },
    }),
    loss: (params, { x, noise }) => {
      const values = x.flatten(1);
      const batch = values.shape[0]!;
      const levels = arange(0, batch, 1, "float32").div(batch).add(noise.level!).mod(1).expandDims(1);
      const observed = noise.hide!.less(levels).cast("float32");
      const { readout, readoutBias } = of(params);
      const read = hiddenLayers(config, of(params), unitsOf(of(params), values, observed));
      const logits = matmul(read, readout, { transposeB: true }).add(readoutBias);
      const nats = logProbOf(logits, values, 1).mul(observed.sub(1)).sum(1);
      const unknown = observed.sum(1).neg().add(size);
      const loss = nats
        .mul(size + 1)
        .div(unknown.maximum(1))
        .mean();
      return { loss, metrics: { bitsPerDim: bitsPerDim(loss, size) } };
    },
  };
}

/** The inputs of the first hidden layer's units [B, H] are all there is to keep: each known variable adds its rows. */
function conditionals(config: EonadeConfig): AnyOrder {
  type State = { readonly units: Tensor };
  return {
    begin: (params, x, observed) => ({ units: unitsOf(of(params), x, observed) }),
    logits: (params, state, place) => {
      const { readout, readoutBias } = of(params);
      const read = hiddenLayers(config, of(params), (state as State).units);
      return read.mul(readout.gather(place, 0)).sum(1).add(readoutBias.gather(place, 0));
    },
    know: (params, state, place, value) => {
      const { rows, known } = of(params);
      const row = value.expandDims(1).mul(rows.gather(place, 0)).add(known.gather(place, 0));
      return { units: (state as State).units.add(row) };
    },
  };
}

/** Generation in one of the ensemble's orders. */
function cached({ hidden }: EonadeConfig, anyOrder: AnyOrder, tables: ReturnType<typeof orderTables>): Cached {
  return {
    state: (batch) => ({ units: full("float32", [batch, hidden[0]!], 0) }),
    step: (params, state, { position, previous, order }) => {
      const { places } = tables.at(order);
      const { bias } = of(params);
      const at = (k: Tensor) => places.gather(k, 0).broadcastTo(previous.shape);
      const before = state as { units: Tensor };
      const more = anyOrder.know(params, before, at(position.sub(1).maximum(0)), previous) as typeof before;
      const units = position.greater(0).select(more.units, before.units);
      return { logits: anyOrder.logits(params, { units: units.add(bias) }, at(position)), state: { units } };
    },
  };
}

/** The registry's entry. */
export const eonadeEntry: ModelEntry = {
  name: "eonade",
  family: "autoregressive",
  title: "Orderless NADE (EoNADE)",
  paper: "Uria, Murray & Larochelle 2014, arXiv 1310.1757",
  kind: "exact",
  options: eonadeOptions,
  changeable: ["ensemble", "orderSeed"],
  presets: eonadePresets,
  make: eonade,
};
