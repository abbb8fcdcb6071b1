import { z } from "zod";
import type { DataSpec } from "../../data/types.ts";
import { covarianceKinds, type HiddenMarkovModel } from "../../probability/markov/index.ts";
import type { GenerativeModel, Params } from "../contract.ts";
import type { Steps } from "./steps.ts";

/** Options of the hidden Markov model. */
export const hmmOptions = z.strictObject({
  states: z.int().positive().default(8).describe("number of hidden states"),
  step: z.int().positive().default(1).describe("values of an example that one step shows: 1, or the width of an image"),
  covariance: z.enum(covarianceKinds).default("full").describe("covariances of real steps"),
  topology: z
    .enum(["ergodic", "left-right"])
    .default("ergodic")
    .describe("whether any state may follow any other, or each only itself or the next"),
  smoothing: z.number().min(0).default(0.1).describe("imagined transitions and values beside those of the data"),
  restarts: z.int().positive().default(3).describe("random starts of which the best on some examples is taken"),
});

/** A hidden Markov model with what it can do; reading is for text. */
export type Hmm = GenerativeModel<"sample" | "logProb" | "complete" | "encode" | "chain" | "states" | "surprise"> &
  Partial<GenerativeModel<"read">>;

/** What every part of the model knows. */
export interface Parts {
  readonly config: z.infer<typeof hmmOptions>;
  readonly data: DataSpec;
  readonly steps: Steps;
  readonly size: number;
  /** The model that is fitted. */
  readonly fitted: (params: Params) => HiddenMarkovModel;
  /** The model examples are rated by and drawn from: of lines, the one that knows their end. */
  readonly used: (params: Params) => HiddenMarkovModel;
}
