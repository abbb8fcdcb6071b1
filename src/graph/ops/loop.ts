import { ShapeError, UsageError } from "../../base/errors.ts";
import { sameShape, sizeOf } from "../../base/shape.ts";
import { leaves, mapTree, withLeaves } from "../../base/tree.ts";
import { type Graph, input } from "../graph.ts";
import { interpreter } from "../interpret.ts";
import { nd } from "../nd.ts";
import { type Aval, type NdArray, type Primitive, register } from "../primitive.ts";
import { apply, type Tensor } from "../tensor.ts";
import { closeBody } from "./body.ts";
import { checkCarry } from "./scan.ts";

/**
 * Attributes of a loop. The body's inputs are the iteration number, a bool that ONNX wants, the carries and the captures;
 * its outputs whether to go on, the next carries and one slice of each ys.
 */
type LoopAttrs = { readonly body: Graph; readonly carries: number; readonly count: number };

/** One iteration: the number (int64 scalar) and the carry in; the next carry, a slice of the results, whether to go on out. */
export type LoopBody<C, Y> = (
  iteration: Tensor,
  carry: C,
) => { readonly carry: C; readonly y?: Y; readonly continue?: Tensor };

/** What a loop starts from and how often it runs at most. */
export interface LoopOptions<C> {
  readonly init: C;
  /** Number of iterations; the most there are when the body may end the loop earlier. */
  readonly count: number;
}

/**
 * Repeats `body`, for sampling: no gradient flows through it. Either all iterations run and each may give a `y`, stacked
 * along a new first axis; or the body returns `continue` (bool scalar) and only the last carry comes out.
 */
export function loop<C, Y = undefined>(body: LoopBody<C, Y>, { init, count }: LoopOptions<C>): { carry: C; ys: Y } {
  if (!Number.isInteger(count) || count < 1)
    throw new UsageError(`loop: count must be a positive integer, got ${count}`);
  const formal = mapTree<Tensor, Tensor>(init, (leaf) => input(leaf)) as C;
  const [iteration, going] = [input({ shape: [], dtype: "int64" }), input({ shape: [], dtype: "bool" })];
  const step = body(iteration, formal);
  checkCarry(init, step.carry, "loop");
  const ys = leaves<Tensor>(step.y);
  checkCondition(step.continue, ys.length);
  const carry = leaves<Tensor>(step.carry);
  const names = ["iteration", "going", ...carry.map((_, i) => `carry${i}`)];
  const results = [step.continue ?? going, ...carry, ...ys];
  const { body: graph, captures } = closeBody([iteration, going, ...leaves<Tensor>(formal)], results, names);
  const attrs: LoopAttrs = { body: graph, carries: carry.length, count };
  const outputs = apply(loopPrimitive as unknown as Primitive, [...leaves<Tensor>(init), ...captures], attrs);
  const split = <T>(tree: T, from: number) =>
    withLeaves<Tensor>(tree, outputs.slice(from, from + leaves(tree).length)) as T;
  return { carry: split(step.carry, 0), ys: split(step.y as Y, carry.length) };
}

function checkCondition(condition: Tensor | undefined, ys: number): void {
  if (condition === undefined) return;
  if (condition.dtype !== "bool" || condition.rank !== 0)
    throw new ShapeError(`loop: \`continue\` must be a bool scalar, got ${condition}`);
  if (ys > 0)
    throw new UsageError("loop: a body that may stop early cannot return ys; write into a carry of fixed size instead");
}

function inferLoop(inputs: readonly Aval[], { body, carries, count }: LoopAttrs): Aval[] {
  inputs.forEach((given, i) => {
    const { shape, dtype } = body.inputs[i + 2]!.tensor;
    if (!sameShape(given.shape, shape) || given.dtype !== dtype)
      throw new ShapeError(`operand ${i} should be ${dtype}[${shape.join(", ")}]`);
  });
  return body.outputs.slice(1).map(({ tensor: { shape, dtype } }, i) => ({
    shape: i < carries ? shape : [count, ...shape],
    dtype,
  }));
}

function evaluateLoop(inputs: readonly NdArray[], attrs: LoopAttrs): NdArray[] {
  const { body, carries, count } = attrs;
  const ys = inferLoop(inputs, attrs)
    .slice(carries)
    .map(({ shape, dtype }) => nd(shape, dtype));
  const captures = inputs.slice(carries);
  const evaluate = interpreter(body);
  const going = nd([], "bool", Float64Array.of(1));
  let carry = inputs.slice(0, carries);
  for (let i = 0; i < count; i++) {
    const [next, ...results] = evaluate([nd([], "int64", Float64Array.of(i)), going, ...carry, ...captures]);
    carry = results.slice(0, carries);
    results.slice(carries).forEach((y, at) => {
      ys[at]!.data.set(y.data, i * sizeOf(y.shape));
    });
    if (next!.data[0] === 0) break;
  }
  return [...carry, ...ys];
}

const loopPrimitive = register<LoopAttrs>({
  name: "loop",
  infer: inferLoop,
  vjp: () => {
    throw new UsageError("no gradient flows through loop(): use scan(), or stopGradient() on what goes into the loop");
  },
  emit: ({ context, names, outputs, attrs: { body, carries, count } }) => {
    const captures = names.slice(carries);
    const operands = [context.scalar(count, "int64"), context.scalar(1, "bool"), ...names.slice(0, carries)];
    return context.nodes("Loop", operands, outputs.length, { body: { body, captures } });
  },
  evaluate: evaluateLoop,
});
