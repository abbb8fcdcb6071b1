import { UsageError } from "../../base/errors.ts";
import type { DataSpec } from "../../data/types.ts";
import { fold, type Key, key, permutation } from "../../random/index.ts";
import type { ModelEntry } from "../contract.ts";
import { logProbOf } from "./density.ts";
import { droppedOut } from "./dropped-out.ts";
import { type Factorisation, rasterOrder, requireBinary, variablesOf } from "./factorisation.ts";
import { cached } from "./made-cached.ts";
import { drawMaskSets, type MaskSet } from "./made-masks.ts";
import { initial, logOdds } from "./made-network.ts";
import { type MadeConfig, madeOptions } from "./made-options.ts";
import { type AutoregressiveModel, autoregressive } from "./model.ts";
import { madePresets } from "./presets.ts";
import { SCANS, scanOrders } from "./scans.ts";

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
