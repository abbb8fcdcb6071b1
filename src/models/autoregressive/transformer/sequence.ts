import { full } from "../../../base/host.ts";
import { concat, constant, matmul, type Tensor } from "../../../graph/index.ts";
import { type Drop, transformer } from "../../../nn/index.ts";
import type { TracedParams } from "../../contract.ts";
import { countedOf, type Factorisation, type Given, givenOf, unitOf, variablesOf } from "../factorisation.ts";
import { droppedBranches } from "./dropped-branches.ts";
import { sequenceCache } from "./sequence-cache.ts";
import { inOrder, inputsOf, placed } from "./sequence-inputs.ts";
import { initSequence, type Net, type Sequence, type SequenceOptions } from "./sequence-parts.ts";

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
  };
  const net = (params: TracedParams) => params as unknown as Net;
  const dropping = { layers: s.body.layers, stream: [s.length, s.width], rate: s.dropout, counted: countedOf(s.data) };
  const noisy = droppedBranches(dropping, (params, inputs, drop) =>
    placed(s, conditionals(s, net(params), inputs as Given, drop)),
  );
  return {
    levels: s.levels,
    orders: [s.order],
    init: (key) => initSequence(s, key) as never,
    logits: (params, given) => placed(s, allLogits(s, net(params), given)),
    logConditionals: (params, given) => placed(s, conditionals(s, net(params), given)),
    ...(s.levels > 2
      ? { smooth: (params, given) => placed(s, allLogits({ ...s, smooth: true }, net(params), given)) }
      : {}),
    cached: sequenceCache(s, readOut),
    ...(s.dropout > 0 ? { objective: noisy } : {}),
  };
}

/** The stream [B·length, W] after the blocks. */
function streamRows(s: Sequence, params: Net, { x, labels }: Given, drop?: Drop): Tensor {
  const stream = inputsOf(s, params, x, labels);
  const y = s.module.apply(params.body, drop ? drop(stream, "embedding") : stream, drop);
  return y.reshape([-1, s.width]);
}

/** Logits [R, levels] of the variables that rows of the stream foretell. */
function readOut(params: Net, rows: Tensor): Tensor {
  return params.head ? rows.matmul(params.head) : matmul(rows, params.tokens, { transposeB: true });
}

/** log p of the values of given numbers [R], float32. */
function rowLogProbs(s: Sequence, params: Net, rows: Tensor, numbers: Tensor): Tensor {
  const hits = numbers.round().cast("int64").oneHot(s.levels);
  return readOut(params, rows).logSoftmax(-1).mul(hits).sum(-1);
}

/** Logits [B, D, levels] in sequence; even for a first variable that is given. */
function allLogits(s: Sequence, params: Net, given: Given): Tensor {
  const logits = readOut(params, streamRows(s, params, given)).reshape([-1, s.length, s.levels]);
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
