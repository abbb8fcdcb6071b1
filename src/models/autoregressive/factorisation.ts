import { UsageError } from "../../base/errors.ts";
import type { HostArray } from "../../base/host.ts";
import { sizeOf } from "../../base/shape.ts";
import type { Tree } from "../../base/tree.ts";
import type { DataSpec } from "../../data/types.ts";
import type { Tensor } from "../../graph/index.ts";
import type { Key } from "../../random/index.ts";
import type { LossInputs, LossResult, NoiseSpecs, Params, TracedParams } from "../contract.ts";

/** What conditionals are computed from. */
export interface Given {
  /** Examples in model units, [B, ...shape]. */
  readonly x: Tensor;
  /** One-hot labels [B, classes], for models conditioned on them. */
  readonly labels?: Tensor;
  /** Number of the order the variables come in (int64 scalar), for models with several. */
  readonly order?: Tensor;
}

/** What one more variable is computed from. */
export interface StepGiven {
  /** k: how many variables come before this one in the order (int64 scalar). */
  readonly position: Tensor;
  /** Value of the variable before it in model units [B]; 0 where k = 0. */
  readonly previous: Tensor;
  readonly labels?: Tensor;
  readonly order?: Tensor;
}

/** Generation that computes each variable's conditional from what it has kept of those before. */
export interface Cached {
  /** What is kept before the first variable. */
  readonly state: (batch: number) => Tree<HostArray>;
  /** Logits of the variable at `position`, shaped as one variable of `logits`, and what is kept then. */
  readonly step: (
    params: TracedParams,
    state: Tree<Tensor>,
    given: StepGiven,
  ) => { readonly logits: Tensor; readonly state: Tree<Tensor> };
}

/**
 * A model that says p(x) = ∏ₖ p(x_o(k) | x_o(0), …, x_o(k−1)) for one order o of the variables or for several, whose
 * probabilities are then averaged. Likelihood, generation, completion and compression follow from this record.
 */
export interface Factorisation {
  /** Values a variable can take; a value v is v·unit in model units. */
  readonly levels: number;
  /** orders[o][k] is the place in the flattened example of the variable that comes k-th. */
  readonly orders: readonly Uint32Array[];
  readonly init: (key: Key) => Params;
  /**
   * Unnormalised log-probabilities of every variable's values given those before it, at the variables' places:
   * [B, D, levels], or [B, D] log-odds of 1 where levels is 2.
   */
  readonly logits: (params: TracedParams, given: Given) => Tensor;
  /** log p(x) of each example [B], where there is a shorter way than through the logits of all levels. */
  readonly logProb?: (params: TracedParams, given: Given) => Tensor;
  /** Generation that does not pay again for what it has computed; without it every variable costs a whole pass. */
  readonly cached?: Cached;
  /** The training objective, where it is not the mean of −log p(x) in the first order. */
  readonly objective?: Objective;
  /** The order in which all that is observed comes first, where the model can be asked for it. */
  readonly orderFor?: (observed: ArrayLike<number>) => Uint32Array;
}

/** A training objective with what it is fed. */
export interface Objective {
  readonly noise?: (batch: number) => NoiseSpecs;
  readonly scalars?: (step: number) => Readonly<Record<string, number>>;
  readonly loss: (params: TracedParams, inputs: LossInputs) => LossResult;
}

/** The order in which variables lie in memory. */
export function rasterOrder(size: number): Uint32Array {
  return Uint32Array.from({ length: size }, (_, i) => i);
}

/** How many values a variable of such data takes; throws where they are not countable. */
export function levelsOf(data: DataSpec, name: string): number {
  if (data.values === "binary") return 2;
  if (data.values === "bytes") return 256;
  throw new UsageError(`${name} models binary data and bytes; this data holds ${data.values} numbers.`);
}

/** Throws unless the data are 0 and 1. */
export function requireBinary(data: DataSpec, name: string): void {
  if (data.values !== "binary")
    throw new UsageError(
      `${name} models binary data: binarise these ${data.values} (--binarize static, dynamic or threshold).`,
    );
}

/** The distance of neighbouring values in model units. */
export function unitOf(data: DataSpec): number {
  return data.values === "bytes" ? 1 / 255 : 1;
}

/** Number of variables of an example. */
export const variablesOf = (data: DataSpec): number => sizeOf(data.shape);
