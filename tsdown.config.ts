import { defineConfig } from "tsdown";

/** The package: ES modules, whole and by subject, and their types; the prefetch worker lies beside the chunks because they start it by URL. */
export default defineConfig({
  entry: {
    index: "src/index.ts",
    node: "src/node.ts",
    bayes: "src/bayes/index.ts",
    data: "src/data/index.ts",
    distributions: "src/distributions/index.ts",
    models: "src/models/index.ts",
    probability: "src/probability/index.ts",
    programs: "src/bayes/program/index.ts",
    samplers: "src/samplers/index.ts",
    cli: "src/cli/main.ts",
    "prefetch-worker.node": "src/data/prefetch-worker.node.ts",
  },
  format: "esm",
  platform: "neutral", // "node" would write an import of node:module into chunks that browsers load
  deps: { neverBundle: [/^node:/] },
  target: "node20.19",
  dts: true,
  fixedExtension: true,
});
