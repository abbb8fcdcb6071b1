import { create, toBinary } from "@bufbuild/protobuf";
import type { InferenceSession } from "onnxruntime-web/wasm";
import { float32 } from "../../base/host.ts";
import { type Graph, input } from "../../graph/graph.ts";
import { emit } from "../../onnx/emit.ts";
import {
  type ModelProto,
  ModelProtoSchema,
  NodeProtoSchema,
  ValueInfoProtoSchema,
} from "../../onnx/generated/onnx_pb.js";
import { firstLine, toTensor } from "./model.ts";
import type { Ort } from "./session.ts";

/*
 * ONNX Runtime's binding for Node copies every output into a fresh array when a run ends, also those it has just written
 * into the arrays it was given. For a training step that is the whole state, step after step, in memory the system must
 * first find: most of the time of a small step, and tens of megabytes that wait for the collector. Outputs are copied in
 * order, so a first output that cannot become a JavaScript value ends the call after the computation and before the
 * copies, with an error of known wording.
 */

/** Name of the output that ends a run before its outputs are copied. */
export const stopName = "sampo/stop";

/**
 * The model with an output more, before all others: an empty sequence, which the binding refuses to return. Messages of
 * protocol buffers are merged when their bytes follow each other, so the rest of the model stays as it is.
 */
export function withStop(model: Uint8Array): Uint8Array {
  const result = new Uint8Array(stopBytes.length + model.length);
  result.set(stopBytes);
  result.set(model, stopBytes.length);
  return result;
}

const stopBytes = toBinary(ModelProtoSchema, stopModel());

function stopModel(): ModelProto {
  const element = { value: { case: "tensorType" as const, value: { elemType: 1 } } };
  const type = { value: { case: "sequenceType" as const, value: { elemType: element } } };
  const node = create(NodeProtoSchema, { name: stopName, opType: "SequenceEmpty", output: [stopName] });
  const output = create(ValueInfoProtoSchema, { name: stopName, type });
  return create(ModelProtoSchema, { graph: { node: [node], output: [output] } });
}

/**
 * What a run says that ends at the stop; undefined where the engine's binding does not end there, or has not written
 * the given array by then, so that outputs have to be taken as they are returned.
 */
export async function stopMessage(ort: Ort, options: InferenceSession.SessionOptions): Promise<string | undefined> {
  const tensor = input({ shape: [2], dtype: "float32" });
  const graph: Graph = { inputs: [{ name: "x", tensor }], outputs: [{ name: "y", tensor }] };
  const model = emit(graph, { device: { kind: "native", block: 0, contrib: false } });
  const [x, y] = [float32([1, 2]), float32([0, 0])];
  try {
    const session = await ort.InferenceSession.create(withStop(model), options);
    const fetches = { [stopName]: null, y: toTensor(ort, y) };
    const message = await session.run({ x: toTensor(ort, x) }, fetches).then(() => undefined, firstLine);
    await session.release();
    return y.data[0] === 1 && y.data[1] === 2 ? message : undefined;
  } catch {
    return undefined;
  }
}
