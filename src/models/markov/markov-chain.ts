import { z } from "zod";
import { HostArray } from "../../base/host.ts";
import type { DataSpec } from "../../data/types.ts";
import { uniforms64 } from "../../probability/tables/index.ts";
import { fold } from "../../random/index.ts";
import { checkObserved } from "../autoregressive/complete.ts";
import { levelsOf } from "../autoregressive/factorisation.ts";
import { type Ngram, ngramModel } from "../baselines/ngram/ngram.ts";
import { sequences } from "../baselines/ngram/sequence.ts";
import { NgramReader } from "../baselines/ngram/tree.ts";
import { inOneRound } from "../baselines/presets.ts";
import { type Bound, rows } from "../bound.ts";
import type { CompleteOptions, ModelEntry } from "../contract.ts";
import { dirichletSmoothing } from "./dirichlet.ts";
import { drawGaps } from "./gaps.ts";
import { type SequenceChain, sequenceChain } from "./sequence-chain.ts";
import { freeTreeParameters, treeTables } from "./tree-learnt.ts";

type Floats = HostArray<"float32">;

/** Options of the Markov chain. */
export const markovChainOptions = z.strictObject({
  order: z.int().min(0).max(15).default(1).describe("how many values before it the next one depends on"),
  smoothing: z
    .number()
    .positive()
    .default(4)
    .describe("imagined observations after each context, spread as the context one shorter says"),
});

/** The most contexts that may stay possible within a gap for its exact posterior. */
const MOST_CONTEXTS = 20_000;

/**
 * A Markov chain of order k over tokens, or over the values of an example one after the other: p(xᵢ | the k before it), the
 * same everywhere, as the posterior mean under Dirichlet laws around the chain of order k − 1 (MacKay & Peto 1995).
 */
export function markovChain(options: Readonly<Record<string, unknown>>, data: DataSpec): Ngram | SequenceChain {
  const config = markovChainOptions.parse(options);
  if (data.values === "sequences") return sequenceChain(config, data);
  const { order, smoothing } = config;
  const kind = {
    name: "markov-chain",
    config,
    order: order + 1,
    smooth: (counts: Parameters<typeof dirichletSmoothing>[0]) => dirichletSmoothing(counts, smoothing),
  };
  const model = ngramModel(kind, data);
  const levels = levelsOf(data, kind.name);
  return {
    ...model,
    freeParameters: freeTreeParameters,
    learnt: (params) => treeTables({ levels, order, smoothing }, params),
    complete: async (on, x, observed, given) => {
      checkObserved(x as Floats, observed as Floats);
      if (levels ** Math.min(order, longestGap(observed as Floats)) > MOST_CONTEXTS)
        return model.complete(on, x, observed, given);
      return complete(on, x as Floats, observed as Floats, given, { data, order, levels });
    },
  };
}

/** The longest run of missing values in an example. */
function longestGap(observed: Floats): number {
  const size = observed.size / observed.shape[0]!;
  let [run, most] = [0, 0];
  observed.data.forEach((seen, i) => {
    run = seen > 0.5 ? 0 : i % size === 0 ? 1 : run + 1;
    most = Math.max(most, run);
  });
  return most;
}

interface Parts {
  readonly data: DataSpec;
  readonly order: number;
  readonly levels: number;
}

async function complete(
  on: Bound,
  x: Floats,
  observed: Floats,
  { key, stated }: CompleteOptions,
  { data, order, levels }: Parts,
): Promise<Floats> {
  stated?.("the exact conditional: contexts weighed forward, then drawn backward");
  const reader = new NgramReader(on.params, levels, order + 1);
  const { of, write, given, boundary } = sequences(data, order + 1);
  const done = new HostArray("float32", x.shape, new Float32Array(x.size));
  for (let n = 0; n < x.shape[0]!; n++) {
    const [own, seen] = [rows(x, n, n + 1).data, rows(observed, n, n + 1).data];
    const text = of(own.map((value, i) => (seen[i]! > 0.5 ? value : 0)));
    const known = new Uint8Array(text.tokens.length).fill(1);
    seen.forEach((each, i) => {
      known[text.lead + i] = Number(each > 0.5);
    });
    let first = text.lead;
    if (given && boundary !== undefined) text.tokens[text.lead] = boundary;
    if (given && (boundary !== undefined || known[text.lead])) first++;
    const u = uniforms64(fold(key, n), text.tokens.length + 1);
    drawGaps(reader, order, { tokens: text.tokens, known, first, ...(boundary === undefined ? {} : { boundary }) }, u);
    const target = rows(done, n, n + 1).data;
    write(text, target);
    for (let i = 0; i < target.length; i++) if (seen[i]! > 0.5) target[i] = own[i]!;
  }
  return done;
}

/** The registry's entry. */
export const markovChainEntry: ModelEntry = {
  name: "markov-chain",
  family: "markov",
  title: "Markov chain of order k",
  paper: "Markov 1913 (letters of Eugene Onegin); smoothing as MacKay & Peto 1995",
  kind: "exact",
  sequences: true,
  options: markovChainOptions,
  presets: {
    small: { title: "order 1, one round of counting", model: {}, training: inOneRound },
    "order-3": { title: "order 3", model: { order: 3 }, training: inOneRound },
    "order-5": { title: "order 5", model: { order: 5 }, training: inOneRound },
  },
  make: markovChain,
};
