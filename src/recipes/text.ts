import * as protocols from "./protocols.ts";
import type { Recipe } from "./recipe.ts";

/** nanoGPT's configuration for a CPU. */
const nanoCpu: Recipe = {
  name: "gpt-shakespeare-nano-cpu",
  title: "GPT, tiny-shakespeare, nanoGPT's CPU configuration",
  model: "gpt",
  preset: "nano-cpu",
  data: "tiny-shakespeare",
  protocol: protocols.shakespeare,
  per: "token",
  commands: [
    "sampo train gpt --data tiny-shakespeare --preset nano-cpu --seed 0 --out runs/nano",
    "sampo evaluate runs/nano --split valid --json",
  ],
  expected: { nats: 1.88, tolerance: 0 },
  published: [
    { nats: 1.88, source: "nanoGPT's README, the same configuration on a laptop's CPU (Karpathy 2022)" },
    { nats: 1.908, source: "PyTorch 2.15 on the same two cores in 72 s (bench/peers/nanogpt.py)" },
  ],
  measured: {
    kind: "exact",
    nats: 1.736,
    stderr: 0.006,
    via: "chain rule",
    minutes: 0.9,
    steps: 2000,
    machine: "two cores (AMD EPYC), nothing beside it: 52 s",
  },
};

/** A larger GPT that trains for an hour on two cores. */
const hour: Recipe = {
  name: "gpt-shakespeare-hour",
  title: "GPT, tiny-shakespeare, an hour",
  model: "gpt",
  preset: "hour",
  data: "tiny-shakespeare",
  protocol: protocols.shakespeare,
  per: "token",
  commands: [
    "sampo train gpt --data tiny-shakespeare --preset hour --time 60m --threads 1 --seed 0 --out runs/g-hour",
    "sampo evaluate runs/g-hour --split valid --json",
  ],
  expected: { nats: 1.6, tolerance: 0 },
  published: [{ nats: 1.4697, source: "nanoGPT's README, 10.7 M parameters on a GPU (Karpathy 2022)" }],
  measured: {
    kind: "exact",
    nats: 1.456,
    stderr: 0.013,
    via: "chain rule",
    minutes: 60,
    steps: 3600,
    machine: "one of two cores (AMD EPYC), shared with other work; best at step 3,000",
  },
};

/** Names, character by character up to their end. */
const names: Recipe = {
  name: "gpt-names",
  title: "GPT, names",
  model: "gpt",
  preset: "names",
  data: "names",
  protocol: "32,033 names, split by a fixed seed; each character and the end are predicted from the name so far",
  per: "token",
  commands: [
    "sampo train gpt --data names --preset names --time 6m --threads 1 --seed 0 --out runs/names",
    "sampo evaluate runs/names --split test --json",
  ],
  expected: { nats: 1.99, tolerance: 0 },
  published: [{ nats: 1.92, source: "makemore's README, transformer of 200 k parameters (Karpathy 2022)" }],
  measured: {
    kind: "exact",
    nats: 1.951,
    stderr: 0.009,
    via: "chain rule",
    minutes: 6,
    steps: 6490,
    machine: "one of two cores (AMD EPYC), shared with other work",
  },
};

/** Recipes of GPT over text. */
export const textRecipes: readonly Recipe[] = [nanoCpu, names, hour];
