/** What Sampo can do in Node only: the native engine, files of data, run folders, reports and exports. */

export { curveChart, histogram, scatterChart } from "./artifacts/charts/charts.node.ts";
export type { ChartText } from "./artifacts/charts/frame.node.ts";
export { posteriorChart } from "./artifacts/charts/posterior-chart.node.ts";
export { checkEnding, gridPng, writeExamples } from "./artifacts/examples.node.ts";
export { type Exported, exportTrained } from "./artifacts/export.node.ts";
export { readJsonLines } from "./artifacts/jsonl.node.ts";
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
  updateManifest,
} from "./artifacts/run.node.ts";
export type { ReportInputs } from "./artifacts/run-inputs.node.ts";
export { writeRunReport } from "./artifacts/run-report.node.ts";
export { tableEndings, writeTable } from "./artifacts/tables.node.ts";
export { bindTrained, modelOfRun, openTrained, type Trained } from "./artifacts/trained.node.ts";
export { readState, type TrainingRun, trainIntoRun } from "./artifacts/training-run.node.ts";
export { fetchDataset } from "./data/files.node.ts";
export { openDataset } from "./data/open.node.ts";
export type { OpenDeps, OpenOptions } from "./data/open-options.node.ts";
export { type PrefetchingSource, prefetchingSource } from "./data/prefetch.node.ts";
export { type ImageFolder, type ImageFolderOptions, readImageFolder } from "./data/readers/images.node.ts";
export { type ReadFiles, readTableFiles } from "./data/table/read.node.ts";
export { type DeviceChoice, deviceNames, openRuntime } from "./runtime/choose.node.ts";
export type { LoadedModel } from "./runtime/ort/model.ts";
export { loadModel, type NativeOptions, nativeRuntime } from "./runtime/ort/native.node.ts";
