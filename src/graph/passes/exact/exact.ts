import { UsageError } from "../../../base/errors.ts";
import { castHost, type DType, type HostArray } from "../../../base/host.ts";
import { type Graph, graphNodes, input, type NamedTensor } from "../../graph.ts";
import type { GraphNode } from "../../node.ts";
import { closeBody } from "../../ops/body.ts";
import type { Attrs } from "../../primitive.ts";
import { apply, constant, type Tensor } from "../../tensor.ts";
import { isGraph } from "../rewrite.ts";
import { exactRules } from "./rules.ts";

/** Number of these exact forms: a change that alters a single bit of any of them needs another. */
export const exactVersion = 1;

/** Tells of each input of a graph whether it is a parameter (or made of parameters only). */
type Steady = (input: NamedTensor, index: number) => boolean;

const wide = (dtype: DType): DType => (dtype === "float32" ? "float64" : dtype);
const isFloat = ({ dtype }: Tensor) => dtype === "float32" || dtype === "float64";

/**
 * The same function in float64 so that every machine computes the same bits: sums of whole multiples of a power of two
 * that no order of addition can round (`sums.ts`), functions made of single IEEE 754 operations (`functions.ts`), nothing
 * else. It differs from the given graph by about 10⁻³, for which a model pays in the second order only. Inputs of
 * float32 become float64. Throws where an operation has no exact form.
 */
export function exact(graph: Graph, isSteady: Steady): Graph {
  const made = new Map<Tensor, Tensor>();
  const steady = new Set<Tensor>();
  const inputs = graph.inputs.map((named, i) => {
    const tensor = input({ shape: named.tensor.shape, dtype: wide(named.tensor.dtype) });
    made.set(named.tensor, tensor);
    if (isSteady(named, i)) steady.add(named.tensor);
    return { name: named.name, tensor };
  });
  for (const node of graphNodes(graph)) {
    if (node.op.name === "input") continue;
    const known = node.inputs.map((operand) => steady.has(operand));
    const operands = node.inputs.map((operand) => made.get(operand)!);
    converted(node, operands, known).forEach((result, i) => {
      made.set(node.outputs[i]!, result);
    });
    if (known.every(Boolean)) for (const output of node.outputs) steady.add(output);
  }
  return { inputs, outputs: graph.outputs.map(({ name, tensor }) => ({ name, tensor: made.get(tensor)! })) };
}

function converted(node: GraphNode, operands: readonly Tensor[], steady: readonly boolean[]): readonly Tensor[] {
  const { op, attrs } = node;
  if (op.name === "constant") return [constant(widened(attrs.value as HostArray))];
  if (Object.values(attrs).some(isGraph)) return apply(op, operands, withExactBody(node, steady));
  if ("dtype" in attrs) return apply(op, operands, { ...attrs, dtype: wide(attrs.dtype as DType) });
  if (![...node.inputs, ...node.outputs].some(isFloat)) return apply(op, operands, attrs);
  const rule = exactRules.get(op.name);
  if (!rule) throw new UsageError(`The operation ${op.name} has no exact form, so this model cannot compress.`);
  return rule(operands, node, steady);
}

const widened = (value: HostArray) => castHost(value, wide(value.dtype));

/** A loop's attributes with its body exact. Operands are carries, slices and captures; a body may have inputs before them. */
function withExactBody({ attrs, inputs }: GraphNode, steady: readonly boolean[]): Attrs {
  const body = attrs.body as Graph;
  const ahead = body.inputs.length - inputs.length;
  const captures = (attrs.carries as number) + ((attrs.xs as number | undefined) ?? 0);
  return { ...attrs, body: exact(body, (_, i) => i - ahead >= captures && steady[i - ahead]!) };
}

/** A graph cut in two: what depends on parameters only, and the rest, whose last inputs are the first one's results. */
export interface Cut {
  readonly before: Graph;
  readonly after: Graph;
}

/** Cuts a graph so that what depends on parameters only is computed once; the rest keeps the other inputs in their order. */
export function cutSteady(graph: Graph, isSteady: Steady): Cut {
  const moving = graph.inputs.filter((named, i) => !isSteady(named, i));
  const { body, captures } = closeBody(
    moving.map(({ tensor }) => tensor),
    graph.outputs.map(({ tensor }) => tensor),
    moving.map(({ name }) => name),
  );
  return {
    before: {
      inputs: graph.inputs.filter(isSteady),
      outputs: captures.map((tensor, i) => ({ name: `steady${i}`, tensor })),
    },
    after: {
      inputs: body.inputs,
      outputs: graph.outputs.map(({ name }, i) => ({ name, tensor: body.outputs[i]!.tensor })),
    },
  };
}
