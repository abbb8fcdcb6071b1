import { z } from "zod";
import { full, type HostArray } from "../../base/host.ts";
import type { Tree } from "../../base/tree.ts";
import type { DataSpec } from "../../data/types.ts";
import { constant, type Tensor } from "../../graph/index.ts";
import { activations, glorotUniform, heNormal, linear } from "../../nn/index.ts";
import { fold, key } from "../../random/index.ts";
import type { ModelEntry, TracedParams } from "../contract.ts";
import { logProbOf } from "./density.ts";
import {
  type Cached,
  type Factorisation,
  type Objective,
  requireBinary,
  type StepGiven,
  variablesOf,
} from "./factorisation.ts";
import { drawMaskSets, type MaskSet, masksOf, unitsByDegree } from "./made-masks.ts";
import { type AutoregressiveModel, autoregressive } from "./model.ts";
import { bitsPerDim } from "./phase.ts";
import { orderTables } from "./positions.ts";
import { madePresets } from "./presets.ts";

/** Options of the masked autoencoder. */
export const madeOptions = z.strictObject({
  hidden: z.array(z.int().positive()).min(1).default([500]).describe("units of the hidden layers"),
  activation: z.enum(["relu", "tanh"]).default("relu").describe("what follows each hidden layer: relu or tanh"),
  direct: z.boolean().default(true).describe("connect inputs with outputs directly as well"),
  masks: z.int().positive().default(1).describe("mask sets, used in turn; their probabilities are averaged"),
  orders: z.int().positive().default(1).describe("orders the mask sets take in turn: raster, then shuffled ones"),
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
  return autoregressive({ name: "made", config, data, factorisation: factorisation(config, variablesOf(data)) });
}

function factorisation(config: MadeConfig, size: number): Factorisation {
  const { hidden, masks, orders, maskSeed } = config;
  const sets = drawMaskSets(size, hidden, { key: fold(key(maskSeed), "made"), masks, orders });
  const logits: Factorisation["logits"] = (params, { x, order }) => logOdds(config, sets, params, x.flatten(1), order);
  return {
    levels: 2,
    orders: sets.map(({ order }) => order),
    init: (k) => initial(config, size, k),
    logits,
    ...(masks > 1 ? { objective: inTurn(logits, masks) } : {}),
    cached: cached(config, sets),
  };
}

function initial({ hidden, activation, direct }: MadeConfig, size: number, k: Parameters<Factorisation["init"]>[0]) {
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

/** Log-odds [B, D] of all variables under one mask set. */
function logOdds(config: MadeConfig, sets: readonly MaskSet[], params: TracedParams, x: Tensor, set?: Tensor): Tensor {
  const { hidden, output, direct } = of(params);
  const act = activations[config.activation];
  const masks = masksOf(sets, set);
  const last = hidden.reduce((h, { weight, bias }, l) => act(h.matmul(weight.mul(masks.hidden(l))).add(bias)), x);
  const read = last.matmul(output.weight.mul(masks.output())).add(output.bias);
  return direct ? read.add(x.matmul(direct.weight.mul(masks.direct()))) : read;
}

/** Maximum likelihood under one mask set at each step, all of them in turn. */
function inTurn(logits: Factorisation["logits"], masks: number): Objective {
  return {
    scalars: (step) => ({ set: step % masks }),
    loss: (params, { x, scalars }) => {
      const values = x.flatten(1);
      const given = logits(params, { x, order: scalars.set!.cast("int64") });
      const loss = logProbOf(given, values, 1).sum(1).mean().neg();
      return { loss, metrics: { bitsPerDim: bitsPerDim(loss, values.shape[1]!) } };
    },
  };
}

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
