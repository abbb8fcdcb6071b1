import type { HostArray } from "../../base/host.ts";
import type { DataSpec } from "../../data/types.ts";
import type { Key } from "../../random/index.ts";
import type { Learning } from "./learning.ts";
import type { Capabilities, CapabilityName } from "./uses.ts";
import type { GraphFunction, Named, Params } from "./values.ts";

/** The directions that the codes of a linear model stand for. */
export interface Directions {
  /** What one is called: component, factor, source. */
  readonly name: string;
  /** In the space of examples, [K, ...shape]. */
  readonly vectors: HostArray<"float64">;
  /** The share of the variance of all numbers that each explains, where it is defined. */
  readonly explained?: Float64Array;
}

/** A table of what a model has learnt, for people: coefficients, means, shares. */
export interface LearntTable {
  readonly title: string;
  /** Names of the columns; the first names the rows. */
  readonly head: readonly string[];
  readonly rows: readonly (readonly [name: string, ...cells: (string | number)[]])[];
  readonly note?: string;
}

/** What every model is, whatever it can do. */
export interface ModelCore {
  /** Its name in the registry. */
  readonly name: string;
  /** The complete configuration it was made with: plain values. */
  readonly config: Readonly<Record<string, unknown>>;
  readonly data: DataSpec;
  /** How bytes must be encoded for it, when dividing by 255 is not what it wants. */
  readonly encoding?: { readonly dequantize?: boolean; readonly range?: "unit" | "symmetric" };
  /** Whether its functions take one-hot labels. */
  readonly conditional: boolean;
  readonly init: (key: Key) => Params;
  readonly learning: Learning;
  /** The graph functions export writes, by name. */
  readonly functions: Named<GraphFunction>;
  /** What codes mean, for models that are linear: what reports draw. */
  readonly directions?: (params: Params) => Directions;
  /** What it has learnt in tables, for models whose parameters mean something one by one. */
  readonly learnt?: (params: Params) => readonly LearntTable[];
  /** A picture of what it has learnt as SVG, for models that can be drawn. */
  readonly drawing?: (params: Params) => string | undefined;
  /** Independent numbers among the parameters, for models that store more than those. */
  readonly freeParameters?: (params: Params) => number;
}

/** A model with the capabilities C. A model without logProb has no such property: calling it does not compile. */
export type GenerativeModel<C extends CapabilityName = never> = ModelCore & Pick<Capabilities, C>;

/** A model of which nothing is known yet: ask `can` before use. */
export type AnyModel = ModelCore & Partial<Capabilities>;

/** The only question an application may ask of a model. */
export function can<C extends CapabilityName>(
  model: AnyModel,
  capability: C,
): model is AnyModel & Pick<Capabilities, C> {
  return typeof model[capability] === "function";
}
