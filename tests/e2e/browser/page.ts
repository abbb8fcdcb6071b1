import { browserWebgpuRuntime, wasmRuntime } from "sampo";
import { classical } from "./classical.ts";
import { type Report, trainAndSample } from "./program.ts";

/** What a test may call in the page. */
const calls = {
  wasm: async (threads: number, steps: number): Promise<Report> =>
    trainAndSample(await wasmRuntime(threads === 0 ? {} : { threads }), steps),
  classical,
  webgpu: async (steps: number): Promise<Report> => trainAndSample(await browserWebgpuRuntime(), steps),
};

Object.assign(globalThis, calls);
