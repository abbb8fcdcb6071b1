import type { Shape } from "../../base/shape.ts";
import type { Emission, EmitContext } from "../primitive.ts";
import { blockedForward, blockedInputGradient } from "./conv-blocked.ts";
import { blockedWeightGradient } from "./conv-blocked-weight.ts";
import { emitConv, emitConvTranspose, swappedWeightGradient } from "./conv-portable.ts";
import {
  pointForward,
  pointInputGradient,
  pointWeightGradient,
  shiftedWeightGradient,
  thinForward,
  thinInputGradient,
  thinWeightGradient,
} from "./conv-product.ts";
import { type ConvAttrs, type Geometry, geometry } from "./conv-shape.ts";

/** One way to write a convolution (operands as rank-4 values) as nodes; undefined where it does not apply. */
type Formulation = (c: EmitContext, operands: readonly string[], g: Geometry) => string | undefined;

/** The formulations from fastest to always correct, in the order they are tried. */
const forwardFormulations: readonly Formulation[] = [pointForward, thinForward, blockedForward, emitConv];
const inputGradientFormulations: readonly Formulation[] = [
  pointInputGradient,
  thinInputGradient,
  blockedInputGradient,
  emitConvTranspose,
];
const weightGradientFormulations: readonly Formulation[] = [
  pointWeightGradient,
  thinWeightGradient,
  blockedWeightGradient,
  shiftedWeightGradient,
  swappedWeightGradient,
];

/** Emits the first formulation that applies; one-dimensional operands become images of height 1. */
function emitFirst(
  { context: c, names, inputs, outputs }: Emission<ConvAttrs>,
  g: Geometry,
  formulations: readonly Formulation[],
): string {
  const line = outputs[0]!.shape.length === 3;
  const axis = () => c.ints([2]);
  const lift = (name: string, shape: Shape) =>
    line && shape.length === 3 ? c.node("Unsqueeze", [name, axis()]) : name;
  const operands = names.map((name, i) => lift(name, inputs[i]!.shape));
  for (const formulation of formulations) {
    const result = formulation(c, operands, g);
    if (result !== undefined) return line ? c.node("Squeeze", [result, axis()]) : result;
  }
  throw new Error("no formulation of a convolution applies");
}

/** Nodes of y = conv(x, w) (+ bias). */
export function emitForward(emission: Emission<ConvAttrs>): string {
  const { inputs, outputs, attrs } = emission;
  const g = geometry(inputs[0]!.shape, inputs[1]!.shape, outputs[0]!.shape, attrs);
  return emitFirst(emission, g, forwardFormulations);
}

/** Nodes of the gradient with respect to x from (dy, w). */
export function emitInputGradient(emission: Emission<ConvAttrs & { readonly size: Shape }>): string {
  const { inputs, outputs, attrs } = emission;
  const g = geometry(outputs[0]!.shape, inputs[1]!.shape, inputs[0]!.shape, attrs);
  return emitFirst(emission, g, inputGradientFormulations);
}

/** Nodes of the gradient with respect to w from (x, dy). */
export function emitWeightGradient(emission: Emission<ConvAttrs & { readonly kernel: Shape }>): string {
  const { inputs, outputs, attrs } = emission;
  const g = geometry(inputs[0]!.shape, outputs[0]!.shape, inputs[1]!.shape, attrs);
  return emitFirst(emission, g, weightGradientFormulations);
}
