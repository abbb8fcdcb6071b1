import { SampoError, UsageError } from "../base/errors.ts";
import { unknownName } from "../base/suggest.ts";
import { nativeRuntime } from "./ort/native.node.ts";
import { wasmRuntime } from "./ort/web.ts";
import { referenceRuntime } from "./reference.ts";
import type { Runtime } from "./runtime.ts";

/** Names of the devices one can ask for. */
export const deviceNames = ["auto", "cpu", "webgpu", "wasm", "reference"] as const;

/** What to compute on, and with how many threads. */
export interface DeviceChoice {
  readonly device?: string;
  readonly threads?: number;
}

/**
 * The runtime of that name. `auto` is the processor through the native engine, or WebAssembly where that is not
 * installed; `notes` of the result says what was chosen and why.
 */
export async function openRuntime({ device = "auto", threads }: DeviceChoice = {}): Promise<Runtime> {
  if (!(deviceNames as readonly string[]).includes(device))
    throw new UsageError(unknownName("device", device, deviceNames));
  if (threads !== undefined && !(Number.isInteger(threads) && threads > 0))
    throw new UsageError(`The number of threads must be a positive integer, got ${threads}.`);
  const options = threads === undefined ? {} : { threads };
  if (device === "reference") return referenceRuntime();
  if (device === "wasm") return wasmRuntime(options);
  if (device === "auto") return auto(options);
  return nativeRuntime({ ...options, gpu: device === "webgpu" });
}

async function auto(options: { threads?: number }): Promise<Runtime> {
  try {
    return await nativeRuntime(options);
  } catch (error) {
    if (!(error instanceof SampoError)) throw error;
    const runtime = await wasmRuntime(options);
    return { ...runtime, notes: [...runtime.notes, `${error.message} WebAssembly computes the same, more slowly.`] };
  }
}
