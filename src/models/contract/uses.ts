import type { HostArray } from "../../base/host.ts";
import type { Key } from "../../random/index.ts";
import type { Bound } from "../bound.ts";
import type { Compression } from "../compression.ts";
import type { Inspection } from "../inspection.ts";
import type { Likelihood, Numbers } from "./values.ts";

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

/** A Markov chain among named states, as a model has it or hides it. */
export interface StateChain {
  readonly states: readonly string[];
  /** How many states the next one depends on; 0 and 1 are analysed alike. */
  readonly order: number;
  /** Probabilities of the first `order` states (of one, for order 0), [Kᵏ]. */
  readonly initial: Float64Array;
  /** p(next | the k before it), [Kᵏ, K]. */
  readonly transition: Float64Array;
  /** What each state shows, named numbers; where states are hidden. */
  readonly shown?: readonly Readonly<Record<string, number>>[];
}

/** What is known of the hidden states of sequences [n, T]; NaN beyond the end of a sequence. */
export interface HiddenStates {
  readonly count: number;
  /** The most probable paths (Viterbi), state numbers [n, T]. */
  readonly path: HostArray<"float64">;
  /** log p(path, sequence) in nats, n numbers. */
  readonly nats: Float64Array;
  /** p(state of a step | whole sequence), [n, T, K]. */
  readonly posterior: HostArray<"float64">;
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
   * log p(class | inputs) in nats [n, classes], float64, of the levels of the target column given the other columns of a
   * table (what stands in the target column itself does not matter); logarithms, since a probability of e^−800 is none.
   */
  classify(on: Bound, x: Numbers, options: UseOptions): Promise<HostArray<"float64">>;
  /** The chain among the model's states. */
  chain(on: Bound): StateChain;
  /** The hidden states of sequences: most probable paths and posterior probabilities. */
  states(on: Bound, x: Numbers): Promise<HiddenStates>;
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
  "chain",
  "states",
  "read",
  "compress",
  "decompress",
  "surprise",
  "causality",
] as const;

/** The name of a capability. */
export type CapabilityName = keyof Capabilities;
