import { UsageError } from "../../base/errors.ts";
import type { HostArray } from "../../base/host.ts";
import { sizeOf } from "../../base/shape.ts";
import type { Tree } from "../../base/tree.ts";
import type { DataSpec } from "../../data/types.ts";
import { arange, type Tensor } from "../../graph/index.ts";
import type { Key } from "../../random/index.ts";
import type { LossInputs, LossResult, NoiseSpecs, Params, TracedParams } from "../contract.ts";
import type { AnyOrder } from "./any-order.ts";

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
  /** The same row by row, which generation prefers. */
  readonly rows?: Rows;
  /** How what is kept grows, where carrying all of it from step to step would cost more. */
  readonly growing?: Growing;
}

/**
 * Generation in segments of one loop each. What a step gives back as it got it is only read in the loop, not carried;
 * between segments `extend` adds to it what the segment's steps have kept.
 */
export interface Growing {
  /** Variables of a segment for a batch of that size; divides 256. */
  readonly length: (batch: number) => number;
  /** What is kept before the first variable, with room for one segment. */
  readonly state: (batch: number) => Tree<HostArray>;
  /** What is kept after a segment of `count` variables, with room for the next. */
  readonly extend: (state: Tree<Tensor>, count: number) => Tree<Tensor>;
}

/** What one more variable of a row is computed from. */
export interface RowStepGiven {
  /** How many variables come before this one in its row (int64 scalar). */
  readonly column: Tensor;
  /** Value of the variable before it in the row, in model units [B]; 0 at the row's start. */
  readonly previous: Tensor;
  readonly labels?: Tensor;
}

/**
 * Generation in rows of variables that follow each other in the order (the rows of an image): what a row owes to the rows
 * before it is computed for all its variables at once, and only what it owes to itself variable by variable. The carry
 * stays small, which matters because loops copy it at every step. `rowwise` makes a whole `Cached` of it.
 */
export interface Rows {
  /** Variables in a row. */
  readonly length: number;
  /** What is kept from row to row, before the first. */
  readonly state: (batch: number) => Tree<HostArray>;
  /** What is carried within a row, at its start. */
  readonly carry: (batch: number) => Tree<HostArray>;
  /** What a variable leaves for the rows after it; only the shapes count. */
  readonly made: (batch: number) => Tree<HostArray>;
  /** Once for each row: what its variables see, stacked along a first axis of `length`, and what is kept then. */
  readonly begin: (
    params: TracedParams,
    state: Tree<Tensor>,
    given: { readonly labels?: Tensor },
  ) => { readonly seen: Tree<Tensor>; readonly state: Tree<Tensor> };
  /** One variable: its logits, what is carried on, and what it leaves for the rows after it. */
  readonly step: (
    params: TracedParams,
    carry: Tree<Tensor>,
    seen: Tree<Tensor>,
    given: RowStepGiven,
  ) => { readonly logits: Tensor; readonly carry: Tree<Tensor>; readonly made: Tree<Tensor> };
  /** What is kept after a row whose variables left `made` and took `values`, both stacked along a first axis of `length`. */
  readonly end: (state: Tree<Tensor>, row: { readonly made: Tree<Tensor>; readonly values: Tensor }) => Tree<Tensor>;
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
  /**
   * The same logits with a derivative by x, where `logits` looks values up and so has none: for causality maps. At values
   * x can take it equals `logits`, and its derivative by xⱼ is zero just where the logits do not depend on xⱼ.
   */
  readonly smooth?: (params: TracedParams, given: Given) => Tensor;
  /** log p(xᵢ | those before it) of each variable at its place [B, D], where there is a shorter way than through `logits`. */
  readonly logConditionals?: (params: TracedParams, given: Given) => Tensor;
  /** log p(x) of each example [B], where there is a shorter way than the sum of these. */
  readonly logProb?: (params: TracedParams, given: Given) => Tensor;
  /** Which conditionals count in log p(x), as [B, D] of 0 and 1; all where left out. `autoregressive` sets it from the data. */
  readonly counted?: (x: Tensor) => Tensor;
  /** Whether the first variable is given and not modelled: generation begins after it. `autoregressive` sets it from the data. */
  readonly given?: GivenFirst;
  /** Generation that does not pay again for what it has computed; without it every variable costs a whole pass. */
  readonly cached?: Cached;
  /** How parameters begin from a first look at that many examples, where `init` alone leaves layers at odds with the data. */
  readonly start?: {
    readonly examples: number;
    readonly fit: (params: TracedParams, given: Given) => TracedParams;
  };
  /** The training objective, where it is not the mean of −log p(x) in the first order. */
  readonly objective?: Objective;
  /** Conditionals of any variable given any others, for orderless models: completion is exact for every mask. */
  readonly anyOrder?: AnyOrder;
}

/** A first variable that is given; `value` is what it is when nobody says (drawn evenly where left out). */
export interface GivenFirst {
  readonly value?: number;
}

/** A training objective with what it is fed. */
export interface Objective {
  readonly noise?: (batch: number) => NoiseSpecs;
  readonly scalars?: (step: number) => Readonly<Record<string, number>>;
  readonly loss: (params: TracedParams, inputs: LossInputs) => LossResult;
  /** Whether validation looks at −log p(x) instead, because the objective adds noise that evaluation leaves out (dropout). */
  readonly likelihoodValidates?: boolean;
}

/** The order in which variables lie in memory. */
export function rasterOrder(size: number): Uint32Array {
  return Uint32Array.from({ length: size }, (_, i) => i);
}

/** How many values a variable of such data takes; throws where they are not countable. */
export function levelsOf(data: DataSpec, name: string): number {
  if (data.values === "binary") return 2;
  if (data.values === "bytes") return 256;
  if (data.values === "tokens" && data.vocabulary !== undefined) return data.vocabulary;
  throw new UsageError(`${name} models binary data, bytes and tokens; this data holds ${data.values} numbers.`);
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

/** The first token of a window is given: the boundary where there is one. */
export function givenOf({ values, boundary }: DataSpec): GivenFirst | undefined {
  return values === "tokens" ? { ...(boundary === undefined ? {} : { value: boundary }) } : undefined;
}

/**
 * Which variables' conditionals count in log p(x), as [B, D] of 0 and 1; undefined where all do. The first token of a
 * window is given, and after the end (the second boundary token) there is nothing left to say.
 */
export function countedOf(data: DataSpec): ((x: Tensor) => Tensor) | undefined {
  if (data.values !== "tokens") return undefined;
  const { boundary } = data;
  return (x) => {
    const tokens = x.flatten(1);
    const later = arange(tokens.shape[1]!).greater(0).cast("float32").broadcastTo(tokens.shape);
    if (boundary === undefined) return later;
    const ends = tokens.equal(boundary).cast("float32").mul(later);
    return ends.cumsum(1, { exclusive: true }).less(0.5).cast("float32").mul(later);
  };
}

/** Number of variables of an example. */
export const variablesOf = (data: DataSpec): number => sizeOf(data.shape);
