import * as protocols from "./protocols.ts";
import type { Recipe } from "./recipe.ts";

/** The VAE on MNIST as binarised once by Larochelle. */
export const vaeStaticMnist: Recipe = {
  name: "vae-mnist-static",
  title: "VAE, statically binarised MNIST",
  model: "vae",
  preset: "paper",
  data: "mnist-binarized",
  protocol: protocols.staticMnist,
  commands: [
    "sampo train vae --data mnist-binarized --preset paper --time 30m --seed 0 --out runs/v",
    "sampo evaluate runs/v --split test --importance 5000 --json",
  ],
  expected: { nats: 89.9, tolerance: 0 },
  published: [{ nats: 89.9, source: "VAE, Rezende & Mohamed 2015 (arXiv 1505.05770)" }],
  measured: {
    kind: "lower-bound",
    nats: 86.283,
    stderr: 0.218,
    via: "importance-weighted bound, 5000 samples",
    minutes: 30,
    steps: 82_175,
    machine: "two cores (AMD EPYC), shared with other work",
  },
};

/** The VAE on MNIST whose pixels are drawn anew at each use. */
export const vaeDynamicMnist: Recipe = {
  name: "vae-mnist-dynamic",
  title: "VAE, dynamically binarised MNIST",
  model: "vae",
  preset: "paper",
  data: "mnist --binarize dynamic",
  protocol: "50,000 / 10,000 / 10,000, pixels drawn from Bernoulli(grey/255) at each use, test set drawn once",
  commands: [
    "sampo train vae --data mnist --binarize dynamic --preset paper --time 20m --threads 1 --seed 0 --out runs/v-dynamic",
    "sampo evaluate runs/v-dynamic --split test --importance 500 --json",
  ],
  expected: { nats: 89.9, tolerance: 0 },
  published: [{ nats: 86.76, source: "VAE, L = 1, k = 1, 3,280 epochs, Burda et al. 2015 (arXiv 1509.00519)" }],
  measured: {
    kind: "lower-bound",
    nats: 87.696,
    stderr: 0.221,
    via: "importance-weighted bound, 500 samples",
    minutes: 20,
    steps: 19_024,
    machine: "one of two cores (AMD EPYC)",
  },
};
