import { full, HostArray, int64 } from "../../../base/host.ts";
import type { Tree } from "../../../base/tree.ts";
import type { DataSpec } from "../../../data/types.ts";
import { concat, constant, matmul, type Tensor } from "../../../graph/index.ts";
import {
  type BlockOptions,
  type Drop,
  dropout,
  normal,
  type Traced,
  type TransformerParams,
  transformer,
  type WeightParams,
} from "../../../nn/index.ts";
import { fold } from "../../../random/index.ts";
import type { LossInputs, TracedParams } from "../../contract.ts";
import {
  type Cached,
  countedOf,
  type Factorisation,
  type Given,
  givenOf,
  type Objective,
  unitOf,
  variablesOf,
} from "../factorisation.ts";
import { perVariable } from "../phase.ts";
import { type MixtureHead, mixtureHead } from "./mixture-head.ts";

/** A table of position vectors: its length, and which row each place of the sequence takes. */
export interface PositionTable {
  readonly size: number;
  readonly rows: readonly number[];
}

/** What a transformer over the variables of an example, in some order, is made of. */
export interface SequenceOptions {
  readonly data: DataSpec;
  readonly levels: number;
  readonly classes: number;
  readonly order: Uint32Array;
  readonly body: BlockOptions & { readonly layers: number };
  /** Learned position vectors, summed; none where the attention turns by position. */
  readonly positions: readonly PositionTable[];
  /** Whether values are read out with the vectors they are read in with. */
  readonly tied: boolean;
  /** Components of a mixture of logistics that values are read out as; a softmax over the levels where left out. */
  readonly components?: number;
  /** Rate at which elements of embeddings and branches are dropped while training. */
  readonly dropout: number;
}

/**
 * tokens [levels, W] vectors of values; positions tables [size, W]; start [W] stands before the first value where nothing
 * is given; labels [classes, W] are added everywhere; head [W, levels] where it is not tied; mixture, the read-out as one.
 */
type SequenceParams = {
  tokens: HostArray;
  positions: HostArray[];
  start?: HostArray;
  labels?: HostArray;
  body: TransformerParams;
  head?: HostArray;
  mixture?: WeightParams;
};

type Net = Traced<SequenceParams>;

/** The parts of the factorisation, with what follows from its options. */
interface Sequence extends SequenceOptions {
  readonly width: number;
  readonly size: number;
  readonly unit: number;
  /** Whether the first variable is given: then it is the first input, and nothing stands before it. */
  readonly opened: boolean;
  /** Places of the sequence: inputs of the transformer. */
  readonly length: number;
  readonly module: ReturnType<typeof transformer>;
  readonly mixture?: MixtureHead;
  /** Whether values have a derivative. */
  readonly smooth?: boolean;
}

const INITIAL = normal(0.02);

/**
 * Decoder-only transformer: p(xₖ | x_<k) = softmax(W·hₖ) with hₖ the stream at the place whose input is the value before.
 * Vaswani et al. 2017, arXiv 1706.03762; Radford et al. 2018 and 2019 (GPT, GPT-2).
 */
export function sequenceFactorisation(options: SequenceOptions): Factorisation {
  const size = variablesOf(options.data);
  const opened = givenOf(options.data) !== undefined;
  const s: Sequence = {
    ...options,
    width: options.body.width,
    size,
    unit: unitOf(options.data),
    opened,
    length: opened ? size - 1 : size,
    module: transformer({ ...options.body, causal: true }),
    ...(options.components ? { mixture: mixtureHead(options.body.width, options.components, options.levels) } : {}),
  };
  const net = (params: TracedParams) => params as unknown as Net;
  return {
    levels: s.levels,
    orders: [s.order],
    init: (key) => initOf(s, key) as never,
    logits: (params, given) => placed(s, allLogits(s, net(params), given)),
    logConditionals: (params, given) => placed(s, conditionals(s, net(params), given)),
    ...(s.levels > 2
      ? { smooth: (params, given) => placed(s, allLogits({ ...s, smooth: true }, net(params), given)) }
      : {}),
    cached: cachedOf(s),
    ...(s.dropout > 0 ? { objective: droppedOut(s) } : {}),
  };
}

function initOf(s: Sequence, key: Parameters<Factorisation["init"]>[0]): SequenceParams {
  const { width, levels, classes } = s;
  const vectors = (name: string, rows: number) =>
    INITIAL(fold(key, name), [rows, width], { fanIn: rows, fanOut: width });
  const head = INITIAL(fold(key, "head"), [width, levels], { fanIn: width, fanOut: levels });
  return {
    tokens: vectors("tokens", levels),
    positions: s.positions.map(({ size }, i) => vectors(`positions${i}`, size)),
    ...(s.opened ? {} : { start: new HostArray("float32", [width], vectors("start", 1).data) }),
    ...(classes > 0 ? { labels: vectors("labels", classes) } : {}),
    body: s.module.init(fold(key, "body")),
    ...(s.tied || s.mixture ? {} : { head }),
    ...(s.mixture ? { mixture: s.mixture.init(fold(key, "mixture")) } : {}),
  };
}

const isRaster = (order: Uint32Array) => order.every((place, k) => place === k);
const constants = (list: ArrayLike<number>) => constant(int64(list));

/** Values [B, D] in the order's sequence, as numbers 0, 1, 2, … */
function inOrder(s: Sequence, x: Tensor): Tensor {
  const values = x.flatten(1).div(s.unit);
  return isRaster(s.order) ? values : values.gather(constants(s.order), 1);
}

/** The vectors of values; two levels are interpolated, so that what is seen has a derivative. */
function embed(s: Sequence, params: Net, values: Tensor): Tensor {
  if (s.levels !== 2) {
    const numbers = values.round().cast("int64");
    const vectors = params.tokens.gather(numbers);
    return s.smooth ? vectors.add(differentiable(values, changeOf(s, params, numbers, vectors))) : vectors;
  }
  const [zero, one] = params.tokens.split(2, 0) as [Tensor, Tensor];
  return values
    .expandDims(-1)
    .mul(one.sub(zero).reshape([s.width]))
    .add(zero.reshape([s.width]));
}

/** Zeros [B, n, W] whose derivative by values [B, n] is `change`. */
const differentiable = (values: Tensor, change: Tensor) =>
  values.sub(values.stopGradient()).expandDims(-1).mul(change);

/** How the vector of a value changes with it: as its neighbours differ; of a token, whose number means nothing, with its weight. */
function changeOf(s: Sequence, { tokens }: Net, numbers: Tensor, vectors: Tensor): Tensor {
  if (s.opened) return vectors;
  const [below, above] = [numbers.sub(1).maximum(0), numbers.add(1).minimum(s.levels - 1)];
  const steps = above.sub(below).cast("float32").expandDims(-1);
  return tokens.gather(above).sub(tokens.gather(below)).div(steps);
}

/** Columns [B, D, …] in the order's sequence brought to their places. */
function placed(s: Sequence, columns: Tensor): Tensor {
  if (isRaster(s.order)) return columns;
  const ranks = new Uint32Array(s.size);
  s.order.forEach((place, k) => {
    ranks[place] = k;
  });
  return columns.gather(constants(ranks), 1);
}

/** Sum of the position vectors of every place, [length, W]; undefined where there are none. */
function positionVectors(s: Sequence, params: Net): Tensor | undefined {
  const tables = s.positions.map(({ rows }, i) => {
    const table = params.positions[i]!;
    const used = rows.slice(0, s.length);
    const whole = used.length === table.shape[0] && used.every((row, k) => row === k);
    return whole ? table : table.gather(constants(used));
  });
  return tables.length === 0 ? undefined : tables.reduce((sum, table) => sum.add(table));
}

/** x [B, …, W] with the label's vector added everywhere, so that local attention sees it as well. */
function labelled(params: Net, x: Tensor, labels: Tensor | undefined): Tensor {
  if (!labels || !params.labels) return x;
  const vectors = labels.matmul(params.labels);
  return x.add(x.rank === 3 ? vectors.expandDims(1) : vectors);
}

/** Inputs of the transformer [B, length, W]: the values before each variable, moved by one. */
function inputsOf(s: Sequence, params: Net, x: Tensor, labels: Tensor | undefined): Tensor {
  const batch = x.shape[0]!;
  const known = s.size > 1 ? embed(s, params, inOrder(s, x).slice(1, 0, s.size - 1)) : undefined;
  const first = params.start?.reshape([1, 1, s.width]).broadcastTo([batch, 1, s.width]);
  const parts = [first, known].filter((part) => part !== undefined);
  const stream = labelled(params, concat(parts, 1), labels);
  const vectors = positionVectors(s, params);
  return vectors ? stream.add(vectors) : stream;
}

/** The stream [B·length, W] after the blocks. */
function streamRows(s: Sequence, params: Net, { x, labels }: Given, drop?: Drop): Tensor {
  const stream = inputsOf(s, params, x, labels);
  const y = s.module.apply(params.body, drop ? drop(stream, "embedding") : stream, drop);
  return y.reshape([-1, s.width]);
}

/** Logits [R, levels] of the variables that rows of the stream foretell. */
function readOut(s: Sequence, params: Net, rows: Tensor): Tensor {
  if (s.mixture) return s.mixture.logits(params.mixture!, rows);
  return params.head ? rows.matmul(params.head) : matmul(rows, params.tokens, { transposeB: true });
}

/** log p of the values of given numbers [R], float32. */
function rowLogProbs(s: Sequence, params: Net, rows: Tensor, numbers: Tensor): Tensor {
  if (s.mixture) return s.mixture.logProb(params.mixture!, rows, numbers);
  const hits = numbers.round().cast("int64").oneHot(s.levels);
  return readOut(s, params, rows).logSoftmax(-1).mul(hits).sum(-1);
}

/** Logits [B, D, levels] in sequence; even for a first variable that is given. */
function allLogits(s: Sequence, params: Net, given: Given): Tensor {
  const logits = readOut(s, params, streamRows(s, params, given)).reshape([-1, s.length, s.levels]);
  if (!s.opened) return logits;
  return concat([constant(full("float32", [logits.shape[0]!, 1, s.levels], 0)), logits], 1);
}

/** log p of each variable [B, D] in sequence; 0 for a first one that is given. */
function conditionals(s: Sequence, params: Net, given: Given, drop?: Drop): Tensor {
  const numbers = inOrder(s, given.x).slice(1, s.size - s.length);
  const nats = rowLogProbs(s, params, streamRows(s, params, given, drop), numbers.flatten()).reshape([-1, s.length]);
  const none: [number, number] = [0, 0];
  return s.opened ? nats.pad([none, [1, 0]]) : nats;
}

/** The likelihood with parts of the stream dropped: of the embeddings and of what every branch adds. Srivastava et al. 2014. */
function droppedOut(s: Sequence): Objective {
  const each = Array.from({ length: s.body.layers }, (_, i) => [`${i}/attention`, `${i}/mlp`]);
  const sites = ["embedding", ...each.flat()];
  const shape = (batch: number) => ({ law: "uniform", shape: [batch, s.length, s.width] }) as const;
  const counted = countedOf(s.data);
  return {
    noise: (batch) => Object.fromEntries(sites.map((site) => [site, shape(batch)])),
    likelihoodValidates: true,
    loss: (params, inputs: LossInputs) => {
      const drop: Drop = (x, site) => dropout(x, inputs.noise[site]!, s.dropout);
      const all = conditionals(s, params as unknown as Net, inputs as Given, drop);
      const nats = placed(s, all);
      const loss = (counted ? nats.mul(counted(inputs.x)) : nats).sum(1).mean().neg();
      return { loss, metrics: perVariable(counted, loss, inputs.x, s.size) };
    },
  };
}

/** Variables drawn from one extension of the caches to the next: few operations matter for one example, few copies for many. */
const segmentOf = (batch: number) => (batch === 1 ? 64 : 16);

function cachedOf(s: Sequence): Cached {
  type Caches = Parameters<typeof s.module.step>[2];
  const cachesOf = (state: Tree<Tensor>) => (state as unknown as { caches: Caches }).caches;
  return {
    state: (batch) => ({ caches: s.module.initCache(batch, s.length) }) as never,
    step: (tree, state, { position, previous, labels }) => {
      const params = tree as unknown as Net;
      const at = s.opened ? position.sub(1) : position;
      const known = embed(s, params, previous.div(s.unit));
      const stream = labelled(params, s.opened ? known : position.greater(0).select(known, params.start!), labels);
      const vectors = positionVectors(s, params);
      const x = vectors ? stream.add(vectors.gather(at)) : stream;
      const { y, cache } = s.module.step(params.body, x, cachesOf(state), at);
      return { logits: readOut(s, params, y), state: { caches: cache } as unknown as Tree<Tensor> };
    },
    growing: {
      length: segmentOf,
      state: (batch) => ({ caches: s.module.initCache(batch, segmentOf(batch)) }) as never,
      extend: (state, count) => ({ caches: s.module.extend(cachesOf(state), count) }) as unknown as Tree<Tensor>,
    },
  };
}
