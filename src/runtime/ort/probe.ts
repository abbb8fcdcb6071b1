import type { InferenceSession } from "onnxruntime-web/wasm";
import { float32 } from "../../base/host.ts";
import { type Graph, input } from "../../graph/graph.ts";
import type { DeviceProfile, Primitive } from "../../graph/primitive.ts";
import { apply } from "../../graph/tensor.ts";
import { emit } from "../../onnx/emit.ts";
import { createExecutable, type Ort, type SessionContext } from "./session.ts";

const device: DeviceProfile = { kind: "native", block: 0, contrib: true };

/** Writes an array in the blocked convolution layout and reads it as it lies in memory. */
const reorder: Primitive = {
  name: "reorderInput",
  infer: ([x]) => [x!],
  emit: ({ context, names }) => context.node("ReorderInput", names, {}, "com.microsoft.nchwc"),
  evaluate: ([x]) => [x!],
};

/**
 * Channels per block of this processor's blocked convolution layout (ONNX Runtime's internal NCHWc), or 0 where it
 * has none. A ramp of [1, channels, 1, 2] goes through ReorderInput: in blocks of b, position i < b holds the first
 * pixel of channel i and position b the second pixel of channel 0.
 */
export async function blockSize(ort: Ort, options: InferenceSession.SessionOptions): Promise<number> {
  const channels = 64;
  const shape = [1, channels, 1, 2];
  const values = Array.from({ length: 2 * channels }, (_, i) => i + 1);
  const x = input({ shape, dtype: "float32" });
  const [y] = apply(reorder, [x]);
  const graph: Graph = { inputs: [{ name: "x", tensor: x }], outputs: [{ name: "y", tensor: y! }] };
  const context: SessionContext = { ort, options, queue: (task) => task() };
  try {
    const executable = await createExecutable(context, graph, emit(graph, { device }));
    const [result] = await executable.run([float32(values, shape)]);
    await executable.dispose();
    return blockOf(result!.data as Float32Array, channels);
  } catch {
    return 0;
  }
}

/** The block size with which a ramp was reordered; 0 when it is none of the expected orders. */
export function blockOf(reordered: ArrayLike<number>, channels: number): number {
  const block = Array.from(reordered).indexOf(2);
  if (block <= 1 || channels % block !== 0) return 0;
  for (let i = 0; i < 2 * channels; i++) {
    const channel = Math.floor(i / (2 * block)) * block + (i % block);
    const pixel = Math.floor(i / block) % 2;
    if (reordered[i] !== channel * 2 + pixel + 1) return 0;
  }
  return block;
}
