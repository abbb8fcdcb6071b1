import { z } from "zod";
import { UsageError } from "../../base/errors.ts";
import { full, type HostArray } from "../../base/host.ts";
import type { Tree } from "../../base/tree.ts";
import type { DataSpec } from "../../data/types.ts";
import { constant, type Tensor } from "../../graph/index.ts";
import { activations, dropout, glorotUniform, heNormal, linear } from "../../nn/index.ts";
import { fold, type Key, key, permutation } from "../../random/index.ts";
import type { ModelEntry, Named, TracedParams } from "../contract.ts";
import { logProbOf } from "./density.ts";
import { droppedOut } from "./dropped-out.ts";
import {
  type Cached,
  type Factorisation,
  rasterOrder,
  requireBinary,
  type StepGiven,
  variablesOf,
} from "./factorisation.ts";
import { drawMaskSets, type MaskSet, masksOf, unitsByDegree } from "./made-masks.ts";
import { type AutoregressiveModel, autoregressive } from "./model.ts";
import { orderTables } from "./positions.ts";
import { madePresets } from "./presets.ts";
import { SCANS, scanOrders } from "./scans.ts";

/** Options of the masked autoencoder. */
export const madeOptions = z.strictObject({
  hidden: z.array(z.int().positive()).min(1).default([500]).describe("units of the hidden layers"),
  activation: z.enum(["relu", "tanh"]).default("relu").describe("what follows each hidden layer: relu or tanh"),
  direct: z.boolean().default(true).describe("connect inputs with outputs directly as well"),
  dropout: z.number().min(0).lt(1).default(0).describe("fraction of hidden units switched off in training"),
  masks: z.int().positive().default(1).describe("mask sets, used in turn; their probabilities are averaged"),
  spread: z
    .int()
    .nonnegative()
    .optional()
    .describe("how far a unit's degree strays from its first one; drawn anew for each mask set unless given"),
  orders: z.int().positive().default(1).describe("orders the mask sets take in turn, the first of them raster"),
  order: z
    .enum(["shuffled", "scans"])
    .default("shuffled")
    .describe("what the other orders are: shuffled, or scans along rows and columns of an image (8 with the raster)"),
  maskSeed: z.int().nonnegative().default(0).describe("seed of masks and shuffled orders"),
});

type MadeConfig = z.infer<typeof madeOptions>;
type Layer = { readonly weight: Tensor; readonly bias: Tensor };
type Made = {
  readonly hidden: readonly Layer[];
  readonly output: Layer;
  readonly direct?: { readonly weight: Tensor };
};

/**
 * Masked autoencoder for distribution estimation: a network whose weights are masked so that output d depends on the
 * variables before d alone; all conditionals from one pass. With several mask sets each step trains one of them, and
 * p(x) is the mean of their probabilities. Germain, Gregor, Murray & Larochelle 2015, arXiv 1502.03509.
 */
export function made(options: Readonly<Record<string, unknown>>, data: DataSpec): AutoregressiveModel {
  const config = madeOptions.parse(options);
  requireBinary(data, "made");
  return autoregressive({ name: "made", config, data, factorisation: factorisation(config, data) });
}

function factorisation(config: MadeConfig, data: DataSpec): Factorisation {
  const { hidden, masks, spread, maskSeed } = config;
  const size = variablesOf(data);
  const drawn = fold(key(maskSeed), "made");
  const sets = drawMaskSets(size, hidden, {
    key: drawn,
    masks,
    ...(spread === undefined ? {} : { spread }),
    orders: ordersOf(config, data, drawn),
  });
  const logits: Factorisation["logits"] = (params, { x, order }) =>
    logOdds(config, sets, params, { x: x.flatten(1), order });
  return {
    levels: 2,
    orders: sets.map(({ order }) => order),
    init: (k) => initial(config, size, k),
    logits,
    ...objectiveOf(config, sets),
    cached: cached(config, sets),
  };
}

/** The raster order, then shuffled ones or other scans of the image. */
function ordersOf({ orders, order }: MadeConfig, data: DataSpec, key: Key): readonly Uint32Array[] {
  const size = variablesOf(data);
  if (order === "shuffled")
    return Array.from({ length: orders }, (_, o) =>
      o === 0 ? rasterOrder(size) : permutation(fold(fold(key, "order"), o), size),
    );
  if (orders > SCANS)
    throw new UsageError(`An image has ${SCANS} scan orders, not ${orders}: give orders=${SCANS} or less.`);
  return scanOrders(data).slice(0, orders);
}

function initial({ hidden, activation, direct }: MadeConfig, size: number, k: Key) {
  const weight = activation === "relu" ? heNormal : glorotUniform;
  const sizes = [size, ...hidden];
  const layers = hidden.map((units, l) => linear(sizes[l]!, units, { weight }).init(fold(k, l)));
  const output = linear(sizes.at(-1)!, size).init(fold(k, "output"));
  return {
    hidden: layers,
    output,
    ...(direct ? { direct: { weight: full("float32", [size, size], 0) } } : {}),
  } as unknown as Tree<HostArray>;
}

const of = (params: TracedParams) => params as unknown as Made;

/** What log-odds are computed from; `noise` by layer where hidden units are switched off. */
type Reading = { readonly x: Tensor; readonly order?: Tensor | undefined; readonly noise?: Named<Tensor> };

/** Log-odds [B, D] of all variables under one mask set. */
function logOdds(
  config: MadeConfig,
  sets: readonly MaskSet[],
  params: TracedParams,
  { x, order, noise }: Reading,
): Tensor {
  const { hidden, output, direct } = of(params);
  const act = activations[config.activation];
  const masks = masksOf(sets, order);
  const last = hidden.reduce((h, layer, l) => {
    const values = act(masked(h, layer, masks.hidden(l)));
    return noise ? dropout(values, noise[`hidden${l}`]!, config.dropout) : values;
  }, x);
  const read = masked(last, output, masks.output());
  return direct ? read.add(x.matmul(direct.weight.mul(masks.direct()))) : read;
}

/** h (W ⊙ M) + b. */
const masked = (h: Tensor, { weight, bias }: Layer, mask: Tensor) => h.matmul(weight.mul(mask)).add(bias);

/** Maximum likelihood under one mask set at each step, all of them in turn, with units switched off if so configured. */
function objectiveOf(config: MadeConfig, sets: readonly MaskSet[]): Pick<Factorisation, "objective"> {
  const masks = sets.length;
  if (masks === 1 && config.dropout === 0) return {};
  const off = config.dropout > 0;
  const likelihood = droppedOut(
    (batch) => (off ? unitsOf(config, batch) : {}),
    (params, { x, scalars, noise }) => {
      const values = x.flatten(1);
      const order = masks > 1 ? scalars.set!.cast("int64") : undefined;
      const given = logOdds(config, sets, params, { x: values, order, ...(off && { noise }) });
      return logProbOf(given, values, 1).sum(1);
    },
  );
  const inTurn = masks > 1 && { scalars: (step: number) => ({ set: step % masks }) };
  return { objective: { ...likelihood, likelihoodValidates: off, ...inTurn } };
}

/** Shapes of the noise for each hidden layer. */
const unitsOf = ({ hidden }: MadeConfig, batch: number) =>
  Object.fromEntries(hidden.map((units, l) => [`hidden${l}`, [batch, units]]));

/** Inputs of the units of each hidden layer, and log-odds, as far as what is drawn reaches. */
type Sums = { readonly hidden: readonly Tensor[]; readonly logits: Tensor };

/**
 * Each unit is computed once: a unit of degree m is settled when m variables are known, and then adds its row of weights
 * to the layer above. Nothing is masked: what reaches a unit or a variable later than it is read does no harm.
 */
function cached(config: MadeConfig, sets: readonly MaskSet[]): Cached {
  const act = activations[config.activation];
  const size = sets[0]!.order.length;
  const tables = config.hidden.map((_, l) => unitsByDegree(sets, l));
  const orders = orderTables(sets.map(({ order }) => order));
  const step = (params: TracedParams, sums: Sums, { position, previous, order }: StepGiven) => {
    const { hidden, output, direct } = of(params);
    const at = (table: HostArray, k: Tensor) => inSet(constant(table), order).gather(k, 0);
    const { places } = orders.at(order);
    const known = places.gather(position.sub(1).maximum(0), 0);
    const addRow = (sum: Tensor, weight: Tensor) => sum.add(previous.expandDims(1).mul(weight.gather(known, 0)));
    const inputs: Tensor[] = [addRow(sums.hidden[0]!, hidden[0]!.weight)];
    let logits = direct ? addRow(sums.logits, direct.weight) : sums.logits;
    tables.forEach(({ numbers, present }, l) => {
      const units = at(numbers, position);
      const settled = inputs[l]!.gather(units, 1).add(hidden[l]!.bias.gather(units, 0));
      const values = act(settled).mul(at(present, position));
      const { weight } = hidden[l + 1] ?? output;
      const onward = values.matmul(weight.gather(units, 0));
      if (l + 1 < hidden.length) inputs.push(sums.hidden[l + 1]!.add(onward));
      else logits = logits.add(onward);
    });
    const here = places.gather(position, 0);
    return { logits: logits.gather(here, 1).add(output.bias.gather(here, 0)), state: { hidden: inputs, logits } };
  };
  return {
    state: (batch) => ({
      hidden: config.hidden.map((units) => full("float32", [batch, units], 0)),
      logits: full("float32", [batch, size], 0),
    }),
    step: (params, state, given) => step(params, state as unknown as Sums, given) as never,
  };
}

/** The table of the set in use; of the only one where there is no choice. */
const inSet = (tables: Tensor, set: Tensor | undefined) =>
  set ? tables.gather(set, 0) : tables.slice(0, 0, 1).squeeze(0);

/** The registry's entry. */
export const madeEntry: ModelEntry = {
  name: "made",
  family: "autoregressive",
  title: "Masked autoencoder for distribution estimation",
  paper: "Germain, Gregor, Murray & Larochelle 2015, arXiv 1502.03509",
  kind: "exact",
  options: madeOptions,
  presets: madePresets,
  make: made,
};
