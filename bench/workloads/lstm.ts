import { embedding, initAll, linear, lstm } from "../../src/nn/index.ts";
import { adam } from "../../src/optim/index.ts";
import { key, randomInts } from "../../src/random/index.ts";
import type { Workload } from "../harness.ts";
import { sizes } from "./sizes.ts";
import { crossEntropy, trainingWork } from "./trainer.ts";

const { batch, steps, vocabulary, embedding: width, hidden, learningRate } = sizes.lstm;

const parts = {
  embedding: embedding(vocabulary, width),
  lstm: lstm(width, hidden),
  head: linear(hidden, vocabulary),
};

/** A character-level LSTM language model over whole sequences. */
export const lstmWorkload: Workload = {
  name: "lstm",
  prepare: (threads) => {
    const text = randomInts(key(1), 0, vocabulary, [batch, steps]);
    const next = randomInts(key(2), 0, vocabulary, [batch * steps]);
    return trainingWork(
      {
        params: initAll(parts, key(0)),
        batch: { text, next },
        loss: (params, data) => {
          const x = parts.embedding.apply(params.embedding, data.text);
          const { y } = parts.lstm.apply(params.lstm, x);
          return crossEntropy(parts.head.apply(params.head, y), data.next);
        },
        optimizer: adam(),
        learningRate,
      },
      threads,
    );
  },
};
