import type { Recipe } from "./recipe.ts";

const machine = "one of two cores (AMD EPYC), shared with other work";

/** What was measured of one set. */
interface Set {
  readonly title: string;
  readonly rows: string;
  readonly tree: Figure;
  readonly mixture: Figure;
}

interface Figure {
  readonly nats: number;
  readonly stderr: number;
  readonly seconds: number;
  readonly steps: number;
  /** What another program reaches on the same splits; left out where no report of it was at hand to check. */
  readonly published?: number;
  /** What the recipe must reach. */
  readonly target: number;
}

/** Test log-likelihoods of Chow-Liu trees by a program of its own, project4/part2/Report.md of that repository. */
const source = "Chow-Liu tree, course report of N. Baker (github.com/ndbaker1/CS6375-Machine-Learning)";

const sets: Readonly<Record<string, Set>> = {
  nltcs: {
    title: "NLTCS",
    rows: "16,181 / 2157 / 3236",
    tree: { nats: 6.759, stderr: 0.055, seconds: 1.2, steps: 1, published: 6.759, target: 6.76 },
    mixture: { nats: 6.017, stderr: 0.054, seconds: 37, steps: 19, target: 6.03 },
  },
  plants: {
    title: "Plants",
    rows: "17,412 / 2321 / 3482",
    tree: { nats: 16.524, stderr: 0.174, seconds: 3.3, steps: 1, published: 16.524, target: 16.53 },
    mixture: { nats: 13.061, stderr: 0.146, seconds: 198, steps: 26, target: 13.1 },
  },
  baudio: {
    title: "Audio",
    rows: "15,000 / 2000 / 3000",
    tree: { nats: 44.375, stderr: 0.325, seconds: 1.8, steps: 1, published: 44.3749, target: 44.38 },
    mixture: { nats: 40.17, stderr: 0.292, seconds: 573, steps: 24, target: 40.2 },
  },
  jester: {
    title: "Jester",
    rows: "9000 / 1000 / 4116",
    tree: { nats: 58.23, stderr: 0.169, seconds: 7.6, steps: 1, published: 58.2265, target: 58.24 },
    mixture: { nats: 53.213, stderr: 0.207, seconds: 276, steps: 14, target: 53.3 },
  },
  dna: {
    title: "DNA",
    rows: "1600 / 400 / 1186",
    tree: { nats: 87.68, stderr: 0.148, seconds: 0.3, steps: 1, target: 87.7 },
    mixture: { nats: 87.236, stderr: 0.191, seconds: 41, steps: 6, target: 87.3 },
  },
  mushrooms: {
    title: "Mushrooms",
    rows: "2000 / 500 / 5624",
    tree: { nats: 20.967, stderr: 0.07, seconds: 3.3, steps: 1, target: 21 },
    mixture: { nats: 11.259, stderr: 0.032, seconds: 154, steps: 42, target: 11.3 },
  },
};

function recipe(data: string, preset: "small" | "mixture"): Recipe {
  const { title, rows, tree, mixture } = sets[data]!;
  const { target, seconds, nats, stderr, steps, published } = preset === "small" ? tree : mixture;
  const name = preset === "small" ? `chow-liu-${data}` : `trees-${data}`;
  return {
    name,
    title: `${preset === "small" ? "Chow-Liu tree" : "Mixture of 20 trees"}, ${title}`,
    model: "chow-liu",
    preset,
    data,
    per: "row",
    protocol: `${rows} rows, splits as published${preset === "small" ? "" : ", best round by validation"}`,
    commands: [
      `sampo train chow-liu --data ${data} --preset ${preset} --seed 0 --out runs/${name}`,
      `sampo evaluate runs/${name} --split test --json`,
    ],
    expected: { nats: target, tolerance: 0 },
    published: published === undefined ? [] : [{ nats: published, source }],
    measured: {
      kind: "exact",
      nats,
      stderr,
      via: preset === "small" ? "chain rule along the tree" : "sum over trees",
      minutes: Math.max(0.1, Math.round(seconds / 6) / 10),
      steps,
      machine,
    },
  };
}

/** One Chow-Liu tree and a mixture of twenty on each of the binary density sets. */
export const densityRecipes: readonly Recipe[] = (["small", "mixture"] as const).flatMap((preset) =>
  Object.keys(sets).map((data) => recipe(data, preset)),
);
