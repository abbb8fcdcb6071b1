import { create } from "@bufbuild/protobuf";
import type { FloatAttribute, OnnxAttributes, SubgraphAttribute } from "../graph/primitive.ts";
import {
  type AttributeProto,
  AttributeProtoSchema,
  AttributeProto_AttributeType as AttributeType,
  type GraphProto,
} from "./generated/onnx_pb.js";

const text = new TextEncoder();

type Value = NonNullable<OnnxAttributes[string]>;

/** Attributes of a node as ONNX messages; sub-graphs are built by the given function. */
export function toAttributes(
  attributes: OnnxAttributes,
  subgraph: (attribute: SubgraphAttribute) => GraphProto,
): AttributeProto[] {
  return Object.entries(attributes).flatMap(([name, value]) =>
    value === undefined ? [] : [create(AttributeProtoSchema, { name, ...contents(value, subgraph) })],
  );
}

function contents(value: Value, subgraph: (attribute: SubgraphAttribute) => GraphProto) {
  if (typeof value === "number") return { type: AttributeType.INT, i: BigInt(value) };
  if (typeof value === "string") return { type: AttributeType.STRING, s: text.encode(value) };
  if (isList(value)) return { type: AttributeType.INTS, ints: value.map(BigInt) };
  if ("float" in value) return { type: AttributeType.FLOAT, f: value.float };
  return { type: AttributeType.GRAPH, g: subgraph(value) };
}

function isList(value: readonly number[] | FloatAttribute | SubgraphAttribute): value is readonly number[] {
  return Array.isArray(value);
}
