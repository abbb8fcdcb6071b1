import { ShapeError, UsageError } from "../../base/errors.ts";
import { zeros } from "../../base/host.ts";
import { sameShape, sizeOf } from "../../base/shape.ts";
import { leaves, mapTree, namedLeaves, withLeaves } from "../../base/tree.ts";
import { type Graph, input } from "../graph.ts";
import { interpreter } from "../interpret.ts";
import { nd } from "../nd.ts";
import { type Aval, type Emission, type NdArray, type Primitive, register } from "../primitive.ts";
import { apply, constant, type Tensor } from "../tensor.ts";
import { closeBody, dependentNodes, substitute } from "./body.ts";
import { hoister, type Sliced, sliceKnown } from "./scan-hoist.ts";
import { scanVjp } from "./scan-vjp.ts";

/**
 * Attributes of a scan. The body's inputs are the carries, one slice of each xs, and the captures; its outputs the next
 * carries and one slice of each ys. The node's inputs are the initial carries, the xs and the captures; its outputs the
 * final carries and the ys. The first `ys` of those are the user's, the others what a gradient may want to know.
 */
export type ScanAttrs = {
  readonly body: Graph;
  readonly carries: number;
  readonly xs: number;
  readonly length: number;
  readonly reverse: boolean;
  readonly recompute: boolean;
};

/** One step of a scan: trees in, trees out. */
export type ScanBody<C, X, Y> = (carry: C, x: X) => { readonly carry: C; readonly y?: Y };

/** What a scan starts from and goes over. */
export interface ScanOptions<C, X> {
  /** The initial carry: a tree of tensors. */
  readonly init: C;
  /** A tree of tensors whose first axis is gone over; each step gets one slice. */
  readonly xs?: X;
  /** Number of steps, where no xs tell it. */
  readonly length?: number;
  /** From the last step to the first; ys stay at the places of their xs. */
  readonly reverse?: boolean;
  /** The gradient keeps the carries alone and computes the rest of a step again: less memory, one more pass. */
  readonly recompute?: boolean;
}

/**
 * Runs `body` once for each slice of xs, handing the carry on; ys are stacked along a new first axis. The body is traced
 * once; tensors of the surrounding computation may be used in it, and what depends only on them is computed once outside.
 */
export function scan<C, X = undefined, Y = undefined>(
  body: ScanBody<C, X, Y>,
  { init, xs, length, reverse = false, recompute = false }: ScanOptions<C, X>,
): { carry: C; ys: Y } {
  const steps = countSteps(leaves<Tensor>(xs), length);
  const formalCarry = mapTree<Tensor, Tensor>(init, (leaf) => input(leaf)) as C;
  const formalX = mapTree<Tensor, Tensor>(xs, (leaf) => input(slice(leaf))) as X;
  const { carry, y } = body(formalCarry, formalX);
  checkCarry(init, carry);
  const results = scanChanging({
    formalCarry: leaves<Tensor>(formalCarry),
    formalX: leaves<Tensor>(formalX),
    carry: leaves<Tensor>(carry),
    ys: leaves<Tensor>(y),
    init: leaves<Tensor>(init),
    xs: leaves<Tensor>(xs),
    length: steps,
    reverse,
    recompute,
  });
  return { carry: withLeaves<Tensor>(carry, results.carry) as C, ys: withLeaves<Tensor>(y, results.ys) as Y };
}

/** What the body hands on as it got it need not be carried, which would copy it at every step: it is captured. */
function scanChanging(parts: ScanParts): { carry: readonly Tensor[]; ys: readonly Tensor[] } {
  const { formalCarry, carry, init, ys } = parts;
  const changing = (_: Tensor, i: number) => carry[i] !== formalCarry[i];
  if (carry.every(changing)) return makeScan(parts);
  const fixed = formalCarry.flatMap((tensor, i): [Tensor, Tensor][] =>
    changing(tensor, i) ? [] : [[tensor, init[i]!]],
  );
  const results = substitute([...carry.filter(changing), ...ys], new Map(fixed));
  const count = results.length - ys.length;
  const made = makeScan({
    ...parts,
    formalCarry: formalCarry.filter(changing),
    carry: results.slice(0, count),
    ys: results.slice(count),
    init: init.filter(changing),
  });
  let next = 0;
  return { carry: carry.map((tensor, i) => (changing(tensor, i) ? made.carry[next++]! : init[i]!)), ys: made.ys };
}

const slice = (tensor: Tensor): Aval => ({ shape: tensor.shape.slice(1), dtype: tensor.dtype });

function countSteps(xs: readonly Tensor[], length: number | undefined): number {
  const scalar = xs.find((tensor) => tensor.rank === 0);
  if (scalar) throw new ShapeError("scan: xs need a first axis to go over, got a scalar");
  const lengths = new Set([...xs.map((tensor) => tensor.shape[0]!), ...(length === undefined ? [] : [length])]);
  if (lengths.size > 1)
    throw new ShapeError(`scan: xs and length disagree about the number of steps: ${[...lengths].join(", ")}`);
  const [steps] = lengths;
  if (steps === undefined) throw new UsageError("scan: give xs or length");
  if (!Number.isInteger(steps) || steps < 1)
    throw new ShapeError(`scan: the number of steps must be positive, got ${steps}`);
  return steps;
}

/** Throws unless the carry keeps its tree, shapes and dtypes. */
export function checkCarry(before: unknown, after: unknown, what = "scan"): void {
  const [given, returned] = [namedLeaves<Tensor>(before), namedLeaves<Tensor>(after)];
  const paths = (list: typeof given) => list.map(({ path }) => path || "(the carry)").join(", ") || "nothing";
  if (paths(given) !== paths(returned))
    throw new ShapeError(`${what}: the carry enters the body as ${paths(given)} but leaves as ${paths(returned)}`);
  given.forEach(({ path, leaf }, i) => {
    const next = returned[i]!.leaf;
    if (next.dtype !== leaf.dtype || !sameShape(next.shape, leaf.shape))
      throw new ShapeError(
        `${what}: carry ${path ? `"${path}" ` : ""}enters the body as ${leaf} but leaves as ${next}`,
      );
  });
}

/** A scan in terms of tensors: formal inputs, what the body makes of them, and the actual operands. */
export interface ScanParts {
  readonly formalCarry: readonly Tensor[];
  readonly formalX: readonly Tensor[];
  readonly carry: readonly Tensor[];
  readonly ys: readonly Tensor[];
  readonly init: readonly Tensor[];
  readonly xs: readonly Tensor[];
  readonly length: number;
  readonly reverse: boolean;
  readonly recompute: boolean;
}

/**
 * Builds the scan node. Beside the wanted ys it offers every intermediate value of the body, stacked, for its own
 * gradient; those nobody uses are removed when the graph is compiled (`pruneScans`).
 */
export function makeScan(parts: ScanParts): { carry: readonly Tensor[]; ys: readonly Tensor[] } {
  const { results: wanted, ...slices } = hoistSlices(parts);
  const formalX = slices.formal.length > 0 ? slices.formal : [input({ shape: [], dtype: "float32" })];
  const xs = slices.stacks.length > 0 ? slices.stacks : [constant(zeros("float32", [parts.length]))];
  const formal = [...parts.formalCarry, ...formalX];
  const known = new Set(wanted.slice(parts.carry.length));
  const inside = dependentNodes(wanted, formal).flatMap((node) => node.outputs);
  const extra = [...parts.formalCarry, ...inside].filter((tensor) => !known.has(tensor));
  const names = [...parts.formalCarry.map((_, i) => `carry${i}`), ...formalX.map((_, i) => `x${i}`)];
  const { body, captures } = closeBody(formal, [...wanted, ...extra], names);
  const { length, reverse, recompute } = parts;
  const attrs: ScanAttrs = { body, carries: parts.carry.length, xs: xs.length, length, reverse, recompute };
  const outputs = apply(scanPrimitive as unknown as Primitive, [...parts.init, ...xs, ...captures], attrs);
  const { carries } = attrs;
  return { carry: outputs.slice(0, carries), ys: outputs.slice(carries, carries + parts.ys.length) };
}

/** What depends on xs only, one element or row at a time, is computed for all steps at once before the loop. */
function hoistSlices({ formalCarry, formalX, carry, ys, xs, length }: ScanParts): Sliced {
  const wanted = [...carry, ...ys];
  const stacked = new Map(formalX.map((tensor, i) => [tensor, xs[i]!]));
  const inside = new Set(dependentNodes(wanted, [...formalCarry, ...formalX]));
  const formal = new Set([...formalCarry, ...formalX]);
  const stack = hoister(length, {
    stack: (tensor) => stacked.get(tensor),
    invariant: (tensor) => (formal.has(tensor) || inside.has(tensor.node) ? undefined : tensor),
  });
  return sliceKnown(wanted, stack, new Map());
}

function inferScan(inputs: readonly Aval[], { body, carries, xs, length }: ScanAttrs): Aval[] {
  inputs.forEach((given, i) => {
    const formal = body.inputs[i]!.tensor;
    const expected = i >= carries && i < carries + xs ? [length, ...formal.shape] : formal.shape;
    if (!sameShape(given.shape, expected) || given.dtype !== formal.dtype)
      throw new ShapeError(`operand ${i} should be ${formal.dtype}[${expected.join(", ")}]`);
  });
  return body.outputs.map(({ tensor: { shape, dtype } }, i) => ({
    shape: i < carries ? shape : [length, ...shape],
    dtype,
  }));
}

/** Step by step. Slices of ys that nobody wants are neither computed, unless a carry needs them, nor kept. */
function evaluateScan(inputs: readonly NdArray[], attrs: ScanAttrs, wanted?: readonly boolean[]): NdArray[] {
  const { body, carries, xs, length, reverse } = attrs;
  const places = body.outputs.map((_, i) => i).filter((i) => i >= carries && (wanted?.[i] ?? true));
  const kept = [...body.outputs.slice(0, carries), ...places.map((i) => body.outputs[i]!)];
  const evaluate = interpreter({ inputs: body.inputs, outputs: kept });
  const stacked = inputs.slice(carries, carries + xs);
  const captures = inputs.slice(carries + xs);
  const avals = inferScan(inputs, attrs);
  const ys = places.map((i) => nd(avals[i]!.shape, avals[i]!.dtype));
  let carry = inputs.slice(0, carries);
  for (let step = 0; step < length; step++) {
    const t = reverse ? length - 1 - step : step;
    const results = evaluate([...carry, ...stacked.map((x) => row(x, t)), ...captures]);
    carry = results.slice(0, carries);
    results.slice(carries).forEach((y, i) => {
      ys[i]!.data.set(y.data, t * sizeOf(y.shape));
    });
  }
  const all: NdArray[] = [...carry];
  places.forEach((place, i) => {
    all[place] = ys[i]!;
  });
  return all;
}

function row({ shape, dtype, data }: NdArray, t: number): NdArray {
  const inner = shape.slice(1);
  const size = sizeOf(inner);
  return { shape: inner, dtype, data: data.subarray(t * size, (t + 1) * size) };
}

function emitScan({ context, names, outputs, attrs }: Emission<ScanAttrs>): string[] {
  const { body, carries, xs, reverse } = attrs;
  const direction = (count: number) => new Array<number>(count).fill(Number(reverse));
  const ys = outputs.length - carries;
  return context.nodes("Scan", names.slice(0, carries + xs), outputs.length, {
    body: { body, captures: names.slice(carries + xs) },
    num_scan_inputs: xs,
    scan_input_directions: direction(xs),
    ...(ys > 0 ? { scan_output_directions: direction(ys) } : {}),
  });
}

const scanPrimitive = register<ScanAttrs>({
  name: "scan",
  infer: inferScan,
  vjp: (args) => scanVjp(args, makeScan),
  emit: emitScan,
  evaluate: evaluateScan,
});
