import { type Graph, input } from "../graph.ts";
import type { Gradients, VjpArgs } from "../primitive.ts";
import type { Tensor } from "../tensor.ts";
import { vjp, zerosLike } from "../vjp.ts";
import { dependentNodes, substitute } from "./body.ts";
import type { ScanAttrs, ScanParts } from "./scan.ts";
import { collector, type StackOf } from "./scan-collect.ts";
import { hoister, type Outside, reassociate, sliceKnown } from "./scan-hoist.ts";

const isFloat = (tensor: Tensor) => tensor.dtype === "float32" || tensor.dtype === "float64";
const tensorsOf = (named: Graph["inputs"]) => named.map(({ tensor }) => tensor);

/** Formal inputs of the reversed scan's body that stand for cotangents, and the body's gradients in terms of them. */
interface Adjoint {
  /** Indices of the float carries; each has a cotangent carry. */
  readonly carries: readonly number[];
  readonly forCarry: readonly Tensor[];
  /** Indices of the ys whose cotangents are given. */
  readonly ys: readonly number[];
  readonly forY: readonly Tensor[];
  readonly gradCarry: readonly Tensor[];
  /** Gradients of the xs and captures that need one, by position in the body's inputs. */
  readonly gradients: ReadonlyMap<number, Tensor>;
}

/** Differentiates one step of the body. */
function differentiateBody({ cotangents, attrs, needs }: VjpArgs<ScanAttrs>): Adjoint {
  const [inputs, outputs] = [tensorsOf(attrs.body.inputs), tensorsOf(attrs.body.outputs)];
  const carries = inputs.slice(0, attrs.carries).flatMap((tensor, i) => (isFloat(tensor) ? [i] : []));
  const ys = outputs.flatMap((_, i) => (i >= attrs.carries && cotangents[i] ? [i] : []));
  const forCarry = carries.map((i) => input(inputs[i]!));
  const forY = ys.map((i) => input(outputs[i]!));
  const wanted = inputs.flatMap((tensor, i) => (i >= attrs.carries && needs[i] && isFloat(tensor) ? [i] : []));
  const list = vjp(
    [...carries, ...ys].map((i) => outputs[i]!),
    [...forCarry, ...forY],
    [...carries, ...wanted].map((i) => inputs[i]!),
  );
  const gradients = new Map(wanted.map((position, i) => [position, list[carries.length + i]!]));
  return { carries, forCarry, ys, forY, gradCarry: list.slice(0, carries.length), gradients };
}

/**
 * Gradient of a scan: the step's gradient scanned the other way over stored values. Gradients of captures that are
 * products or sums over single steps are formed after the loop, as one product over all steps; the others accumulate in the carry.
 */
export function scanVjp(
  args: VjpArgs<ScanAttrs>,
  makeScan: (parts: ScanParts) => { carry: readonly Tensor[]; ys: readonly Tensor[] },
): Gradients {
  const { inputs, outputs, cotangents, attrs } = args;
  const { carries, ys, forCarry, forY, ...adjoint } = differentiateBody(args);
  const stack = hoister(attrs.length, knownOutside(args));
  const positions = [...adjoint.gradients.keys()];
  const unordered = [...adjoint.gradCarry, ...adjoint.gradients.values()];
  const regrouped = reassociate(unordered, [...forCarry, ...forY], stack);
  const gradCarry = regrouped.slice(0, carries.length);
  const gradientOf = (position: number) => regrouped[carries.length + positions.indexOf(position)]!;
  const firstCapture = attrs.carries + attrs.xs;
  const forX = positions.filter((position) => position < firstCapture);
  const plan = collector(varyingTensors(args, [...forCarry, ...forY], regrouped));
  const collected = positions
    .filter((position) => position >= firstCapture)
    .map((position) => ({ position, ...plan.collect(gradientOf(position)) }));
  const accumulated = collected.filter(({ rest }) => rest !== undefined);
  const accumulators = accumulated.map(({ rest }) => input(rest!));
  const emitted = [...forX.map(gradientOf), ...plan.emitted.filter((tensor) => !stack(tensor))];
  const results = [...gradCarry, ...accumulated.map(({ rest }, i) => accumulators[i]!.add(rest!)), ...emitted];
  const { results: tensors, formal, stacks } = sliceKnown(results, stack, captured(args));
  const state = forCarry.length + accumulators.length;
  const scanned = makeScan({
    formalCarry: [...forCarry, ...accumulators],
    formalX: [...forY, ...formal],
    carry: tensors.slice(0, state),
    ys: tensors.slice(state),
    init: [
      ...carries.map((i) => cotangents[i] ?? zerosLike(outputs[i]!)),
      ...accumulators.map((tensor) => zerosLike(tensor)),
    ],
    xs: [...ys.map((i) => cotangents[i]!), ...stacks],
    length: attrs.length,
    reverse: !attrs.reverse,
    recompute: attrs.recompute,
  });
  const stackOf: StackOf = (tensor) => stack(tensor) ?? scanned.ys[emitted.indexOf(tensor)]!;
  const gradients = new Array<Tensor | undefined>(inputs.length).fill(undefined);
  carries.forEach((position, i) => {
    gradients[position] = scanned.carry[i]!;
  });
  forX.forEach((position, i) => {
    gradients[position] = scanned.ys[i]!;
  });
  for (const { position, rest, outside } of collected) {
    const inLoop = rest && scanned.carry[carries.length + accumulated.findIndex((item) => item.position === position)];
    const terms = [...(inLoop ? [inLoop] : []), ...outside.map((term) => term(stackOf))];
    gradients[position] = terms.reduce((sum, term) => sum.add(term));
  }
  return gradients;
}

/** For each value of the forward body: where all its steps are stacked. Where steps are computed again, the carries alone. */
function storedValues({ inputs, outputs, attrs }: VjpArgs<ScanAttrs>): Map<Tensor, Tensor> {
  const { body, carries, xs, recompute } = attrs;
  const stored = new Map<Tensor, Tensor>();
  const formal = new Set(tensorsOf(body.inputs));
  body.outputs.forEach(({ tensor }, i) => {
    if (recompute && !formal.has(tensor)) return;
    if (i >= carries && !stored.has(tensor)) stored.set(tensor, outputs[i]!);
  });
  for (let i = carries; i < carries + xs; i++) stored.set(body.inputs[i]!.tensor, inputs[i]!);
  return stored;
}

/** What differs from step to step: everything that depends on carries, slices or cotangents. */
function varyingTensors(
  { attrs }: VjpArgs<ScanAttrs>,
  cotangents: readonly Tensor[],
  results: readonly Tensor[],
): ReadonlySet<Tensor> {
  const formal = [...tensorsOf(attrs.body.inputs).slice(0, attrs.carries + attrs.xs), ...cotangents];
  return new Set([...formal, ...dependentNodes(results, formal).flatMap((node) => node.outputs)]);
}

/** The formal captures of the body with the values they stand for. */
function captured({ inputs, attrs }: VjpArgs<ScanAttrs>): Map<Tensor, Tensor> {
  const first = attrs.carries + attrs.xs;
  return new Map(attrs.body.inputs.slice(first).map(({ tensor }, i) => [tensor, inputs[first + i]!]));
}

/** The stored values of the forward body, and what depends on captures and constants only. */
function knownOutside(args: VjpArgs<ScanAttrs>): Outside {
  const stored = storedValues(args);
  const captures = captured(args);
  const memo = new Map<Tensor, boolean>();
  const fixed = (tensor: Tensor): boolean => {
    const { op, inputs } = tensor.node;
    if (!memo.has(tensor)) memo.set(tensor, op.name === "input" ? captures.has(tensor) : inputs.every(fixed));
    return memo.get(tensor)!;
  };
  return {
    stack: (tensor) => stored.get(tensor),
    invariant: (tensor) => (fixed(tensor) ? substitute([tensor], captures)[0] : undefined),
  };
}
