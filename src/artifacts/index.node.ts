export {
  type Bar,
  barChart,
  type CurveOptions,
  curveChart,
  histogram,
  type Sample,
  type ScatterOptions,
  type Series,
  scatterChart,
} from "./charts/charts.node.ts";
export type { ChartText } from "./charts/frame.node.ts";
export { describeMachine, describeVersions } from "./environment.node.ts";
export {
  ensureFolder,
  kindOf,
  listFolder,
  readBytes,
  readText,
  removeStalePartials,
  writeFileAtomic,
} from "./files.node.ts";
export {
  appendJsonLines,
  type JsonLinesWriter,
  type JsonRecord,
  readJsonLines,
  truncateAfterStep,
} from "./jsonl.node.ts";
export { fileProblem, guarded, hasCode } from "./problems.node.ts";
export {
  createRun,
  type ListedRun,
  type LockedRun,
  listRuns,
  type NewManifest,
  openRun,
  type Run,
  type RunPaths,
  resumeRun,
  runPaths,
  updateManifest,
} from "./run.node.ts";
