import type { InferenceSession } from "onnxruntime-web/wasm";
import type { Graph } from "../../graph/graph.ts";
import { optimize } from "../../graph/passes/optimize.ts";
import type { DeviceProfile } from "../../graph/primitive.ts";
import { emit } from "../../onnx/emit.ts";
import type { Runtime } from "../runtime.ts";
import { serialQueue } from "./queue.ts";
import { createExecutable, type SessionContext } from "./session.ts";

/** Settings of the WebAssembly runtime. */
export interface WebOptions {
  /**
   * Threads; the first runtime of a page or process decides for all. A page needs cross-origin isolation for more than
   * one, without it one is used.
   */
  readonly threads?: number;
  /** Where the `.wasm` file is served, when it is not beside the bundle. */
  readonly wasmPaths?: string;
}

const device: DeviceProfile = { kind: "wasm", block: 0, contrib: true };

/** More threads than this slow WebAssembly down. */
const maxThreads = 4;

/** ONNX Runtime in WebAssembly: the same operators as the native one, in any browser and in Node. */
export async function wasmRuntime({ threads, wasmPaths }: WebOptions = {}): Promise<Runtime> {
  const ort = await import("onnxruntime-web/wasm");
  const count = threads ?? defaultThreads();
  ort.env.wasm.numThreads = count;
  if (wasmPaths !== undefined) ort.env.wasm.wasmPaths = wasmPaths;
  const options: InferenceSession.SessionOptions = {
    executionProviders: ["wasm"],
    graphOptimizationLevel: "all",
    enableMemPattern: false,
    logSeverityLevel: 3,
  };
  const context: SessionContext = { ort, options, writesOutputs: false, queue: serialQueue() };
  const compile = async (graph: Graph) => {
    const optimized = optimize(graph);
    return createExecutable(context, optimized, emit(optimized, { device }));
  };
  const notes = [`ONNX Runtime in WebAssembly, ${count} ${count === 1 ? "thread" : "threads"}`];
  return { name: "wasm", device, notes, compile, dispose: async () => {} };
}

/** One in Node, where threads of WebAssembly gain little over the native engine; in an isolated page up to four. */
function defaultThreads(): number {
  const { crossOriginIsolated, navigator } = globalThis as { crossOriginIsolated?: boolean; navigator?: Navigator };
  if (crossOriginIsolated !== true || !navigator) return 1;
  return Math.max(1, Math.min(maxThreads, navigator.hardwareConcurrency - 1));
}
