import { create, toBinary } from "@bufbuild/protobuf";
import type { HostArray } from "../base/host.ts";
import type { Graph } from "../graph/graph.ts";
import type { DeviceProfile } from "../graph/primitive.ts";
import { type ModelProto, ModelProtoSchema } from "./generated/onnx_pb.js";
import { ModelNames, Scope, valueInfo } from "./scope.ts";
import { dropUnusedOutputs } from "./trim.ts";

/** Operator set of the models Sampo writes, and the file format version that goes with it. */
const opset = 21;
const irVersion = 10;

/** How to write a graph as an ONNX model. */
export interface EmitOptions {
  /** The machine the model is for; any, unless given. */
  readonly device?: DeviceProfile;
  /** The name the model carries. */
  readonly name?: string;
  /** Names of constants: the paths of parameters that are written into the model. */
  readonly labels?: ReadonlyMap<HostArray, string>;
}

/** What any ONNX runtime understands: no operators outside the standard. */
export const portableDevice: DeviceProfile = { kind: "wasm", block: 0, contrib: false };

/** A graph as an ONNX model message. */
export function emitModel(
  graph: Graph,
  { device = portableDevice, name = "sampo", labels }: EmitOptions = {},
): ModelProto {
  const names = new ModelNames();
  const scope = new Scope(device, names, labels ? { labels } : {});
  const input = graph.inputs.map((entry) => {
    const known = uniqueName(names, entry.name);
    scope.values.set(entry.tensor, known);
    return valueInfo(known, entry.tensor);
  });
  const outputNames = graph.outputs.map((entry) => uniqueName(names, entry.name));
  scope.emitNodes(graph);
  let next = 0;
  scope.finish(graph.outputs, () => outputNames[next++]!);
  const output = graph.outputs.map(({ tensor }, i) => valueInfo(outputNames[i]!, tensor));
  const opsetImport = [...names.domains].filter((domain) => domain !== "").map((domain) => ({ domain, version: 1n }));
  const written = scope.proto(name, input, output);
  dropUnusedOutputs(written);
  return create(ModelProtoSchema, {
    irVersion: BigInt(irVersion),
    producerName: "sampo",
    opsetImport: [{ domain: "", version: BigInt(opset) }, ...opsetImport],
    graph: written,
  });
}

/** A graph as the bytes of an ONNX model. Inputs and outputs keep their names; an output named like an input gets `output/` in front. */
export function emit(graph: Graph, options: EmitOptions = {}): Uint8Array {
  return toBinary(ModelProtoSchema, emitModel(graph, options));
}

function uniqueName(names: ModelNames, name: string): string {
  if (names.reserve(name)) return name;
  const outer = `output/${name}`;
  return names.reserve(outer) ? outer : names.fresh(outer);
}
