import { z } from "zod";
import { UsageError } from "../../base/errors.ts";
import { HostArray } from "../../base/host.ts";
import { sizeOf } from "../../base/shape.ts";
import type { DataSpec } from "../../data/types.ts";
import {
  baumWelch,
  type CategoricalEmission,
  covarianceKinds,
  expectation,
  type HiddenMarkovModel,
  hiddenMarkovModel,
  maximisedRows,
  randomStart,
} from "../../probability/markov/index.ts";
import { fold, type Key, normal } from "../../random/index.ts";
import { checkObserved } from "../autoregressive/complete.ts";
import { type Bound, rows } from "../bound.ts";
import type {
  ClosedForm,
  GenerativeModel,
  ModelEntry,
  Params,
  SampleOptions,
  Sums,
  TokenReader,
  TrainingConfig,
} from "../contract.ts";
import { endedModel, modelOf, paramsOf, readSteps, type Steps, stepsOfData } from "./steps.ts";

type Floats = HostArray<"float32">;

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

/** A hidden Markov model with what it can do; reading is for text, surprise for single values. */
export type Hmm = GenerativeModel<"sample" | "logProb" | "complete" | "encode"> &
  Partial<GenerativeModel<"read" | "surprise">>;

type Config = z.infer<typeof hmmOptions>;

/** What every part of the model knows. */
interface Parts {
  readonly config: Config;
  readonly data: DataSpec;
  readonly steps: Steps;
  readonly size: number;
  /** The model that is fitted. */
  readonly fitted: (params: Params) => HiddenMarkovModel;
  /** The model examples are rated by and drawn from: of lines, the one that knows their end. */
  readonly used: (params: Params) => HiddenMarkovModel;
}

/**
 * Hidden Markov model: an example is a sequence of steps, each shown by a hidden state that follows the one before
 * (Baum & Petrie 1966; Rabiner 1989). Tokens, pixels or rows of pixels as categories, real numbers as normals.
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
    sample: async (on, given) => sample(parts, on, given),
    logProb: async (on, x) => {
      const nats = mapRows(x as Floats, (row) => sum(conditionals(parts, on, row)));
      return { kind: "exact", via: "the forward algorithm, summed over all paths", nats: Float64Array.from(nats) };
    },
    complete: async (on, x, observed, { key, stated }) => {
      stated?.("the exact conditional: states by forward filtering and backward sampling, then what they show");
      return complete(parts, on, x as Floats, observed as Floats, key);
    },
    encode: async (on, x) => {
      const codes = mapRows(x as Floats, (row) => used(on.params).smooth(readSteps(steps, row)));
      const width = codes[0]?.length ?? 0;
      const all = new HostArray("float32", [codes.length, width], new Float32Array(codes.length * width));
      codes.forEach((code, i) => {
        all.data.set(code, i * width);
      });
      return all;
    },
  };
  return {
    ...model,
    ...(data.values === "tokens" ? { read: (on: Bound, batch: number) => reader(parts, on, batch) } : {}),
    ...(steps.dimension === 1 && data.values !== "real" ? { surprise: surpriseOf(parts) } : {}),
  };
}

const sum = (values: Float64Array) => values.reduce((a, b) => a + b, 0);

const mapRows = <T>(x: Floats, of: (row: Float32Array, n: number) => T): T[] =>
  Array.from({ length: x.shape[0]! }, (_, n) => of(rows(x, n, n + 1).data, n));

function remembered(make: (params: Params) => HiddenMarkovModel): (params: Params) => HiddenMarkovModel {
  const known = new WeakMap<object, HiddenMarkovModel>();
  return (params) => {
    const found = known.get(params as object) ?? make(params);
    known.set(params as object, found);
    return found;
  };
}

/** A model before any data: the random start that made-up examples give. */
function randomParams({ config, steps, size }: Parts, key: Key): Params {
  const made = normal(fold(key, "made up"), [64 * config.states * steps.dimension]).data;
  const symbols = steps.emission.kind === "categorical" ? steps.emission.levels : 0;
  const examples = symbols > 0 ? [new Float64Array(size - steps.skip).fill(Number.NaN)] : [Float64Array.from(made)];
  return paramsOf(randomStart(examples, { ...config, emission: steps.emission }, key));
}

/** log p(value t | values before it) of what is modelled. */
function conditionals({ steps, used }: Parts, on: Bound, row: Float32Array): Float64Array {
  const nats = used(on.params).conditionals(readSteps(steps, row));
  const dead = nats.indexOf(Number.NEGATIVE_INFINITY);
  if (dead >= 0) nats.fill(0, dead + 1);
  if (steps.given) nats[0] = 0;
  return nats;
}

/** −log p of every value given those before it; 0 of what is given. */
function surpriseOf(parts: Parts): NonNullable<Hmm["surprise"]> {
  return async (on, x) => {
    const nats = new HostArray("float32", x.shape, new Float32Array(x.size));
    mapRows(x, (row, n) => {
      const own = conditionals(parts, on, row);
      own.forEach((value, t) => {
        nats.data[n * parts.size + parts.steps.skip + t] = value === 0 ? 0 : -value;
      });
    });
    return { nats, order: 0, orders: 1 };
  };
}

function sample({ steps, size, data, used }: Parts, on: Bound, given: SampleOptions): Floats {
  const { count, key, temperature = 1, topK, topP } = given;
  if (temperature !== 1 || topK !== undefined || topP !== undefined)
    throw new UsageError(
      "hmm draws whole sequences from its distribution as it is: leave temperature, top-k and top-p.",
    );
  const values = new HostArray(
    "float32",
    [count, ...data.shape],
    new Float32Array(count * size).fill(data.boundary ?? 0),
  );
  const model = used(on.params);
  for (let n = 0; n < count; n++) {
    const drawn = model.sample(fold(key, n), steps.length).steps;
    for (let i = 0; i < drawn.length; i++) values.data[n * size + steps.skip + i] = drawn[i]! * steps.unit;
  }
  return values;
}

function complete({ steps, size, data, used }: Parts, on: Bound, x: Floats, observed: Floats, key: Key): Floats {
  checkObserved(x, observed);
  const done = new HostArray("float32", x.shape, new Float32Array(x.size));
  const model = used(on.params);
  mapRows(x, (row, n) => {
    const seen = rows(observed, n, n + 1).data;
    const drawn = model.complete(readSteps(steps, row, seen), fold(key, n)).steps;
    for (let i = 0; i < size; i++) {
      const value = i < steps.skip ? data.boundary! : drawn[i - steps.skip]! * steps.unit;
      done.data[n * size + i] = seen[i]! > 0.5 ? row[i]! : value;
    }
  });
  return done;
}

/** Texts read token by token: all that is kept of one is the law of its next state. */
function reader({ steps, used }: Parts, on: Bound, batch: number): TokenReader {
  const { states: n, initial, transition, emission } = used(on.params);
  const { probabilities, levels } = emission as CategoricalEmission;
  const laws = Array.from({ length: batch }, () => initial.slice());
  let skip = steps.skip;
  const take = (law: Float64Array, token: number) => {
    const weighed = law.map((p, i) => p * probabilities[i * levels + token]!);
    const total = sum(weighed);
    const now = total > 0 ? weighed : law; // an impossible token says nothing
    law.fill(0);
    for (let i = 0; i < n; i++)
      for (let j = 0; j < n; j++) law[j]! += (now[i]! / (total || 1)) * transition[i * n + j]!;
  };
  return {
    context: Number.MAX_SAFE_INTEGER,
    read: async (further) => {
      const logits = new HostArray("float32", [batch, levels], new Float32Array(batch * levels));
      laws.forEach((law, b) => {
        for (let t = skip; t < further[b]!.length; t++) take(law, further[b]![t]!);
        for (let v = 0; v < levels; v++) {
          let p = 0;
          for (let i = 0; i < n; i++) p += law[i]! * probabilities[i * levels + v]!;
          logits.data[b * levels + v] = Math.log(p);
        }
      });
      skip = 0;
      return logits;
    },
  };
}

/** Values that random starts are tried on, and rounds after which they are compared. */
const TRIAL_VALUES = 30_000;
const TRIAL_ROUNDS = 4;

/** Baum-Welch in rounds over all examples. */
function rounds(parts: Parts): ClosedForm {
  const { config, data, steps, size, fitted } = parts;
  const { states, smoothing, restarts } = config;
  const before = new WeakMap<Sums, HiddenMarkovModel>();
  const pseudocounts = { initial: smoothing, transition: smoothing };
  const read = (row: Float32Array) => {
    const all = readSteps(steps, row);
    const end = data.boundary === undefined ? -1 : all.indexOf(data.boundary);
    return end === -1 ? all : all.subarray(0, end + 1);
  };
  return {
    kind: "closed-form",
    tolerance: 1e-3,
    zeros: () => ({
      initial: new Float64Array(states),
      pairs: new Float64Array(states * states),
      emission: new Float64Array(emissionSize(parts)),
      nats: new Float64Array(1),
    }),
    start: async (_, x, key) => {
      const some = rows(x as Floats, 0, Math.max(1, Math.min(x.shape[0]!, Math.floor(TRIAL_VALUES / size))));
      const sequences = mapRows(some, read);
      let best: { readonly model: HiddenMarkovModel; readonly objective: number } | undefined;
      for (let trial = 0; trial < restarts; trial++) {
        const begun = randomStart(sequences, { ...config, emission: steps.emission }, fold(key, trial));
        const tried = baumWelch(begun, sequences, { rounds: TRIAL_ROUNDS, pseudocounts });
        if (!best || tried.objective > best.objective) best = tried;
      }
      return paramsOf(best!.model);
    },
    add: async (sums, on, x) => {
      const model = fitted(on.params);
      before.set(sums, model);
      const emission = model.emission.sums(sums.emission);
      mapRows(x as Floats, (row) => {
        sums.nats![0]! += expectation(model, read(row), sums as never, emission, "An example");
      });
    },
    solve: (sums) => {
      const model = before.get(sums)!;
      return paramsOf(
        hiddenMarkovModel({
          initial: maximisedRows(model.initial, sums.initial!, states, smoothing),
          transition: maximisedRows(model.transition, sums.pairs!, states, smoothing),
          emission: model.emission.sums(sums.emission!).solve(),
        }),
      );
    },
  };
}

/** Numbers that expectation adds up of what the states show. */
function emissionSize({ config: { states, covariance }, steps: { emission, dimension: d } }: Parts): number {
  if (emission.kind === "categorical") return states * d * emission.levels;
  return states * (1 + d + (covariance === "full" || covariance === "tied" ? d * d : d));
}

const training: TrainingConfig = { batchSize: 500, validateEvery: 5, patience: 3, steps: 100 };

/** The registry's entry. */
export const hmmEntry: ModelEntry = {
  name: "hmm",
  family: "markov",
  title: "Hidden Markov model",
  paper: "Baum, Petrie, Soules & Weiss 1970; Rabiner 1989, A tutorial on hidden Markov models",
  kind: "exact",
  options: hmmOptions,
  presets: {
    small: { title: "8 states, a value a step", model: {}, training },
    rows: { title: "32 states, rows of 28 pixels", model: { states: 32, step: 28 }, training },
    text: { title: "32 states, for text", model: { states: 32 }, training },
  },
  make: hmm,
};
