import { type Graph, input } from "../graph.ts";
import type { Gradients, VjpArgs } from "../primitive.ts";
import type { Tensor } from "../tensor.ts";
import { vjp, zerosLike } from "../vjp.ts";
import { dependentNodes, substitute } from "./body.ts";
import type { ScanAttrs, ScanParts } from "./scan.ts";
import { collector, type StackOf } from "./scan-collect.ts";

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
  const adjoint = differentiateBody(args);
  const { carries, forCarry, ys, forY } = adjoint;
  const firstCapture = attrs.carries + attrs.xs;
  const forX = [...adjoint.gradients].filter(([position]) => position < firstCapture);
  const forCapture = [...adjoint.gradients].filter(([position]) => position >= firstCapture);
  const varying = varyingTensors(args, [...forCarry, ...forY], [...adjoint.gradients.values(), ...adjoint.gradCarry]);
  const plan = collector(varying);
  const collected = forCapture.map(([position, gradient]) => ({ position, ...plan.collect(gradient) }));
  const accumulated = collected.filter(({ rest }) => rest !== undefined);
  const accumulators = accumulated.map(({ rest }) => input(rest!));
  const forward = storedValues(args);
  const emitted = [...forX.map(([, gradient]) => gradient), ...plan.emitted.filter((tensor) => !forward.has(tensor))];
  const results = [...adjoint.gradCarry, ...accumulated.map(({ rest }, i) => accumulators[i]!.add(rest!)), ...emitted];
  const { tensors, formal, stacks } = bindForward(results, args, forward);
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
  });
  const stackOf: StackOf = (tensor) => forward.get(tensor) ?? scanned.ys[emitted.indexOf(tensor)]!;
  const gradients = new Array<Tensor | undefined>(inputs.length).fill(undefined);
  carries.forEach((position, i) => {
    gradients[position] = scanned.carry[i]!;
  });
  forX.forEach(([position], i) => {
    gradients[position] = scanned.ys[i]!;
  });
  for (const { position, rest, outside } of collected) {
    const inLoop = rest && scanned.carry[carries.length + accumulated.findIndex((item) => item.position === position)];
    const terms = [...(inLoop ? [inLoop] : []), ...outside.map((term) => term(stackOf))];
    gradients[position] = terms.reduce((sum, term) => sum.add(term));
  }
  return gradients;
}

/** For each value of the forward body: where all its steps are stacked. */
function storedValues({ inputs, outputs, attrs }: VjpArgs<ScanAttrs>): Map<Tensor, Tensor> {
  const { body, carries, xs } = attrs;
  const stored = new Map<Tensor, Tensor>();
  body.outputs.forEach(({ tensor }, i) => {
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

/** Replaces values of the forward body in tensors of the reversed one: stored ones by new slices, captures by themselves. */
function bindForward(
  results: readonly Tensor[],
  { inputs, attrs }: VjpArgs<ScanAttrs>,
  forward: ReadonlyMap<Tensor, Tensor>,
) {
  const replacements = new Map<Tensor, Tensor>();
  attrs.body.inputs.forEach(({ tensor }, i) => {
    if (i >= attrs.carries + attrs.xs) replacements.set(tensor, inputs[i]!);
  });
  const slices = new Map<Tensor, Tensor>();
  for (const tensor of frontier(results, forward)) slices.set(tensor, input(tensor));
  for (const [tensor, slice] of slices) replacements.set(tensor, slice);
  return {
    tensors: substitute(results, replacements),
    formal: [...slices.values()],
    stacks: [...slices.keys()].map((tensor) => forward.get(tensor)!),
  };
}

/** The stored values the results are computed from directly. */
function frontier(results: readonly Tensor[], stored: ReadonlyMap<Tensor, unknown>): Set<Tensor> {
  const found = new Set<Tensor>();
  const seen = new Set<Tensor>();
  const stack = [...results];
  while (stack.length > 0) {
    const tensor = stack.pop()!;
    if (seen.has(tensor)) continue;
    seen.add(tensor);
    if (stored.has(tensor)) found.add(tensor);
    else stack.push(...tensor.node.inputs);
  }
  return found;
}
