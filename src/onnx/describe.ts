import { HostArray, toNested } from "../base/host.ts";
import { type DecodedAttribute, type DecodedGraph, type DecodedNode, type DecodedPort, decode } from "./decode.ts";

/** Constants up to this many elements are written out where they are used. */
const shownElements = 8;

/** A model as text a person can read: one line for each input, constant, operation and output. */
export function describe(bytes: Uint8Array): string {
  const { producer, opsets, graph } = decode(bytes);
  const sets = Object.entries(opsets).map(([domain, version]) => `${domain || "onnx"} ${version}`);
  const from = producer === "" ? "" : `, written by ${producer}`;
  return [`model ${graph.name} (operators: ${sets.join(", ")}${from})`, ...graphLines(graph, new Map())].join("\n");
}

function graphLines(graph: DecodedGraph, outer: ReadonlyMap<string, HostArray>): string[] {
  const constants = new Map([...outer, ...Object.entries(graph.constants)]);
  const large = Object.entries(graph.constants).filter(([, { size }]) => size > shownElements);
  return [
    ...graph.inputs.map((port) => `  input ${portText(port)}`),
    ...large.map(([name, { dtype, shape }]) => `  constant ${name}: ${dtype}[${shape.join(", ")}]`),
    ...graph.nodes.flatMap((node) => nodeLines(node, constants)),
    ...graph.outputs.map((port) => `  output ${portText(port)}`),
  ];
}

function portText({ name, dtype, shape }: DecodedPort): string {
  return `${name}: ${dtype ?? "unknown"}[${shape.join(", ")}]`;
}

function nodeLines(node: DecodedNode, constants: ReadonlyMap<string, HostArray>): string[] {
  const operands = node.inputs.map((name) => operandText(name, constants));
  const entries = Object.entries(node.attributes);
  const plain = entries.filter(([, value]) => !isGraph(value));
  const attributes = plain.map(([name, value]) => `${name}=${attributeText(value)}`);
  const op = node.domain === "" ? node.op : `${node.domain}.${node.op}`;
  const bodies = entries.flatMap(([name, value]) =>
    isGraph(value) ? [`  ${name}:`, ...graphLines(value, constants).map((line) => `  ${line}`)] : [],
  );
  const line = `  ${node.outputs.join(", ")} = ${op}(${[...operands, ...attributes].join(", ")})`;
  return [line, ...bodies.map((text) => `  ${text}`)];
}

function operandText(name: string, constants: ReadonlyMap<string, HostArray>): string {
  const value = constants.get(name);
  return value && value.size <= shownElements ? valueText(value) : name === "" ? "none" : name;
}

function valueText(value: HostArray): string {
  const nested = value.dtype === "bool" ? toNested(value) : rounded(toNested(value));
  return JSON.stringify(nested);
}

/** Numbers as float32 people write them: 0.1 rather than 0.10000000149011612. */
function rounded(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(rounded);
  return Number.isFinite(value) ? Number((value as number).toPrecision(7)) : String(value);
}

function attributeText(value: DecodedAttribute): string {
  return value instanceof HostArray ? valueText(value) : JSON.stringify(rounded(value));
}

function isGraph(value: DecodedAttribute): value is DecodedGraph {
  return typeof value === "object" && "nodes" in value;
}
