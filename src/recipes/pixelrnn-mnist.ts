import * as protocols from "./protocols.ts";
import type { Recipe } from "./recipe.ts";

/** The Row LSTM on MNIST as binarised once by Larochelle. */
const rowLstmMnist: Recipe = {
  name: "row-lstm-mnist-static",
  title: "PixelRNN (Row LSTM), statically binarised MNIST",
  model: "row-lstm",
  preset: "cpu-hours",
  data: "mnist-binarized",
  protocol: protocols.staticMnist,
  commands: [
    "sampo train row-lstm --data mnist-binarized --preset cpu-hours --time 115m --threads 1 --seed 0 --out runs/row-lstm",
    "sampo evaluate runs/row-lstm --split test --json",
  ],
  expected: { nats: 86, tolerance: 0 },
  published: [{ nats: 80.54, source: "Row LSTM, van den Oord et al. 2016 (arXiv 1601.06759)" }],
  measured: {
    kind: "exact",
    nats: 83.193,
    stderr: 0.201,
    via: "chain rule",
    minutes: 115,
    steps: 53_234,
    machine: "one of two cores (AMD EPYC), shared with other work",
  },
};

/** The Diagonal BiLSTM on MNIST as binarised once by Larochelle. */
const diagonalBilstmMnist: Recipe = {
  name: "diagonal-bilstm-mnist-static",
  title: "PixelRNN (Diagonal BiLSTM), statically binarised MNIST",
  model: "diagonal-bilstm",
  preset: "paper-1-layer",
  data: "mnist-binarized",
  protocol: protocols.staticMnist,
  commands: [
    "sampo train diagonal-bilstm --data mnist-binarized --preset paper-1-layer --time 115m --threads 1 --seed 0 --out runs/diagonal",
    "sampo evaluate runs/diagonal --split test --json",
  ],
  expected: { nats: 86, tolerance: 0 },
  published: [
    { nats: 80.75, source: "Diagonal BiLSTM, 1 layer of 32 units, van den Oord et al. 2016 (arXiv 1601.06759)" },
    { nats: 79.2, source: "Diagonal BiLSTM, 7 layers of 16 units, van den Oord et al. 2016 (arXiv 1601.06759)" },
  ],
  measured: {
    kind: "exact",
    nats: 81.985,
    stderr: 0.2,
    via: "chain rule",
    minutes: 70,
    steps: 23_285,
    machine:
      "one of two cores (AMD EPYC), shared with other work; interrupted and resumed, stopped by hand before its time was over",
  },
};

/** The recipes of PixelRNN. */
export const pixelrnnRecipes: readonly Recipe[] = [rowLstmMnist, diagonalBilstmMnist];
