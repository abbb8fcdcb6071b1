import { fromBinary } from "@bufbuild/protobuf";
import { DataError } from "../base/errors.ts";
import type { DType, HostArray } from "../base/host.ts";
import {
  type AttributeProto,
  AttributeProto_AttributeType as AttributeType,
  type GraphProto,
  type ModelProto,
  ModelProtoSchema,
  type ValueInfoProto,
} from "./generated/onnx_pb.js";
import { dtypeOfCode, fromTensorProto } from "./tensor.ts";

/** An ONNX model as plain data. */
export interface DecodedModel {
  readonly producer: string;
  /** Version of each operator set, by domain; the standard one is `""`. */
  readonly opsets: Readonly<Record<string, number>>;
  readonly graph: DecodedGraph;
}

/** One graph of a model: the main one or a loop body. */
export interface DecodedGraph {
  readonly name: string;
  readonly inputs: readonly DecodedPort[];
  readonly outputs: readonly DecodedPort[];
  readonly constants: Readonly<Record<string, HostArray>>;
  readonly nodes: readonly DecodedNode[];
}

/** An input or output; free dimensions have names. The dtype is undefined where Sampo has no such element type. */
export interface DecodedPort {
  readonly name: string;
  readonly dtype: DType | undefined;
  readonly shape: readonly (number | string)[];
}

/** One operation of a model. */
export interface DecodedNode {
  readonly name: string;
  readonly op: string;
  readonly domain: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: Readonly<Record<string, DecodedAttribute>>;
}

/** An attribute's value; floats and integers are both numbers here. */
export type DecodedAttribute = number | string | readonly number[] | HostArray | DecodedGraph;

/** The message of a model's bytes; throws where they are no model. */
export function parseModel(bytes: Uint8Array): ModelProto {
  let model: ModelProto;
  try {
    model = fromBinary(ModelProtoSchema, bytes);
  } catch (error) {
    throw new DataError(`These bytes are not an ONNX model: ${error instanceof Error ? error.message : String(error)}`);
  }
  if (!model.graph || model.opsetImport.length === 0)
    throw new DataError("These bytes are not an ONNX model: there is no graph in them");
  return model;
}

/** An ONNX model's bytes as plain data: inputs, outputs, constants, nodes, loop bodies. */
export function decode(bytes: Uint8Array): DecodedModel {
  const model = parseModel(bytes);
  const opsets = Object.fromEntries(model.opsetImport.map(({ domain, version }) => [domain, Number(version)]));
  return { producer: model.producerName, opsets, graph: decodeGraph(model.graph!) };
}

function decodeGraph(graph: GraphProto): DecodedGraph {
  return {
    name: graph.name,
    inputs: graph.input.map(decodePort),
    outputs: graph.output.map(decodePort),
    constants: Object.fromEntries(graph.initializer.map((tensor) => [tensor.name, fromTensorProto(tensor)])),
    nodes: graph.node.map(({ name, opType, domain, input, output, attribute }) => {
      const attributes = Object.fromEntries(attribute.map((entry) => [entry.name, decodeAttribute(entry)]));
      return { name, op: opType, domain, inputs: input, outputs: output, attributes };
    }),
  };
}

function decodePort({ name, type }: ValueInfoProto): DecodedPort {
  const tensor = type?.value.case === "tensorType" ? type.value.value : undefined;
  const shape = (tensor?.shape?.dim ?? []).map(({ value }) =>
    value.case === "dimValue" ? Number(value.value) : (value.value ?? "?"),
  );
  return { name, dtype: dtypeOfCode(tensor?.elemType ?? 0), shape };
}

const text = new TextDecoder();

function decodeAttribute({ name, type, i, f, s, ints, floats, t, g }: AttributeProto): DecodedAttribute {
  switch (type) {
    case AttributeType.INT:
      return Number(i);
    case AttributeType.FLOAT:
      return f;
    case AttributeType.STRING:
      return text.decode(s);
    case AttributeType.INTS:
      return ints.map(Number);
    case AttributeType.FLOATS:
      return floats;
    case AttributeType.TENSOR:
      return fromTensorProto(t!);
    case AttributeType.GRAPH:
      return decodeGraph(g!);
    default:
      throw new DataError(`attribute ${name} has a type Sampo cannot read (${type})`);
  }
}
