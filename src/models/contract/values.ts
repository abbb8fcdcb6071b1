import type { HostArray } from "../../base/host.ts";
import type { Tree } from "../../base/tree.ts";
import type { Spec, Tensor } from "../../graph/index.ts";

/** Parameters on the host: a plain tree; the path of a leaf is its name in files and in ONNX models. */
export type Params = Tree<HostArray>;

/** The same tree while tracing. */
export type TracedParams = Tree<Tensor>;

/** Examples, codes and probabilities on the host: float64 for tables, float32 for everything else. */
export type Numbers = HostArray<"float32" | "float64">;

/** Named tensors: what graph functions take and return. */
export type Named<T> = { readonly [name: string]: T };

/**
 * The law of a noise input, drawn on the host from a key: standard normal, uniform on [0, 1), standard Gumbel, or
 * uniform on 0, 1/256, …, 255/256, which costs a quarter of the random words and is enough to switch features off.
 */
export type NoiseLaw = "normal" | "uniform" | "gumbel" | "bytes";

/**
 * A graph function of a model with named inputs for a batch of any size: what host procedures run in chunks and what
 * export writes as one ONNX file. Inputs that are noise say which law they follow.
 */
export interface GraphFunction {
  /** One sentence for the model card: what goes in, what comes out, in which units. */
  readonly doc: string;
  readonly inputs: (batch: number) => Named<Spec>;
  readonly noise: Named<NoiseLaw>;
  readonly apply: (params: TracedParams, inputs: Named<Tensor>) => Named<Tensor>;
  /** Whether it is called over and over with the same parameters: they are then compiled in, and the engine packs its matrices once. */
  readonly fixesParams?: boolean;
}

/** What a likelihood figure is; it never travels without this. */
export type LikelihoodKind = "exact" | "lower-bound" | "estimate" | "unnormalised";

/** log p(x) in nats for each example, with what kind of figure it is and how it was computed. */
export interface Likelihood {
  readonly kind: LikelihoodKind;
  readonly via: string;
  readonly nats: Float64Array;
}
