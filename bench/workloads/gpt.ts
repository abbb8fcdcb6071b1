import { type HostArray, int64, zeros } from "../../src/base/host.ts";
import { mapTree } from "../../src/base/tree.ts";
import { concat, constant, scan, type Tensor } from "../../src/graph/index.ts";
import {
  type AttentionCache,
  embedding,
  initAll,
  linear,
  normal,
  type Traced,
  transformer,
} from "../../src/nn/index.ts";
import { adamW } from "../../src/optim/index.ts";
import { fillUniform, fold, key, randomInts, uniform } from "../../src/random/index.ts";
import type { Work, Workload } from "../harness.ts";
import { functionWork } from "./functions.ts";
import { sizes } from "./sizes.ts";
import { crossEntropy, trainingWork } from "./trainer.ts";

const { batch, context, vocabulary, layers, heads, width, expansion, learningRate, weightDecay } = sizes.gpt;

const parts = {
  tokens: embedding(vocabulary, width, normal(0.02)),
  positions: embedding(context, width, normal(0.02)),
  body: transformer({ layers, width, heads, hidden: expansion * width, activation: "geluTanh", causal: true }),
  head: linear(width, vocabulary, { bias: false }),
};

const init = () => initAll(parts, key(0));
type Params = Traced<ReturnType<typeof init>>;

/** Logits [B, T, vocabulary] of tokens [B, T]. */
function logitsOf(params: Params, tokens: Tensor): Tensor {
  const x = parts.tokens.apply(params.tokens, tokens).add(params.positions.weight);
  return parts.head.apply(params.head, parts.body.apply(params.body, x));
}

const gpt: Workload = {
  name: "gpt",
  prepare: (threads) => {
    const text = randomInts(key(1), 0, vocabulary, [batch, context]);
    const next = randomInts(key(2), 0, vocabulary, [batch * context]);
    return trainingWork(
      {
        params: init(),
        batch: { text, next },
        loss: (params, data) => crossEntropy(logitsOf(params, data.text), data.next),
        optimizer: adamW({ weightDecay }),
        learningRate,
      },
      threads,
    );
  },
};

interface Carry {
  readonly token: Tensor;
  readonly position: Tensor;
  readonly caches: readonly AttentionCache<Tensor>[];
}

/** One class number for each row of logits [B, K], by the inverse of the cumulative distribution at u [B]. */
function draw(logits: Tensor, u: Tensor): Tensor {
  return logits.softmax(-1).cumsum(-1).lessEqual(u.expandDims(1)).cast("float32").sum(-1).cast("int64");
}

/** Tokens drawn in one scan; between scans their keys and values settle and are no longer carried. */
const segmentOf = (rows: number) => (rows === 1 ? 64 : 16);

/** All tokens in one call: scans whose carry is the last token and the keys and values of the segment. */
function sampleAll(params: Params, uniforms: Tensor, empty: Tensor): Tensor {
  const [count, rows] = uniforms.shape as [number, number];
  const body = ({ token, position, caches }: Carry, u: Tensor) => {
    const x = parts.tokens.apply(params.tokens, token).add(params.positions.weight.gather(position));
    const { y, cache } = parts.body.step(params.body, x, caches as never, position);
    const next = draw(parts.head.apply(params.head, y), u).minimum(vocabulary - 1);
    return { carry: { token: next, position: position.add(1), caches: cache as Carry["caches"] }, y: next };
  };
  let carry: Carry = {
    token: constant(int64(new Array<number>(rows).fill(0), [rows])),
    position: constant(int64([0], [])),
    caches: params.body.blocks.map(() => ({ recent: { keys: empty, values: empty } })),
  };
  const drawn: Tensor[] = [];
  const segment = segmentOf(rows);
  for (let start = 0; start < count; start += segment) {
    if (start > 0) carry = { ...carry, caches: parts.body.extend(carry.caches as never, segment) as Carry["caches"] };
    const part = scan(body, { init: carry, xs: uniforms.slice(0, start, Math.min(count, start + segment)) });
    carry = part.carry;
    drawn.push(part.ys);
  }
  return concat(drawn, 0);
}

function sampling(rows: number): Workload {
  const count = sizes.sampling.gpt.tokens;
  const prepare = (threads: number): Promise<Work> => {
    const uniforms = uniform(key(3), [count, rows]);
    const empty = zeros("float32", [rows, heads, segmentOf(rows), width / heads]);
    const redraw = (step: number) => fillUniform(fold(key(3), step), uniforms.data);
    const params = mapTree(init(), (leaf: HostArray) => constant(leaf)) as Params; // As sampling from a trained model has them.
    const sample = (u: Tensor, none: Tensor) => sampleAll(params, u, none);
    return functionWork(sample as never, [uniforms, empty], threads, redraw);
  };
  return { name: `sampling/gpt-${rows}`, prepare };
}

/** Training a character-level GPT, and sampling from it. */
export const gptWorkloads: Workload[] = [gpt, ...sizes.sampling.gpt.batches.map(sampling)];
