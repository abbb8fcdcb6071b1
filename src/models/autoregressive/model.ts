import { UsageError } from "../../base/errors.ts";
import { HostArray, int64 } from "../../base/host.ts";
import type { DataSpec } from "../../data/types.ts";
import { Spec, type Tensor } from "../../graph/index.ts";
import { fold, randomInts } from "../../random/index.ts";
import { type Bound, inChunks, labelRows, rows } from "../bound.ts";
import type { Compression } from "../compression.ts";
import type {
  Capabilities,
  CompleteOptions,
  GenerativeModel,
  GraphFunction,
  Likelihood,
  LogProbOptions,
  Named,
  Phase,
  SampleOptions,
  TracedParams,
} from "../contract.ts";
import { anyOrderCompletion } from "./any-order.ts";
import { checkObserved, type Fill, isPrefix, resample, usualParticles } from "./complete.ts";
import { compression } from "./compress.ts";
import { textCompression } from "./compress-text.ts";
import { logConditionals, logDensity } from "./density.ts";
import { countedOf, type Factorisation, type Given, givenOf, unitOf, variablesOf } from "./factorisation.ts";
import { batchGenerator, type Generator, naive } from "./generate.ts";
import { groupsByOrder, pickRows, uniformsOf } from "./orders.ts";
import { batchReader } from "./reader.ts";

/** What every autoregressive model can do. */
export type AutoregressiveModel = GenerativeModel<"sample" | "logProb" | "complete"> &
  Partial<Compression> & {
    /** Reads text, where the data are tokens. */
    readonly read?: Capabilities["read"];
    /** The factorisation all of it follows from: for compression, causality maps and tests. */
    readonly factorisation: Factorisation;
  };

/** A factorisation with what the registry knows about it. */
export interface AutoregressiveOptions {
  readonly name: string;
  readonly config: Readonly<Record<string, unknown>>;
  readonly data: DataSpec;
  readonly factorisation: Factorisation;
  /** Number of classes it is conditioned on; 0 when it is not. */
  readonly classes?: number;
  /** Examples handled at once by the engine (100 when left out): fewer for models that need much memory. */
  readonly chunk?: number;
}

type Floats = HostArray<"float32">;

/** The model a factorisation makes: exact likelihood, ancestral sampling and completion. */
export function autoregressive(options: AutoregressiveOptions): AutoregressiveModel {
  const { name, config, data, classes = 0, chunk = 100 } = options;
  const factorisation = ofTokens(options.factorisation, data);
  const parts: Parts = {
    data,
    classes,
    chunk,
    unit: unitOf(data),
    size: variablesOf(data),
    factorisation,
    cached: factorisation.cached ?? naive(factorisation, data.shape),
  };
  const generate = batchGenerator(parts);
  const inAnyOrder = factorisation.anyOrder && anyOrderCompletion(factorisation.anyOrder, parts.unit);
  const functions = functionsOf(parts);
  return {
    name,
    config,
    data,
    conditional: classes > 0,
    init: factorisation.init,
    learning: { kind: "gradient", phases: [phaseOf(parts)] },
    functions,
    factorisation,
    sample: (on, given) => sample(parts, generate, on, given),
    logProb: (on, x, given) => likelihood(parts, functions.logProb, on, x, given),
    complete: (on, x, observed, given) => complete(parts, inAnyOrder, generate, on, x, observed, given),
    ...(data.values === "tokens"
      ? { read: batchReader(parts), ...textCodec(parts) }
      : compression({ ...parts, shape: data.shape, ownCache: factorisation.cached !== undefined, batch: chunk })),
  };
}

/** Compression of running text; lists of framed lines have none. */
function textCodec(parts: Parts): Partial<Compression> {
  if (parts.data.boundary !== undefined) return {};
  return textCompression({ ...parts, context: parts.size - 1, batch: parts.chunk });
}

/** The factorisation of tokens says which are given and which count; others stay as they are. */
function ofTokens(f: Factorisation, data: DataSpec): Factorisation {
  const [given, counted] = [givenOf(data), countedOf(data)];
  return { ...f, ...(given ? { given } : {}), ...(counted ? { counted } : {}) };
}

interface Parts extends Generator {
  readonly data: DataSpec;
  readonly classes: number;
  readonly chunk: number;
}

type Generate = ReturnType<typeof batchGenerator>;

/** Maximum likelihood: the mean of −log p(x), unless the factorisation brings an objective of its own. */
function phaseOf({ factorisation, unit, size, chunk }: Parts): Phase {
  const { objective } = factorisation;
  const loss: Phase["loss"] = (params, given) => {
    const nats = logDensity(factorisation, unit, params, given as Given);
    const loss = nats.mean().neg();
    return { loss, metrics: perVariable(factorisation.counted, loss, given.x, size) };
  };
  return {
    name: "likelihood",
    noise: objective?.noise ?? (() => ({})),
    scalars: objective?.scalars ?? (() => ({})),
    loss: objective?.loss ?? loss,
    validation: { chunk, ...(objective?.likelihoodValidates ? { loss } : {}) },
  };
}

/** The loss for each variable: bits, or nats for each token that counts. */
export function perVariable(counted: Factorisation["counted"], loss: Tensor, x: Tensor, size: number): Named<Tensor> {
  if (!counted) return { bitsPerDim: loss.div(size * Math.LN2) };
  return { natsPerToken: loss.div(counted(x).sum(1).mean()) };
}

/** The graph functions; each takes one-hot `labels` as well when the model is conditional, and the number of the order where there are several. */
function functionsOf(parts: Parts): { readonly logProb: GraphFunction; readonly conditionals: GraphFunction } {
  const { factorisation: f, unit, data, classes } = parts;
  const make = (doc: string, apply: (params: TracedParams, given: Given) => Named<Tensor>): GraphFunction => ({
    doc,
    noise: {},
    inputs: (n) => ({
      x: new Spec([n, ...data.shape]),
      ...(classes > 0 ? { labels: new Spec([n, classes]) } : {}),
      ...(f.orders.length > 1 ? { order: new Spec([], "int64") } : {}),
    }),
    apply: (params, inputs) => apply(params, inputs as unknown as Given),
  });
  return {
    logProb: make("log p(x) of each example in nats", (params, given) => ({
      logProb: logDensity(f, unit, params, given),
    })),
    conditionals: make("log p(x_i | variables before it) of each variable in nats", (params, given) => ({
      logConditionals: logConditionals(f, unit, params, given).reshape(given.x.shape),
    })),
  };
}

/** log p(x) of each example, exact; with several orders log of the mean of the probabilities. */
async function likelihood(
  { classes, chunk, factorisation: { orders } }: Parts,
  fn: GraphFunction,
  on: Bound,
  x: Floats,
  { labels, progress }: LogProbOptions,
): Promise<Likelihood> {
  const count = x.shape[0]!;
  const given = labelRows(classes, labels, count);
  const nats = new Float64Array(count);
  await inChunks(
    count,
    chunk,
    async (start, end) => {
      const batch = { x: rows(x, start, end), ...(given ? { labels: rows(given, start, end) } : {}) };
      const each: Floats[] = [];
      for (let o = 0; o < orders.length; o++)
        each.push((await on.run(fn, { ...batch, ...orderInput(orders.length, o) })).logProb!);
      for (let i = start; i < end; i++) nats[i] = logMeanExp(each.map(({ data }) => data[i - start]!));
    },
    progress,
  );
  const via = orders.length > 1 ? `mean of the probabilities in ${orders.length} orders` : "chain rule";
  return { kind: "exact", via, nats };
}

const orderInput = (orders: number, order: number) => (orders > 1 ? { order: int64([order], []) } : {});

function logMeanExp(values: readonly number[]): number {
  const most = Math.max(...values);
  if (values.length === 1 || most === Number.NEGATIVE_INFINITY) return most;
  return most + Math.log(values.reduce((sum, value) => sum + Math.exp(value - most), 0) / values.length);
}

/** Each example in an order drawn for it chunk by chunk: the mixture of the orders is what is sampled. */
async function sample(
  { data, classes, chunk, size, factorisation: { orders } }: Parts,
  generate: Generate,
  on: Bound,
  { count, key, labels, temperature, topK, topP, mean, progress }: SampleOptions,
): Promise<Floats> {
  if (mean) throw new UsageError("This model draws value by value: it has no decoder whose means could be shown.");
  const given = labelRows(classes, labels, count);
  const result = new HostArray("float32", [count, ...data.shape], new Float32Array(count * size));
  const greedy = temperature === 0;
  const drawing = {
    ...(temperature === undefined || greedy ? {} : { temperature }),
    ...(topK === undefined && !greedy ? {} : { topK: greedy ? 1 : topK! }),
    ...(topP === undefined ? {} : { topP }),
  };
  const groups = groupsByOrder(count, chunk, orders.length, key);
  for (const [g, { order, examples }] of groups.entries()) {
    const uniforms = uniformsOf(fold(key, "values"), examples, size);
    const draws = { uniforms, order, ...(given ? { labels: pickRows(given, examples) } : {}) };
    const { values } = await generate(on, draws, drawing, (done) => progress?.((g + done) / groups.length));
    examples.forEach((example, i) => {
      result.data.set(values.data.subarray(i * size, (i + 1) * size), example * size);
    });
  }
  return result;
}

/**
 * Fills what is missing. Where the observed values come first in the only order this is a draw from the exact
 * conditional; elsewhere sampling-importance-resampling with `sweeps` particles (32), which tends to it. With several
 * orders the particles take them in turn. Orderless models draw from the exact conditional of orders fit for the mask.
 */
async function complete(
  { classes, chunk, size, factorisation: { orders } }: Parts,
  inAnyOrder: ReturnType<typeof anyOrderCompletion> | undefined,
  generate: Generate,
  on: Bound,
  x: Floats,
  observed: Floats,
  { key, labels, sweeps, progress }: CompleteOptions,
): Promise<Floats> {
  checkObserved(x, observed);
  const count = x.shape[0]!;
  const given = labelRows(classes, labels, count);
  const result = new HostArray("float32", x.shape, new Float32Array(x.size));
  await inChunks(
    count,
    chunk,
    async (start, end) => {
      const seen = rows(observed, start, end);
      if (inAnyOrder) {
        rows(result, start, end).data.set((await inAnyOrder(on, rows(x, start, end), seen, key, start)).data);
        return;
      }
      const one = (i: number) => seen.data.subarray(i * size, (i + 1) * size);
      const prefixes = Array.from({ length: end - start }, (_, i) => isPrefix(one(i), orders[0]!)).every(Boolean);
      const exact = prefixes && (orders.length === 1 || seen.data.every((value) => value < 0.5));
      const turn = randomInts(fold(key, "order"), 0, orders.length, [1], { offset: start }).data[0]!;
      const fill: Fill = (values, known, labels, uniforms, particle) => {
        const order = (Number(turn) + particle) % orders.length;
        return generate(on, { values, observed: known, uniforms, order, ...(labels ? { labels } : {}) }, {});
      };
      const particles = exact ? 1 : (sweeps ?? usualParticles);
      const classRows = given && rows(given, start, end);
      const own = { key: fold(key, start), particles };
      rows(result, start, end).data.set((await resample(fill, rows(x, start, end), seen, classRows, own)).data);
    },
    progress,
  );
  for (let i = 0; i < result.data.length; i++) if (observed.data[i]! > 0.5) result.data[i] = x.data[i]!;
  return result;
}
