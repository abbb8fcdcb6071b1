import * as protocols from "./protocols.ts";
import type { Recipe } from "./recipe.ts";

const oneCore = "one of two cores (AMD EPYC), shared with other work";

/** Every pixel for itself. */
const bernoulliMnist: Recipe = {
  name: "bernoulli-mnist-static",
  title: "Independent Bernoullis, statically binarised MNIST",
  model: "bernoulli",
  preset: "small",
  data: "mnist-binarized",
  protocol: protocols.staticMnist,
  commands: [
    "sampo train bernoulli --data mnist-binarized --seed 0 --out runs/bernoulli",
    "sampo evaluate runs/bernoulli --split test --json",
  ],
  expected: { nats: 206, tolerance: 0 },
  published: [],
  measured: {
    kind: "exact",
    nats: 205.792,
    stderr: 0.454,
    via: "chain rule",
    minutes: 0.1,
    steps: 1,
    machine: oneCore,
  },
};

/** The largest mixture of Bernoullis that Larochelle & Murray compare with. */
const mixtureMnist: Recipe = {
  name: "bernoulli-mixture-mnist-static",
  title: "Mixture of 500 Bernoullis, statically binarised MNIST",
  model: "bernoulli-mixture",
  preset: "larochelle-murray",
  data: "mnist-binarized",
  protocol: protocols.staticMnist,
  commands: [
    "sampo train bernoulli-mixture --data mnist-binarized --preset larochelle-murray --time 5m --threads 1 --seed 0 --out runs/mixture",
    "sampo evaluate runs/mixture --split test --json",
  ],
  expected: { nats: 137.64, tolerance: 0 },
  published: [{ nats: 137.64, source: "mixture of 500 Bernoullis by EM, Larochelle & Murray 2011" }],
  measured: {
    kind: "exact",
    nats: 129.934,
    stderr: 0.401,
    via: "chain rule",
    minutes: 2.8,
    steps: 100,
    machine: oneCore,
  },
};

/** Counts of each pixel given the twelve nearest before it. */
const tableMnist: Recipe = {
  name: "conditional-table-mnist-static",
  title: "Conditionals by table, twelve nearest pixels, statically binarised MNIST",
  model: "conditional-table",
  preset: "wide",
  data: "mnist-binarized",
  protocol: protocols.staticMnist,
  commands: [
    "sampo train conditional-table --data mnist-binarized --preset wide --seed 0 --out runs/table",
    "sampo evaluate runs/table --split test --json",
  ],
  expected: { nats: 98, tolerance: 0 },
  published: [],
  measured: {
    kind: "exact",
    nats: 97.519,
    stderr: 0.228,
    via: "chain rule",
    minutes: 0.2,
    steps: 1,
    machine: oneCore,
  },
};

/** Kneser-Ney over characters, what GPT is compared with. */
const ngramShakespeare: Recipe = {
  name: "ngram-shakespeare",
  title: "n-gram with Kneser-Ney smoothing, tiny-shakespeare",
  model: "ngram",
  preset: "long",
  data: "tiny-shakespeare",
  protocol: protocols.shakespeare,
  per: "token",
  commands: [
    "sampo train ngram --data tiny-shakespeare --preset long --seed 0 --out runs/ngram",
    "sampo evaluate runs/ngram --split valid --json",
  ],
  expected: { nats: 1.6, tolerance: 0 },
  published: [],
  measured: {
    kind: "exact",
    nats: 1.574,
    stderr: 0.007,
    via: "chain rule",
    minutes: 0.4,
    steps: 1,
    machine: oneCore,
  },
};

/** Recipes of the baselines that keep the others honest. */
export const baselineRecipes: readonly Recipe[] = [bernoulliMnist, mixtureMnist, tableMnist, ngramShakespeare];
