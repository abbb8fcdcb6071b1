/** The floors of src/, lowest first: a folder imports only itself and floors that stand before it. */
const floors = [
  "base",
  "numeric",
  "graph",
  "onnx",
  "runtime",
  "random",
  "distributions",
  "probability",
  "nn",
  "optim",
  "data",
  "coding",
  "samplers",
  "bayes",
  "models",
  "training",
  "evaluation",
  "artifacts",
  "recipes",
  "cli",
];

const upward = floors.map((floor, index) => ({
  name: `floor-${floor}`,
  comment: `src/${floor} may import only: ${floors.slice(0, index + 1).join(", ")}`,
  severity: "error",
  from: { path: `^src/${floor}/`, pathNot: "\\.test\\.ts$" },
  to: { path: "^src/", pathNot: `^src/(${floors.slice(0, index + 1).join("|")})/` },
}));

module.exports = {
  forbidden: [
    ...upward,
    {
      name: "no-cycles",
      severity: "error",
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ["type-only"] } },
    },
    {
      name: "models-see-data-types-only",
      severity: "error",
      from: { path: "^src/models/", pathNot: "\\.test\\.ts$" },
      to: { path: "^src/data/", dependencyTypesNot: ["type-only"] },
    },
    {
      name: "browsers-load-the-main-entry",
      comment: "nothing that src/index.ts reaches is for Node only: no *.node.ts, no module of Node, no other package",
      severity: "error",
      from: { path: "^src/index\\.ts$" },
      to: {
        reachable: true,
        path: "",
        pathNot:
          "^src/(?!.*\\.node\\.ts$)|^node_modules/(@bufbuild/protobuf|@dagrejs/dagre|csv-parse|fflate|hyparquet|hyparquet-writer|onnxruntime-web|zod)/",
      },
    },
  ],
  options: {
    tsPreCompilationDeps: true,
    tsConfig: { fileName: "tsconfig.json" },
    doNotFollow: { path: "node_modules" },
    enhancedResolveOptions: {
      extensions: [".ts", ".mjs", ".js"],
      exportsFields: ["exports"],
      conditionNames: ["import", "default"],
    },
  },
};
