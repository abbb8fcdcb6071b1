import type { HostArray } from "../../base/host.ts";
import type { Tensor } from "../../graph/index.ts";
import type { Key } from "../../random/index.ts";
import type { Runtime } from "../../runtime/index.ts";
import type { Bound } from "../bound.ts";
import type { Named, NoiseLaw, Numbers, Params, TracedParams } from "./values.ts";

/** Noise inputs of a loss, for a batch. */
export type NoiseSpecs = Named<{ readonly law: NoiseLaw; readonly shape: readonly number[] }>;

/** What a loss sees beside the parameters. */
export interface LossInputs {
  /** Examples in model units, [batch, ...shape]. */
  readonly x: Tensor;
  /** One-hot labels [batch, classes], for models that use them. */
  readonly labels?: Tensor;
  readonly noise: Named<Tensor>;
  /** Host numbers that change with the step (an annealed weight). */
  readonly scalars: Named<Tensor>;
}

/** A scalar loss to minimise and named scalars to watch; units are nats per example unless a name says otherwise. */
export interface LossResult {
  readonly loss: Tensor;
  readonly metrics: Named<Tensor>;
}

/** One objective with the parameters it moves. Most models have one phase; a GAN has two. */
export interface Phase {
  readonly name: string;
  readonly noise: (batch: number) => NoiseSpecs;
  readonly scalars: (step: number) => Named<number>;
  readonly loss: (params: TracedParams, inputs: LossInputs) => LossResult;
  /** Whether this phase moves the parameter of that path; all of them when left out. */
  readonly trains?: (path: string) => boolean;
  /** How validation differs: examples held at once (500), and a loss without the noise that only training needs (dropout). */
  readonly validation?: { readonly chunk?: number; readonly loss?: Phase["loss"] };
}

/** Totals over examples, in double precision. */
export type Sums = Named<Float64Array>;

/**
 * Learning without gradients: a round adds up what all training examples say under the parameters so far, then solves
 * for better ones. Counting needs one round; expectation-maximisation (Dempster, Laird & Rubin 1977) goes on until a
 * round gains too little.
 */
export interface ClosedForm {
  readonly kind: "closed-form";
  /** Parameters for the first round from a few thousand training examples; those of `init` when left out. */
  start?(runtime: Runtime, x: Numbers, key: Key): Promise<Params>;
  /** The zeros a round begins with. */
  readonly zeros: () => Sums;
  /** Adds what a batch of examples says under the bound parameters; to `nats`, where there is one, their log p(x). */
  add(sums: Sums, on: Bound, x: Numbers): Promise<void>;
  /** The parameters that fit the sums over `count` examples best. */
  readonly solve: (sums: Sums, count: number) => Params;
  /** Rounds end when one gains less than this in nats per example; after the first when left out. */
  readonly tolerance?: number;
  /** Whether sizes of parameters follow from the data: those of a file are then taken as large as they are. */
  readonly elastic?: boolean;
}

/**
 * A start from data: parameters of `init` that are then set by a first look at examples, before the first step, where
 * layers must begin with a given mean and spread (weight normalisation, activation normalisation).
 */
export interface DataStart {
  /** Training examples it looks at; fewer where there are fewer. */
  readonly examples: number;
  fit(
    runtime: Runtime,
    params: Params,
    given: { readonly x: Numbers; readonly labels?: HostArray<"float32"> },
  ): Promise<Params>;
}

/** Learning by gradient steps on the phases in turn. */
export interface GradientLearning {
  readonly kind: "gradient";
  readonly phases: readonly Phase[];
  readonly start?: DataStart;
}

/** Examples that can be read more than once and piece by piece, in a fixed order. */
export interface Examples {
  readonly count: number;
  /** Whether they are kept on disk because memory does not hold them: better read again than gathered. */
  readonly stored?: boolean;
  /** Examples `start` to `end` (excluded) in model units. */
  read(start: number, end: number): Promise<Numbers>;
}

/** What a direct fit is given. */
export interface DirectGiven {
  readonly train: Examples;
  /** To choose by (when to stop, how many components); figures on it are measured by the caller after each step. */
  readonly valid: Examples;
  readonly key: Key;
  readonly runtime: Runtime;
  /** Where it stood when it was stopped: how many steps it had told, and what it told last, for going on. */
  readonly resume?: { readonly step: number; readonly params: Params; readonly state?: Params };
}

/** One step of a direct fit, as it tells it. */
export interface DirectStep {
  /** Parameters that the model can be used with from here on. */
  readonly params: Params;
  /** What else it needs to go on as if it had never stopped (directions of L-BFGS, tabu lists). */
  readonly state?: Params;
  /** Figures to watch; `loss` is what it minimises (nats per example where it is a likelihood). */
  readonly metrics?: Named<number>;
  /** The fraction done, where it is known. */
  readonly done?: number;
  /** Whether it is a place within a step, at which the fit may be stopped: it counts as no step and is not validated. */
  readonly partial?: boolean;
  /** What the fit has come to, with its last step. */
  readonly outcome?: Outcome;
}

/** What a fit has come to: in a few words, and as figures (components, BIC). */
export interface Outcome {
  readonly text: string;
  readonly figures: Named<number>;
}

/**
 * Learning by a procedure of the model's own that sees all examples (L-BFGS, EM in double precision, structure search). It
 * tells each step, and with it everything needed to go on: the caller validates, writes checkpoints, stops it between two
 * steps by Ctrl-C, --time or --steps, and resumes it. It has converged when it returns. Names and sizes of parameters may
 * follow from the data: those of a file are taken as they are.
 */
export interface DirectLearning {
  readonly kind: "direct";
  /** Whether how many parameters there are is not known before the fit. */
  readonly elastic?: boolean;
  /** Whether it chooses what stands by a criterion of its own: the latest is then the best, whatever validation says. */
  readonly selects?: boolean;
  fit(given: DirectGiven): AsyncIterable<DirectStep> | Iterable<DirectStep>;
}

/** How a model learns: by gradient steps on its phases, by sums over the examples, or by a procedure of its own. */
export type Learning = GradientLearning | ClosedForm | DirectLearning;
