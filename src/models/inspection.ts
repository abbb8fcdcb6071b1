import type { HostArray } from "../base/host.ts";
import type { Key } from "../random/index.ts";
import type { Bound } from "./bound.ts";

type Floats = HostArray<"float32">;

/** What surprise and causality are asked with. */
export interface InspectOptions {
  /** One class number per example, for models conditioned on them. */
  readonly labels?: ArrayLike<number>;
  /** In which of the model's orders: the first, number 0, when left out. */
  readonly order?: number;
  /** Called with the fraction done. */
  readonly progress?: (fraction: number) => void;
}

/** How unexpected every variable of some examples was. */
export interface Surprise {
  /**
   * −log p(xᵢ | variables before it) in nats [n, ...shape]; they sum to −log p(x) in this order. Of sequences of rows
   * [n, T, columns], with T as long as those given: NaN where a cell is missing or beyond the end.
   */
  readonly nats: Floats;
  /** The number of the order, and how many the model has: their probabilities are averaged, never their surprises. */
  readonly order: number;
  readonly orders: number;
}

/** Options of `causality`. */
export interface CausalityOptions extends InspectOptions {
  /** Decides the random directions in which the logits of variables with more than two values are looked at. */
  readonly key: Key;
  /** Such directions for each example (2). */
  readonly probes?: number;
}

/** Which inputs the logits of some variables depend on, each [variables, ...shape]. */
export interface Causality {
  /** Root mean square over the examples of ‖∂ logitsᵢ / ∂ xⱼ‖₂, in nats for each unit of xⱼ in model units. */
  readonly strength: Floats;
  /** 1 where this is not zero for some example: the inputs the variable sees. */
  readonly seen: HostArray<"bool">;
  /** 1 where an input comes before the variable in the order: those it may see. */
  readonly before: HostArray<"bool">;
  readonly order: number;
  readonly orders: number;
}

/** Looks inside models that predict their variables one after the other. */
export interface Inspection {
  /** How unexpected each variable of the examples was, given those before it. */
  surprise(on: Bound, x: Floats, options: InspectOptions): Promise<Surprise>;
  /** Which inputs the given variables (places in the flattened example) depend on, measured on these examples. */
  causality(on: Bound, x: Floats, variables: readonly number[], options: CausalityOptions): Promise<Causality>;
}
