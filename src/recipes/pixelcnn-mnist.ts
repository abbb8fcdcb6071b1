import * as protocols from "./protocols.ts";
import type { Recipe } from "./recipe.ts";

/** Nats of an example of so many variables at that many bits for each. */
const natsOf = (bitsPerDim: number, variables: number) => bitsPerDim * variables * Math.LN2;

/** The PixelCNN on MNIST as binarised once by Larochelle. */
const pixelcnnMnist: Recipe = {
  name: "pixelcnn-mnist-static",
  title: "PixelCNN, statically binarised MNIST",
  model: "pixelcnn",
  preset: "mnist",
  data: "mnist-binarized",
  protocol: protocols.staticMnist,
  commands: [
    "sampo train pixelcnn --data mnist-binarized --preset mnist --time 115m --seed 0 --out runs/pixelcnn",
    "sampo evaluate runs/pixelcnn --split test --json",
  ],
  expected: { nats: 83.5, tolerance: 0 },
  published: [{ nats: 81.3, source: "PixelCNN, van den Oord et al. 2016 (arXiv 1601.06759)" }],
};

/** The Gated PixelCNN on the same. */
const gatedMnist: Recipe = {
  name: "gated-pixelcnn-mnist-static",
  title: "Gated PixelCNN, statically binarised MNIST",
  model: "gated-pixelcnn",
  preset: "mnist",
  data: "mnist-binarized",
  protocol: protocols.staticMnist,
  commands: [
    "sampo train gated-pixelcnn --data mnist-binarized --preset mnist --time 115m --threads 1 --seed 0 --out runs/gated",
    "sampo evaluate runs/gated --split test --json",
  ],
  expected: { nats: 83.5, tolerance: 0 },
  published: [{ nats: 81.3, source: "PixelCNN, van den Oord et al. 2016 (arXiv 1601.06759)" }],
  measured: {
    kind: "exact",
    nats: 81.106,
    stderr: 0.197,
    via: "chain rule",
    minutes: 115,
    steps: 33_146,
    machine: "one of two cores (AMD EPYC), shared with other work",
  },
};

/** The Gated PixelCNN on MNIST's 256 grey levels. */
const gatedMnistBytes: Recipe = {
  name: "gated-pixelcnn-mnist-bytes",
  title: "Gated PixelCNN, MNIST with 256 grey levels",
  model: "gated-pixelcnn",
  preset: "mnist-bytes",
  data: "mnist",
  dimensions: 784,
  protocol: "50,000 / 10,000 / 10,000, bytes as they are, best parameters by validation",
  commands: [
    "sampo train gated-pixelcnn --data mnist --preset mnist-bytes --time 115m --threads 1 --seed 0 --out runs/gated-bytes",
    "sampo evaluate runs/gated-bytes --split test --json",
  ],
  expected: { nats: natsOf(0.9, 784), tolerance: 0 },
  published: [
    {
      nats: natsOf(0.82, 784),
      source: "Gated PixelCNN of 64 features, 150 epochs: 0.820 bits/dim (UvA deep-learning notebooks, 12)",
    },
  ],
  measured: {
    kind: "exact",
    nats: 438.123,
    stderr: 1.632,
    via: "chain rule",
    minutes: 115,
    steps: 30_244,
    machine: "one of two cores (AMD EPYC), shared with other work",
  },
};

/** PixelCNN++ on the part of CIFAR-10 that is at hand. */
const plusPlusCifar: Recipe = {
  name: "pixelcnn++-cifar10-subset",
  title: "PixelCNN++, CIFAR-10, first training batch alone",
  model: "pixelcnn++",
  preset: "cifar",
  data: "cifar10",
  dimensions: 3072,
  protocol:
    "trained on data_batch_1 (10,000 images less those held out for validation), first 1,000 test images; not comparable with results on all 50,000",
  commands: [
    "sampo train pixelcnn++ --data cifar10 --preset cifar --time 47m --threads 1 --seed 0 --out runs/cifar",
    "sampo evaluate runs/cifar --split test --json",
  ],
  expected: { nats: natsOf(4, 3072), tolerance: 0 },
  published: [
    {
      nats: natsOf(2.92, 3072),
      source: "PixelCNN++ on all of CIFAR-10: 2.92 bits/dim, Salimans et al. 2017 (arXiv 1701.05517)",
    },
  ],
  measured: {
    kind: "exact",
    nats: 8316.3,
    stderr: 38.2,
    via: "chain rule",
    minutes: 47,
    steps: 4662,
    machine: "one of two cores (AMD EPYC), shared with other work, in three sittings",
  },
};

/** The PixelCNN family. */
export const pixelcnnRecipes: readonly Recipe[] = [pixelcnnMnist, gatedMnist, gatedMnistBytes, plusPlusCifar];
