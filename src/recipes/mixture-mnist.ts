import type { Recipe } from "./recipe.ts";

/** The largest mixture of Bernoullis that Larochelle & Murray compare with. */
export const mixtureMnist: Recipe = {
  name: "bernoulli-mixture-mnist-static",
  title: "Mixture of 500 Bernoullis, statically binarised MNIST",
  model: "bernoulli-mixture",
  preset: "larochelle-murray",
  data: "mnist-binarized",
  protocol: "50,000 / 10,000 / 10,000, fixed binarisation (Larochelle & Murray 2011), best parameters by validation",
  commands: [
    "sampo train bernoulli-mixture --data mnist-binarized --preset larochelle-murray --time 5m --seed 0 --out runs/mixture",
    "sampo evaluate runs/mixture --split test --json",
  ],
  expected: { nats: 137.64, tolerance: 0 },
  published: [{ nats: 137.64, source: "mixture of 500 Bernoullis by EM, Larochelle & Murray 2011" }],
};
