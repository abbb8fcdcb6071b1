import type { InferenceSession } from "onnxruntime-web/wasm";
import { SampoError } from "../../base/errors.ts";
import type { Graph } from "../../graph/graph.ts";
import { optimize } from "../../graph/passes/optimize.ts";
import type { DeviceProfile } from "../../graph/primitive.ts";
import { emit } from "../../onnx/emit.ts";
import type { Runtime } from "../runtime.ts";
import { serialQueue } from "./queue.ts";
import { createExecutable, type SessionContext } from "./session.ts";

/** Settings of the runtimes in the browser. */
export interface WebOptions {
  /**
   * Threads of WebAssembly; the first runtime of a page or process decides for all. A page needs cross-origin isolation
   * for more than one, without it one is used.
   */
  readonly threads?: number;
  /** Where the `.wasm` and `.mjs` files of onnxruntime-web are served, when they are not beside the bundle. */
  readonly wasmPaths?: string;
}

type OrtWeb = typeof import("onnxruntime-web/wasm");

/** More threads than this slow WebAssembly down. */
const maxThreads = 4;

/** ONNX Runtime in WebAssembly: the same operators as the native one, in any browser and in Node. */
export async function wasmRuntime(options: WebOptions = {}): Promise<Runtime> {
  const ort = await import("onnxruntime-web/wasm");
  const count = configure(ort, options);
  const notes = [`ONNX Runtime in WebAssembly, ${count} ${count === 1 ? "thread" : "threads"}`];
  return webRuntime(ort, { kind: "wasm", block: 0, contrib: true }, notes);
}

/** ONNX Runtime on the graphics processor of a browser; throws where the page gets no adapter. */
export async function browserWebgpuRuntime(options: WebOptions = {}): Promise<Runtime> {
  const { gpu } = globalThis.navigator as { gpu?: { requestAdapter(): Promise<object | null> } };
  if (!(await gpu?.requestAdapter()))
    throw new SampoError("This browser offers no WebGPU adapter; use the wasm runtime instead.");
  const ort = (await import("onnxruntime-web/webgpu")) as OrtWeb;
  configure(ort, options);
  return webRuntime(ort, { kind: "webgpu", block: 0, contrib: true }, ["ONNX Runtime on WebGPU"]);
}

function webRuntime(ort: OrtWeb, device: DeviceProfile, notes: readonly string[]): Runtime {
  const options: InferenceSession.SessionOptions = {
    executionProviders: [device.kind],
    graphOptimizationLevel: "all",
    enableMemPattern: false,
    logSeverityLevel: 3,
  };
  const context: SessionContext = { ort, options, queue: serialQueue() };
  const compile = async (graph: Graph) => {
    const optimized = optimize(graph);
    return createExecutable(context, optimized, emit(optimized, { device }));
  };
  return { name: device.kind, device, notes, compile, dispose: async () => {} };
}

/** Sets what holds for all sessions of a page; returns the number of threads. */
function configure(ort: OrtWeb, { threads = defaultThreads(), wasmPaths }: WebOptions): number {
  ort.env.wasm.numThreads = threads;
  if (wasmPaths !== undefined) ort.env.wasm.wasmPaths = wasmPaths;
  return threads;
}

/** One in Node, where threads of WebAssembly gain little over the native engine; in an isolated page up to four. */
function defaultThreads(): number {
  const { crossOriginIsolated, navigator } = globalThis as { crossOriginIsolated?: boolean; navigator?: Navigator };
  if (crossOriginIsolated !== true || !navigator) return 1;
  return Math.max(1, Math.min(maxThreads, navigator.hardwareConcurrency - 1));
}
