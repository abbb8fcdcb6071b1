import { availableParallelism } from "node:os";
import type { InferenceSession } from "onnxruntime-web/wasm";
import { SampoError } from "../../base/errors.ts";
import { type Graph, input } from "../../graph/graph.ts";
import { optimize } from "../../graph/passes/optimize.ts";
import type { DeviceProfile } from "../../graph/primitive.ts";
import { emit } from "../../onnx/emit.ts";
import type { Runtime } from "../runtime.ts";
import { type LoadedModel, openModel } from "./model.ts";
import { blockSize } from "./probe.ts";
import { serialQueue } from "./queue.ts";
import { createExecutable, type Ort, type SessionContext } from "./session.ts";
import { stopMessage } from "./uncopied.ts";

/** Settings of the native runtime. */
export interface NativeOptions {
  /** Threads inside one operation; all processor cores when left out. */
  readonly threads?: number;
  /** Compute on a GPU through WebGPU; where there is no adapter the processor is used and `notes` says so. */
  readonly gpu?: boolean;
}

/** ONNX Runtime as a native library in Node: processor, or WebGPU where an adapter exists. */
export async function nativeRuntime({ threads, gpu = false }: NativeOptions = {}): Promise<Runtime> {
  const ort = await loadNative();
  const wanted = threads ?? availableParallelism();
  const options = sessionOptions(wanted);
  const failure = gpu ? await webgpuFailure(ort) : undefined;
  if (gpu && failure === undefined) return webgpu(ort, options);
  const device: DeviceProfile = { kind: "native", block: await blockSize(ort, options), contrib: true };
  const context: SessionContext = { ort, options, stop: await stopMessage(ort, options), queue: (task) => task() };
  const fallback =
    failure === undefined ? [] : [`WebGPU is not available here (${failure}); computing on the processor`];
  return runtime("cpu", device, context, [
    `ONNX Runtime on the processor, ${wanted} ${wanted === 1 ? "thread" : "threads"}`,
    ...fallback,
  ]);
}

async function webgpu(ort: Ort, options: InferenceSession.SessionOptions): Promise<Runtime> {
  const device: DeviceProfile = { kind: "webgpu", block: 0, contrib: true };
  const gpuOptions = { ...options, executionProviders: ["webgpu", "cpu"] };
  const context: SessionContext = {
    ort,
    options: gpuOptions,
    stop: await stopMessage(ort, gpuOptions),
    queue: serialQueue(),
  };
  return runtime("webgpu", device, context, ["ONNX Runtime on WebGPU"]);
}

function runtime(name: string, device: DeviceProfile, context: SessionContext, notes: readonly string[]): Runtime {
  const compile = async (graph: Graph) => {
    const optimized = optimize(graph);
    return createExecutable(context, optimized, emit(optimized, { device }));
  };
  return { name, device, notes, compile, dispose: async () => {} };
}

/** Opens an ONNX model on the processor, whoever wrote it: to check what was exported, or to use it. */
export async function loadModel(bytes: Uint8Array, { threads }: { threads?: number } = {}): Promise<LoadedModel> {
  return openModel(await loadNative(), sessionOptions(threads ?? availableParallelism()), bytes);
}

/** Measured: no memory pattern costs no time and grows less; threads must stop spinning when another session runs. */
function sessionOptions(threads: number): InferenceSession.SessionOptions {
  return {
    executionProviders: ["cpu"],
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
    executionMode: "sequential",
    enableMemPattern: false,
    enableCpuMemArena: true,
    graphOptimizationLevel: "all",
    logSeverityLevel: 3,
    extra: { session: { force_spinning_stop: "1" } },
  };
}

async function loadNative(): Promise<Ort> {
  try {
    const module = (await import("onnxruntime-node")) as unknown as Ort & { default?: Ort };
    return module.default ?? module;
  } catch {
    throw new SampoError(
      "The native engine is not installed; run `ONNXRUNTIME_NODE_INSTALL=skip npm install onnxruntime-node`, or use the device wasm.",
    );
  }
}

async function webgpuFailure(ort: Ort): Promise<string | undefined> {
  const tensor = input({ shape: [1], dtype: "float32" });
  const graph: Graph = { inputs: [{ name: "x", tensor }], outputs: [{ name: "y", tensor }] };
  const model = emit(graph, { device: { kind: "webgpu", block: 0, contrib: false } });
  try {
    const session = await ort.InferenceSession.create(model, { executionProviders: ["webgpu"], logSeverityLevel: 4 });
    await session.release();
    return undefined;
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    return /adapter/i.test(message) ? "no graphics adapter was found" : message.split("\n")[0]!;
  }
}
