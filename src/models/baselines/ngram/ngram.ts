import { z } from "zod";
import { HostArray } from "../../../base/host.ts";
import type { DataSpec } from "../../../data/types.ts";
import { fold, type Key, uniform } from "../../../random/index.ts";
import { type TokenChoice, tokenAt, tokenProbabilities } from "../../../samplers/index.ts";
import { checkObserved, isPrefix } from "../../autoregressive/complete.ts";
import { levelsOf, rasterOrder, variablesOf } from "../../autoregressive/factorisation.ts";
import type { Generated } from "../../autoregressive/generate.ts";
import { approximately, resample, usualParticles } from "../../autoregressive/resample.ts";
import { type Bound, drawNoise, rows } from "../../bound.ts";
import type { Compression } from "../../compression.ts";
import type {
  Capabilities,
  ClosedForm,
  CompleteOptions,
  GenerativeModel,
  ModelEntry,
  Params,
  SampleOptions,
  Sums,
  TokenReader,
} from "../../contract.ts";
import { inOneRound } from "../presets.ts";
import { ngramCompression } from "./compress.ts";
import { NgramCounts } from "./counts.ts";
import { kneserNey } from "./kneser-ney.ts";
import { type Sequence, sequences } from "./sequence.ts";
import { NgramReader, type NgramTree, paramsOf } from "./tree.ts";

/** Options of the n-gram model. */
export const ngramOptions = z.strictObject({
  order: z.int().min(1).max(16).default(5).describe("tokens of an n-gram: one more than a conditional looks back on"),
});

type Floats = HostArray<"float32">;

/** A model that predicts the next variable from those just before it. */
export type Ngram = GenerativeModel<"sample" | "logProb" | "complete" | "surprise"> &
  Partial<Pick<Capabilities, "read"> & Compression>;

/** What tells one model of n-grams from another. */
export interface NgramKind {
  readonly name: string;
  readonly config: Readonly<Record<string, unknown>>;
  /** Variables of an n-gram. */
  readonly order: number;
  /** Probabilities from counts. */
  readonly smooth: (counts: NgramCounts) => NgramTree;
}

/** What every part of the model knows. */
interface Parts {
  readonly data: DataSpec;
  readonly order: number;
  readonly levels: number;
  readonly size: number;
  readonly sequence: ReturnType<typeof sequences>;
  readonly readerOf: (params: Params) => NgramReader;
  readonly smooth: NgramKind["smooth"];
}

/**
 * n-grams: p(xᵢ | x_<i) by the n − 1 variables before it, the same everywhere, counted and smoothed by interpolated
 * modified Kneser-Ney (Kneser & Ney 1995; Chen & Goodman 1999). Over text, over lines, and over images in raster order.
 */
export function ngram(options: Readonly<Record<string, unknown>>, data: DataSpec): Ngram {
  const config = ngramOptions.parse(options);
  return ngramModel({ name: "ngram", config, order: config.order, smooth: kneserNey }, data);
}

/** n-grams of any smoothing. */
export function ngramModel({ name, config, order, smooth }: NgramKind, data: DataSpec): Ngram {
  const levels = levelsOf(data, name);
  const readers = new WeakMap<object, NgramReader>();
  const readerOf = (params: Params) => {
    const known = readers.get(params as object) ?? new NgramReader(params, levels, order);
    readers.set(params as object, known);
    return known;
  };
  const parts: Parts = {
    data,
    order,
    levels,
    size: variablesOf(data),
    sequence: sequences(data, order),
    readerOf,
    smooth,
  };
  return {
    name,
    config,
    data,
    conditional: false,
    init: (key) => paramsOf(randomUnigrams(levels, key)),
    learning: counting(parts),
    functions: {},
    logProb: async (on, x: HostArray<"float32">, { progress }) => {
      const nats = Float64Array.from({ length: x.shape[0]! }, (_, i) =>
        logProbOf(parts, readerOf(on.params), row(x, i)),
      );
      progress?.(1);
      return { kind: "exact", via: "chain rule", nats };
    },
    surprise: async (on, x, { progress }) => {
      const nats = new HostArray("float32", x.shape, new Float32Array(x.size));
      for (let i = 0; i < x.shape[0]!; i++) row(nats, i).set(surpriseOf(parts, readerOf(on.params), row(x, i)));
      progress?.(1);
      return { nats, order: 0, orders: 1 };
    },
    sample: (on, given) => sample(parts, on, given),
    complete: (on, x: HostArray<"float32">, observed: HostArray<"float32">, given) =>
      complete(parts, on, x, observed, given),
    ...(data.values === "tokens" ? { read: (on: Bound, batch: number) => textReader(parts, on, batch) } : {}),
    ...(data.boundary === undefined ? ngramCompression(parts) : {}),
  };
}

const row = (x: Floats, i: number) => rows(x, i, i + 1).data;

/** A model before any text: single tokens with random probabilities. */
function randomUnigrams(levels: number, key: Key): NgramTree {
  const shares = uniform(key, [levels]).data.map((u) => 0.1 + u);
  const sum = shares.reduce((a, b) => a + b, 0) / 0.9;
  return {
    token: Float32Array.from({ length: levels + 1 }, (_, i) => Math.max(0, i - 1)),
    children: Float32Array.from({ length: levels + 1 }, (_, i) => (i === 0 ? levels : 0)),
    weight: Float32Array.from({ length: levels + 1 }, (_, i) => (i === 0 ? 0 : shares[i - 1]! / sum)),
    backoff: Float32Array.from({ length: levels + 1 }, (_, i) => (i === 0 ? 0.1 : 1)),
  };
}

/** −log p of every variable of an example given those before it, in nats; 0 of what is not modelled. */
function surpriseOf({ sequence }: Parts, reader: NgramReader, x: Float32Array): Float64Array {
  const { tokens, lead, first, end } = sequence.of(x);
  const nats = new Float64Array(x.length);
  for (let place = first; place < end; place++) nats[place - lead] = -Math.log(reader.probability(tokens, place));
  return nats;
}

/** log p of what is modelled of an example, in nats. */
const logProbOf = (parts: Parts, reader: NgramReader, x: Float32Array) =>
  -surpriseOf(parts, reader, x).reduce((sum, nats) => sum + nats, 0);

/** Counts of what has been seen in a round; kept beside the (empty) sums, since their number grows with the text. */
interface Seen {
  readonly counts: NgramCounts;
  /** The last tokens of the window before, which the next goes on from. */
  tail: readonly number[];
}

function counting({ order, sequence, smooth }: Parts): ClosedForm {
  const seen = new WeakMap<Sums, Seen>();
  return {
    kind: "closed-form",
    elastic: true,
    zeros: () => {
      const sums: Sums = {};
      seen.set(sums, { counts: new NgramCounts(order), tail: [] });
      return sums;
    },
    add: async (sums, _, x: HostArray<"float32">) => {
      const round = seen.get(sums)!;
      for (let i = 0; i < x.shape[0]!; i++) {
        const { tokens, first, end } = sequence.after(round.tail, row(x, i));
        round.counts.addText(tokens, first, end);
        round.tail = Array.from(tokens.slice(-order));
      }
    },
    solve: (sums) => paramsOf(smooth(seen.get(sums)!.counts)),
  };
}

/** Examples variable by variable; where `observed` says so, variables are taken from `x` and their log p is summed. */
function generate(
  parts: Parts,
  on: Bound,
  uniforms: Floats,
  choice: TokenChoice,
  x?: Floats,
  observed?: Floats,
): Generated {
  const { size, sequence } = parts;
  const reader = parts.readerOf(on.params);
  const count = uniforms.shape[0]!;
  const values = new HostArray("float32", [count, ...parts.data.shape], new Float32Array(count * size));
  const observedNats = new HostArray("float32", [count], new Float32Array(count));
  for (let i = 0; i < count; i++) {
    const target = row(values, i);
    if (x) target.set(row(x, i));
    const seen = observed ? row(observed, i) : undefined;
    const text = sequence.of(target);
    observedNats.data[i] = fillOne(text, sequence, reader, row(uniforms, i), seen, choice);
    sequence.write(text, target);
  }
  return { values, observedNats };
}

/** The last place of a line where something other than its end is known: no end can be drawn before it. */
function lastInside(tokens: Int32Array, lead: number, seen: Float32Array | undefined, boundary: number | undefined) {
  for (let i = (seen?.length ?? 0) - 1; i > 0; i--) if (seen![i]! > 0.5 && tokens[lead + i] !== boundary) return i;
  return 0;
}

/** Fills what is missing of one sequence in place; log p of what was observed. */
function fillOne(
  { tokens, lead }: Sequence,
  { boundary, given }: ReturnType<typeof sequences>,
  reader: NgramReader,
  u: Float32Array,
  seen: Float32Array | undefined,
  choice: TokenChoice,
): number {
  let nats = 0;
  const open = lastInside(tokens, lead, seen, boundary);
  for (let i = 0; i < u.length; i++) {
    const place = lead + i;
    const opening = given && i === 0;
    if (seen && seen[i]! > 0.5) {
      if (!opening) nats += Math.log(reader.probability(tokens, place));
    } else if (opening && boundary !== undefined) tokens[place] = boundary;
    else {
      const p = reader.probabilities(tokens, place);
      if (boundary !== undefined && i < open) {
        nats += Math.log(1 - p[boundary]!);
        p[boundary] = 0;
      }
      const logits = p.map(Math.log);
      tokens[place] = tokenAt(tokenProbabilities(logits, choice), u[i]!);
    }
    if (boundary === undefined || i === 0 || tokens[place] !== boundary) continue;
    for (let rest = i + 1; rest < u.length; rest++) if (!(seen && seen[rest]! > 0.5)) tokens[lead + rest] = boundary;
    return nats;
  }
  return nats;
}

async function sample(parts: Parts, on: Bound, options: SampleOptions): Promise<Floats> {
  const { count, key, temperature, topK, topP, progress } = options;
  const uniforms = drawNoise("uniform", fold(key, "values"), [count, parts.size]);
  const given = Object.entries({ temperature, topK, topP }).filter(([, value]) => value !== undefined);
  const { values } = generate(parts, on, uniforms, Object.fromEntries(given));
  progress?.(1);
  return values;
}

/** What is missing, exactly where the observed values come first, else by sampling-importance-resampling. */
async function complete(
  parts: Parts,
  on: Bound,
  x: Floats,
  observed: Floats,
  { key, sweeps = usualParticles, stated }: CompleteOptions,
): Promise<Floats> {
  checkObserved(x, observed);
  const order = rasterOrder(parts.size);
  const exact = Array.from({ length: x.shape[0]! }, (_, i) => isPrefix(row(observed, i), order)).every(Boolean);
  const fill = async (values: Floats, known: Floats, _: unknown, uniforms: Floats) =>
    generate(parts, on, uniforms, {}, values, known);
  const particles = exact ? 1 : sweeps;
  stated?.(exact ? "the exact conditional" : approximately(particles));
  const done = await resample(fill, x, observed, undefined, { key, particles });
  for (let i = 0; i < done.size; i++) if (observed.data[i]! > 0.5) done.data[i] = x.data[i]!;
  return done;
}

/** Texts read token by token: only the last n − 1 are kept, so any length can be read. */
function textReader({ order, levels, sequence, readerOf }: Parts, on: Bound, batch: number): TokenReader {
  const reader = readerOf(on.params);
  const texts = Array.from({ length: batch }, () => sequence.opening());
  return {
    context: Number.MAX_SAFE_INTEGER,
    read: async (further) => {
      const logits = new HostArray("float32", [batch, levels], new Float32Array(batch * levels));
      texts.forEach((text, i) => {
        text.push(...Array.from(further[i]!));
        text.splice(0, text.length - order);
        row(logits, i).set(reader.probabilities(text, text.length).map(Math.log));
      });
      return logits;
    },
  };
}

/** The registry's entry. */
export const ngramEntry: ModelEntry = {
  name: "ngram",
  family: "baselines",
  title: "n-grams with Kneser-Ney smoothing",
  paper: "Kneser & Ney 1995; Chen & Goodman 1999, An empirical study of smoothing techniques for language modeling",
  kind: "exact",
  options: ngramOptions,
  presets: {
    small: { title: "five tokens, one round of counting", model: {}, training: inOneRound },
    bigram: { title: "two tokens: a Markov chain", model: { order: 2 }, training: inOneRound },
    long: { title: "eight tokens", model: { order: 8 }, training: inOneRound },
  },
  make: ngram,
};
