import { z } from "zod";
import { UsageError } from "../../base/errors.ts";
import { HostArray } from "../../base/host.ts";
import type { DataSpec } from "../../data/types.ts";
import type { Tensor } from "../../graph/index.ts";
import { normal } from "../../random/index.ts";
import { type Factorisation, levelsOf, rasterOrder, unitOf, variablesOf } from "../autoregressive/factorisation.ts";
import { type AutoregressiveModel, autoregressive } from "../autoregressive/model.ts";
import type { ClosedForm, ModelEntry, TracedParams } from "../contract.ts";
import { inOneRound } from "./presets.ts";

/** Options of independent variables. */
export const bernoulliOptions = z.strictObject({
  smoothing: z.number().positive().default(0.5).describe("imagined observations of each value beside those counted"),
});

/** logits [D, levels] of every variable's values. */
type Independent = { readonly logits: Tensor };

/**
 * Every variable by itself: p(x) = ∏ᵢ p(xᵢ), each p(xᵢ) by counting. What a model gains on it is what it knows of how
 * variables hang together.
 */
export function bernoulli(options: Readonly<Record<string, unknown>>, data: DataSpec): AutoregressiveModel {
  const config = bernoulliOptions.parse(options);
  if (data.values === "tokens") throw new UsageError("bernoulli models binary data and bytes; for text take ngram.");
  const model = autoregressive({ name: "bernoulli", config, data, factorisation: factorisation(data) });
  return { ...model, learning: counting(config.smoothing, data) };
}

function factorisation(data: DataSpec): Factorisation {
  const [size, levels] = [variablesOf(data), levelsOf(data, "bernoulli")];
  const of = (params: TracedParams) => (params as unknown as Independent).logits;
  return {
    levels,
    orders: [rasterOrder(size)],
    init: (key) => ({ logits: normal(key, [size, levels]) }),
    logits: (params, { x }) => of(params).broadcastTo([x.shape[0]!, size, levels]),
    cached: {
      state: () => ({}),
      step: (params, state, { position, previous }) => {
        const logits = of(params).gather(position, 0).broadcastTo([previous.shape[0]!, levels]);
        return { logits, state };
      },
    },
  };
}

/** The logarithms of how often each value was seen, with as many imagined of each: the mean under a Dirichlet prior. */
function counting(smoothing: number, data: DataSpec): ClosedForm {
  const [size, levels, unit] = [variablesOf(data), levelsOf(data, "bernoulli"), unitOf(data)];
  return {
    kind: "closed-form",
    zeros: () => ({ counts: new Float64Array(size * levels) }),
    add: async ({ counts }, _, x) => {
      for (let i = 0; i < x.size; i++) counts![(i % size) * levels + Math.round(x.data[i]! / unit)]!++;
    },
    solve: ({ counts }) => ({
      logits: new HostArray(
        "float32",
        [size, levels],
        Float32Array.from(counts!, (n) => Math.log(n + smoothing)),
      ),
    }),
  };
}

/** The registry's entry. */
export const bernoulliEntry: ModelEntry = {
  name: "bernoulli",
  family: "baselines",
  title: "Independent Bernoulli variables",
  paper: "Smoothed as Jeffreys 1946; the floor under every model of Larochelle & Murray 2011",
  kind: "exact",
  options: bernoulliOptions,
  presets: { small: { title: "one round of counting", model: {}, training: inOneRound } },
  make: bernoulli,
};
