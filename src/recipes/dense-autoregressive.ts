import * as protocols from "./protocols.ts";
import type { Recipe } from "./recipe.ts";

const data = "mnist-binarized";
/** Training and evaluation of one model on MNIST as binarised once by Larochelle. */
function staticMnist(
  run: Omit<Recipe, "data" | "protocol" | "commands" | "expected"> & {
    /** Training ends then; by its preset's steps when left out. */
    readonly minutes?: number;
    readonly nats: number;
    /** What `evaluate` is told beside the split. */
    readonly evaluation?: string;
  },
): Recipe {
  const { minutes, nats, evaluation = "", ...rest } = run;
  const folder = `runs/${rest.name}`;
  return {
    ...rest,
    data,
    protocol: protocols.staticMnist,
    commands: [
      `sampo train ${rest.model} --data ${data} --preset ${rest.preset}${minutes ? ` --time ${minutes}m` : ""} --threads 1 --seed 0 --out ${folder}`,
      `sampo evaluate ${folder} --split test${evaluation} --json`,
    ],
    expected: { nats, tolerance: 0 },
  };
}

/** Logistic regressions in raster order. */
const fvsbnMnist = staticMnist({
  name: "fvsbn-mnist-static",
  title: "FVSBN, statically binarised MNIST",
  model: "fvsbn",
  preset: "paper",
  nats: 97.5,
  measured: {
    kind: "exact",
    nats: 97.489,
    stderr: 0.23,
    via: "chain rule",
    minutes: 11,
    steps: 30_000,
    machine: "one of two cores (AMD EPYC), shared with other work",
  },
  published: [{ nats: 97.45, source: "FVSBN, Larochelle & Murray 2011" }],
});

/** NADE with 500 hidden units. */
const nadeMnist = staticMnist({
  name: "nade-mnist-static",
  title: "NADE, 500 units, statically binarised MNIST",
  model: "nade",
  preset: "paper",
  minutes: 60,
  nats: 88.9,
  measured: {
    kind: "exact",
    nats: 87.229,
    stderr: 0.228,
    via: "chain rule",
    minutes: 17,
    steps: 5541,
    machine: "one of two cores (AMD EPYC), shared with other work; stopped by hand, best at step 4,000",
  },
  published: [
    { nats: 88.86, source: "NADE, 500 units, Larochelle & Murray 2011" },
    { nats: 88.33, source: "NADE, 500 units, Uria et al. 2016 (arXiv 1605.02226)" },
  ],
});

/** MADE with one mask. */
const madeOneMaskMnist = staticMnist({
  name: "made-500-mnist-static",
  title: "MADE, 500 units, one mask, statically binarised MNIST",
  model: "made",
  preset: "paper-500",
  minutes: 15,
  nats: 94,
  measured: {
    kind: "exact",
    nats: 90.896,
    stderr: 0.237,
    via: "chain rule",
    minutes: 15,
    steps: 41_055,
    machine: "one of two cores (AMD EPYC), shared with other work; best at step 6,500",
  },
  published: [{ nats: 94.5, source: "MADE, 500 units, one mask, karpathy/pytorch-made" }],
});

/** MADE with two hidden layers whose masks change. */
const madeMasksMnist = staticMnist({
  name: "made-masks-mnist-static",
  title: "MADE, two hidden layers of 4000 units, 16 mask sets that differ by little, statically binarised MNIST",
  model: "made",
  preset: "masks",
  nats: 89,
  measured: {
    kind: "exact",
    nats: 88.752,
    stderr: 0.232,
    via: "mean of the probabilities of 16 mask sets in one order",
    minutes: 24,
    steps: 5500,
    machine: "one of two cores (AMD EPYC), shared with other work; stopped by validation, best at step 3,500",
  },
  published: [
    { nats: 88.04, source: "MADE, 8000 units, 32 masks, Germain et al. 2015 (arXiv 1502.03509)" },
    { nats: 86.64, source: "MADE, 2 × 8000 units, 32 masks, Germain et al. 2015 (arXiv 1502.03509)" },
  ],
});

/** Orderless NADE with one hidden layer. */
const eonadeMnist = staticMnist({
  name: "eonade-mnist-static",
  title: "EoNADE, 500 units, 128 orders, statically binarised MNIST",
  model: "eonade",
  preset: "paper",
  evaluation: " --set ensemble=128",
  minutes: 60,
  nats: 87.8,
  published: [{ nats: 87.71, source: "EoNADE, one hidden layer, 128 orders, Uria et al. 2014 (arXiv 1310.1757)" }],
});

/** Orderless NADE with two hidden layers. */
const eonadeTwoLayersMnist = staticMnist({
  name: "eonade-2hl-mnist-static",
  title: "EoNADE, two layers of 500 units, 2 orders, statically binarised MNIST",
  model: "eonade",
  preset: "paper-2hl",
  minutes: 60,
  nats: 88,
  published: [
    { nats: 87.96, source: "EoNADE, two hidden layers, 2 orders, Uria et al. 2014 (arXiv 1310.1757)" },
    { nats: 85.1, source: "EoNADE, two hidden layers, 128 orders, Uria et al. 2014 (arXiv 1310.1757)" },
  ],
});

/** The recipes of the dense autoregressive models. */
export const denseAutoregressive: readonly Recipe[] = [
  fvsbnMnist,
  nadeMnist,
  madeOneMaskMnist,
  madeMasksMnist,
  eonadeMnist,
  eonadeTwoLayersMnist,
];
