import { nd } from "../../graph/nd.ts";
import type { GraphNode } from "../../graph/node.ts";
import type { Kernel, Planner } from "./kernel.ts";

/** Element i of an operand as the number i + 1, so that what an operation moves tells where it came from; 0: nowhere. */
const numbered = (length: number) => Float64Array.from({ length }, (_, i) => i + 1);

/** Where the elements of operand `which` go: the reference itself, run once on numbered elements, says so. */
function route(node: GraphNode, which: number, inputs: readonly Float64Array[]): readonly Float64Array[] {
  const operands = node.inputs.map(({ shape, dtype }, i) => {
    const data = i === which ? numbered(inputs[i]!.length) : dtype === "int64" ? inputs[i]! : zerosLike(inputs[i]!);
    return nd(shape, dtype, data);
  });
  const attrs = "value" in node.attrs ? { ...node.attrs, value: 0 } : node.attrs;
  return node.op.evaluate(operands, attrs).map(({ data }) => data);
}

const zerosLike = (data: Float64Array) => new Float64Array(data.length);

/** Reads into y[to[j]] the element x[from[j]]. */
function copy(x: Float64Array, y: Float64Array, origin: Float64Array): Kernel {
  const to = Int32Array.from(origin.keys()).filter((i) => origin[i] !== 0);
  const from = to.map((i) => origin[i]! - 1);
  if (to.length === 1) {
    const [i, j] = [to[0]!, from[0]!];
    return () => {
      y[i] = x[j]!;
    };
  }
  return () => {
    for (let k = 0; k < to.length; k++) y[to[k]!] = x[from[k]!]!;
  };
}

/** An operation that only moves elements: transpose, slice, pad, concat, … and gather by known indices. */
export const movement: Planner = (node, inputs, outputs, known) => {
  const moved = node.inputs.flatMap(({ dtype }, i) => (node.op.name === "gather" && i === 1 ? [] : [{ i, dtype }]));
  if (node.op.name === "gather" && !known[1]) return undefined;
  const fill = typeof node.attrs.value === "number" ? node.attrs.value : 0;
  for (const output of outputs) output.fill(fill);
  const kernels = moved.flatMap(({ i }) => {
    const routes = route(node, i, inputs);
    return outputs.map((output, part) => copy(inputs[i]!, output, routes[part]!));
  });
  if (kernels.length === 1) return kernels[0]!;
  return () => {
    for (const kernel of kernels) kernel();
  };
};
