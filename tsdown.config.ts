import { defineConfig } from "tsdown";

/** The package: ES modules and their types; the prefetch worker lies beside the chunks because they start it by URL. */
export default defineConfig({
  entry: {
    index: "src/index.ts",
    node: "src/node.ts",
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
