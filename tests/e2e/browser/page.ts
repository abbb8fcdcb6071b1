import { browserWebgpuRuntime, wasmRuntime } from "sampo";
import { type Report, trainAndSample } from "./program.ts";

/** What a test may call in the page. */
const calls = {
  wasm: async (threads: number, steps: number): Promise<Report> =>
    trainAndSample(await wasmRuntime(threads === 0 ? {} : { threads }), steps),
  webgpu: async (steps: number): Promise<Report> => trainAndSample(await browserWebgpuRuntime(), steps),
};

Object.assign(globalThis, calls);
