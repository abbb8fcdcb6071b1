import { sizeOf } from "../../base/shape.ts";
import type { DataSpec } from "../../data/types.ts";
import type { HiddenMarkovModel } from "../../probability/markov/index.ts";
import type { Bound } from "../bound.ts";
import type { ModelEntry, Params, TrainingConfig } from "../contract.ts";
import { freeHmmParameters } from "./free.ts";
import { randomParams, rounds } from "./hmm-learning.ts";
import { hmmTables } from "./hmm-learnt.ts";
import { endedModel, modelOf } from "./hmm-params.ts";
import { type Hmm, hmmOptions, type Parts } from "./hmm-parts.ts";
import { hmmReader } from "./hmm-reader.ts";
import { chainOf, complete, conditionals, encode, hiddenStates, sample, surpriseOf } from "./hmm-uses.ts";
import { mapRows, sum } from "./rows.ts";
import { stepsOfData } from "./steps.ts";

/**
 * Hidden Markov model: an example is a sequence of steps, each shown by a hidden state that follows the one before
 * (Baum & Petrie 1966; Rabiner 1989). Tokens, pixels or rows of pixels as categories, real numbers as normals; rows of
 * tables column by column as their kinds say. The length of a sequence of rows is given, not modelled: draws take lengths
 * of the training data.
 */
export function hmm(options: Readonly<Record<string, unknown>>, data: DataSpec): Hmm {
  const config = hmmOptions.parse(options);
  const steps = stepsOfData(data, config);
  const fitted = remembered((params) => modelOf(params, steps, config.states));
  const { boundary } = data;
  const used = boundary === undefined ? fitted : remembered((params) => endedModel(fitted(params), boundary));
  const parts: Parts = { config, data, steps, size: sizeOf(data.shape), fitted, used };
  const model: Hmm = {
    name: "hmm",
    config,
    data,
    conditional: false,
    init: (key) => randomParams(parts, key),
    learning: rounds(parts),
    functions: {},
    freeParameters: () => freeHmmParameters(parts),
    learnt: (params) => hmmTables(parts, params),
    sample: async (on, given) => sample(parts, on, given),
    logProb: async (on, x) => {
      const nats = mapRows(x, (row) => sum(conditionals(parts, on, row)));
      return { kind: "exact", via: "the forward algorithm, summed over all paths", nats: Float64Array.from(nats) };
    },
    complete: async (on, x, observed, { key, stated }) => {
      stated?.("the exact conditional: states by forward filtering and backward sampling, then what they show");
      return complete(parts, on, x, observed as never, key);
    },
    encode: async (on, x) => encode(parts, on, x),
    chain: (on) => chainOf(parts, on),
    states: (on, x) => hiddenStates(parts, on, x),
    surprise: surpriseOf(parts),
  };
  return {
    ...model,
    ...(data.values === "tokens" ? { read: (on: Bound, batch: number) => hmmReader(parts, on, batch) } : {}),
  };
}

function remembered(make: (params: Params) => HiddenMarkovModel): (params: Params) => HiddenMarkovModel {
  const known = new WeakMap<object, HiddenMarkovModel>();
  return (params) => {
    const found = known.get(params as object) ?? make(params);
    known.set(params as object, found);
    return found;
  };
}

const training: TrainingConfig = { batchSize: 500, validateEvery: 5, patience: 3, steps: 100 };

/** The registry's entry. */
export const hmmEntry: ModelEntry = {
  name: "hmm",
  family: "markov",
  title: "Hidden Markov model",
  paper: "Baum, Petrie, Soules & Weiss 1970; Rabiner 1989, A tutorial on hidden Markov models",
  kind: "exact",
  sequences: true,
  options: hmmOptions,
  presets: {
    small: { title: "8 states, a value a step", model: {}, training },
    rows: { title: "32 states, rows of 28 pixels", model: { states: 32, step: 28 }, training },
    text: { title: "32 states, for text", model: { states: 32 }, training },
  },
  make: hmm,
};
