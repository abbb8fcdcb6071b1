import { HostArray } from "../../base/host.ts";
import type { Graph } from "../graph.ts";
import type { GraphNode } from "../node.ts";
import type { Tensor } from "../tensor.ts";
import { isGraph, rewrite } from "./rewrite.ts";

/** Constants up to this many elements are compared by value, larger ones by identity. */
const comparedElements = 256;

/** Common subexpressions once: nodes with the same operation, operands and attributes become one. */
export function cse(graph: Graph): Graph {
  const seen = new Map<string, readonly Tensor[]>();
  const identities = new Map<object, number>();
  const identity = (value: object): string => {
    if (!identities.has(value)) identities.set(value, identities.size);
    return `#${identities.get(value)}`;
  };
  return rewrite(graph, (node) => {
    const key = keyOf(node, identity);
    const known = seen.get(key);
    if (!known) seen.set(key, node.outputs);
    return known === node.outputs ? undefined : known;
  });
}

function keyOf(node: GraphNode, identity: (value: object) => string): string {
  const operands = node.inputs.map((operand) => `${operand.node.id}:${operand.index}`).join(",");
  const attrs = JSON.stringify(node.attrs, (_key, value: unknown) => {
    if (isGraph(value)) return identity(value);
    if (value instanceof HostArray) return value.size > comparedElements ? identity(value) : contents(value);
    return typeof value === "number" ? exactly(value) : value;
  });
  return `${node.op.name}(${operands})${attrs}`;
}

/** Numbers that JSON does not tell apart: infinities, NaN, negative zero. */
function exactly(value: number): number | string {
  return Number.isFinite(value) && !Object.is(value, -0) ? value : `number ${Object.is(value, -0) ? "-0" : value}`;
}

function contents({ dtype, shape, data }: HostArray): string {
  const values = Array.from(data as ArrayLike<number | bigint>, (value) => (Object.is(value, -0) ? "-0" : `${value}`));
  return `${dtype}[${shape}]${values}`;
}
