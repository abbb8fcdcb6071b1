import type { z } from "zod";
import type { HostArray } from "../base/host.ts";
import type { Tree } from "../base/tree.ts";
import type { DataSpec } from "../data/types.ts";
import type { Spec, Tensor } from "../graph/index.ts";
import type { Key } from "../random/index.ts";
import type { Runtime } from "../runtime/index.ts";
import type { Bound } from "./bound.ts";
import type { Compression } from "./compression.ts";
import type { Inspection } from "./inspection.ts";

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
}

/** What a likelihood figure is; it never travels without this. */
export type LikelihoodKind = "exact" | "lower-bound" | "estimate" | "unnormalised";

/** log p(x) in nats for each example, with what kind of figure it is and how it was computed. */
export interface Likelihood {
  readonly kind: LikelihoodKind;
  readonly via: string;
  readonly nats: Float64Array;
}

/** What most host procedures may be told. */
export interface UseOptions {
  readonly key: Key;
  /** One class number per example, for models conditioned on labels. */
  readonly labels?: ArrayLike<number>;
  /** Called with the fraction done. */
  readonly progress?: (fraction: number) => void;
}

/** Options of `sample`. */
export interface SampleOptions extends UseOptions {
  readonly count: number;
  /** Scales the spread of the latent noise, or divides the logits; 1 samples the model. */
  readonly temperature?: number;
  /** Draw among so many of the most probable values only; for models that draw value by value. */
  readonly topK?: number;
  /** Draw among the most probable values that together have at least this probability; for models that draw value by value. */
  readonly topP?: number;
  /** The means of p(x|z) instead of draws from it. */
  readonly mean?: boolean;
}

/** Options of `logProb`. */
export interface LogProbOptions extends UseOptions {
  /** Importance samples per example, for models whose likelihood is a bound or an estimate. */
  readonly importance?: number;
}

/** Options of `complete`. */
export interface CompleteOptions extends UseOptions {
  /** Sweeps of the sampler that fills what is missing, or particles where it draws them. */
  readonly sweeps?: number;
  /** Told what is drawn from: the exact conditional, or which approximation of it. */
  readonly stated?: (how: string) => void;
}

/** Reads texts token by token and says what may come next; it keeps what it has computed of those before. */
export interface TokenReader {
  /** The most tokens it can read: after so many a new reader begins with the last ones. */
  readonly context: number;
  /** Reads further tokens of each text, the same number of all ([batch][n]); gives the logits of the next, [batch, vocabulary]. */
  read(tokens: readonly ArrayLike<number>[]): Promise<HostArray<"float32">>;
}

/**
 * What can be done with a model. Examples are float32 [n, ...shape] in model units: binary data as 0 or 1, bytes as
 * value/255, real data and tokens as they are. Rows of a table are float64 [n, columns]; see "How to write a table model".
 */
export interface Capabilities extends Compression, Inspection {
  sample(on: Bound, options: SampleOptions): Promise<Numbers>;
  logProb(on: Bound, x: Numbers, options: LogProbOptions): Promise<Likelihood>;
  encode(on: Bound, x: Numbers, options: UseOptions): Promise<Numbers>;
  decode(on: Bound, z: Numbers, options: UseOptions): Promise<Numbers>;
  /** Fills what is missing; `observed` is 1 where x is known and those values come back untouched. */
  complete(on: Bound, x: Numbers, observed: Numbers, options: CompleteOptions): Promise<Numbers>;
  /**
   * The probabilities of the classes [n, classes], float64: of the levels of the target column given the other columns of
   * a table (what stands in the target column itself does not matter).
   */
  classify(on: Bound, x: Numbers, options: UseOptions): Promise<HostArray<"float64">>;
  /** A reader of so many texts at once, for models of tokens. */
  read(on: Bound, batch: number): TokenReader;
}

/** The names of all capabilities. */
export const capabilityNames = [
  "sample",
  "logProb",
  "encode",
  "decode",
  "complete",
  "classify",
  "read",
  "compress",
  "decompress",
  "surprise",
  "causality",
] as const;

/** The name of a capability. */
export type CapabilityName = keyof Capabilities;

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
  /** Where it stood when it was stopped: the last step it told, for going on. */
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
}

/**
 * Learning by a procedure of the model's own that sees all examples (L-BFGS, EM in double precision, structure search). It
 * tells each step, and with it everything needed to go on: the caller validates, writes checkpoints, stops it between two
 * steps by Ctrl-C, --time or --steps, and resumes it. It has converged when it returns. Names and sizes of parameters may
 * follow from the data: those of a file are taken as they are.
 */
export interface DirectLearning {
  readonly kind: "direct";
  fit(given: DirectGiven): AsyncIterable<DirectStep> | Iterable<DirectStep>;
}

/** How a model learns: by gradient steps on its phases, by sums over the examples, or by a procedure of its own. */
export type Learning = GradientLearning | ClosedForm | DirectLearning;

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

/** How the learning rate changes, as a factor of its peak. `floor` is the smallest factor. */
export type ScheduleConfig =
  | { readonly name: "constant" }
  | { readonly name: "exponential"; readonly halfLife: number; readonly floor: number }
  | { readonly name: "linear" | "cosine"; readonly steps: number; readonly floor: number }
  | { readonly name: "step"; readonly boundaries: readonly number[]; readonly factor: number }
  | { readonly name: "inverse-sqrt"; readonly peak: number }
  | { readonly name: "plateau"; readonly factor: number; readonly patience: number };

/**
 * How training runs: everything that shapes the result, as plain values. A step is one update by a batch, or one round
 * over all examples for a model that learns in closed form; what concerns gradients is then left out.
 */
export interface TrainingConfig {
  readonly batchSize: number;
  /** sgd, adam, adamw, adamax, rmsprop or lion. */
  readonly optimizer?: string;
  /** The peak learning rate, which the schedule scales. */
  readonly learningRate?: number;
  readonly schedule?: ScheduleConfig;
  /** Steps over which the learning rate grows from zero. */
  readonly warmup?: number;
  /** Decoupled weight decay of adamw on everything that is no vector (0.01). */
  readonly weightDecay?: number;
  /** Decay of the gradients' average of adam and adamw (0.9). */
  readonly beta1?: number;
  /** Decay of the squared gradients' average of adam and adamw (0.999). */
  readonly beta2?: number;
  /** Largest global gradient norm; no clipping when left out. */
  readonly clip?: number;
  /** Decay of the exponential moving average of the parameters that is evaluated; none when left out. */
  readonly ema?: number;
  /** Steps between validations. */
  readonly validateEvery: number;
  /** Stop after so many validations without a better one; never when left out. */
  readonly patience?: number;
  /** Stop after so many steps; when left out, time or patience ends training. */
  readonly steps?: number;
}

/** A named configuration of a model and its training. */
export interface Preset {
  readonly title: string;
  readonly model: Readonly<Record<string, unknown>>;
  readonly training: TrainingConfig;
  /** How text is cut for it where the command line does not say; other data do not mind. */
  readonly text?: { readonly context?: number; readonly tokenizer?: string };
}

/*
 * How to write a table model. Its entry says `tables: true`; `make(config, data)` gets `data.values === "table"` and
 * `data.columns` (name, kind, levels), `data.target` (a place in columns, when --target names one) and `data.classes` (the
 * levels of the target). Throw UsageError in `make` for columns it cannot model; say to --drop them or to change their kind
 * with --columns. Examples are float64 [n, columns.length], ALL columns in order, the target among them: a categorical or
 * ordinal cell is the number of its level, a count a whole number, NaN is missing anywhere. `src/models/tables.ts` has
 * helpers (`requireTable`, `requireTarget`, `needKinds`, `levelsOf`, `withGaps`).
 *  - sample gives whole rows, the target included; complete takes NaN or observed = 0 as missing and returns what was given;
 *  - logProb rates whole rows: the density of real columns times the probability of the others; a missing cell is summed or
 *    integrated out, so a NaN in the target gives log p(inputs). A model of p(target | inputs) alone has no logProb;
 *  - classify gives p(target | inputs) and never looks at the target;
 *  - Params may be float64 (arrays of any names where learning is `direct`; else `init` gives names, shapes, dtypes);
 *  - learning is `closed-form` (sums over batches: counting, moments, EM rounds; any amount of data), or `direct`.
 * The model to copy is src/models/independent/. tests/contract/tables.test.ts runs over every entry with `tables: true`.
 */

/** One line of the registry: the command line, the documentation and the contract tests all read it. */
export interface ModelEntry {
  readonly name: string;
  readonly family: string;
  readonly title: string;
  /** Authors, year, arXiv id. */
  readonly paper: string;
  readonly kind: LikelihoodKind | "none";
  /** Whether it models rows of a table: data are then opened as one; "also" where it models vectors and images too. */
  readonly tables?: boolean | "also";
  /** Options with their descriptions and defaults; what `--set name=value` may set. */
  readonly options: z.ZodObject;
  /** Options a trained model may be used with other values of: they shape no parameter and no training. */
  readonly changeable?: readonly string[];
  readonly presets: Named<Preset>;
  /** A model for data of that kind; throws UsageError when it cannot model such data. */
  readonly make: (config: Readonly<Record<string, unknown>>, data: DataSpec) => AnyModel;
}
