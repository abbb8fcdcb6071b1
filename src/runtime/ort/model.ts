import type { InferenceSession, Tensor } from "onnxruntime-web/wasm";
import { SampoError, UsageError } from "../../base/errors.ts";
import { type DType, HostArray } from "../../base/host.ts";
import type { Ort } from "./session.ts";

/** An ONNX model read from bytes, run by the names of its inputs and outputs; shapes may be free. */
export interface LoadedModel {
  readonly inputNames: readonly string[];
  readonly outputNames: readonly string[];
  run(inputs: Readonly<Record<string, HostArray>>): Promise<Record<string, HostArray>>;
  dispose(): Promise<void>;
}

/** Opens an ONNX model, whoever wrote it. */
export async function openModel(
  ort: Ort,
  options: InferenceSession.SessionOptions,
  bytes: Uint8Array,
): Promise<LoadedModel> {
  const session = await ort.InferenceSession.create(bytes, options).catch((error: unknown) => {
    throw new SampoError(`ONNX Runtime could not load the model: ${firstLine(error)}`);
  });
  const { inputNames, outputNames } = session;
  const run = async (inputs: Readonly<Record<string, HostArray>>) => {
    const missing = inputNames.find((name) => !inputs[name]);
    if (missing !== undefined) throw new UsageError(`the model's input "${missing}" is missing`);
    const feeds = inputNames.map((name) => [name, toTensor(ort, inputs[name]!)]);
    const results = await session.run(Object.fromEntries(feeds)).catch((error: unknown) => {
      throw new SampoError(`ONNX Runtime failed while running the model: ${firstLine(error)}`);
    });
    return Object.fromEntries(outputNames.map((name) => [name, fromTensor(results[name]!)]));
  };
  return { inputNames, outputNames, run, dispose: () => session.release() };
}

/** The first line of an engine's error: the rest is a stack of its own. */
export function firstLine(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return message.split("\n")[0]!.trim();
}

/** A host array as an engine's tensor, without a copy. */
export function toTensor(ort: Ort, array: HostArray): Tensor {
  return new ort.Tensor(array.dtype, array.data as Float32Array, array.shape) as Tensor;
}

function fromTensor({ type, dims, data }: Tensor): HostArray {
  return new HostArray(type as DType, dims, data as HostArray["data"]);
}
