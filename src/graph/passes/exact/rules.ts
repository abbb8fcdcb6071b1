import type { GraphNode } from "../../node.ts";
import { concat } from "../../ops/shape.ts";
import { apply, type Tensor } from "../../tensor.ts";
import { cos, erf, exp, limited, log, reciprocal, sigmoid, sin, softplus, tanh } from "./functions.ts";
import { convolution, exactly, mean, product, SHARE_BITS, SUM_BITS, sum, transposed } from "./sums.ts";

/** A node's exact form: from its converted operands, which of them depend on parameters only, and the node itself. */
type Rule = (x: readonly Tensor[], node: GraphNode, steady: readonly boolean[]) => readonly Tensor[];

const one =
  (fn: (x: Tensor) => Tensor): Rule =>
  ([x]) => [fn(x!)];

/** Operations that move, select or compare numbers, or round once as IEEE 754 says: they stay as they are. */
const plain = [
  ...["add", "sub", "mul", "div", "neg", "abs", "sign", "floor", "ceil", "round", "sqrt", "relu", "mod"],
  ...["maximum", "minimum", "max", "min", "equal", "less", "lessEqual", "greater", "greaterEqual", "isNaN", "select"],
  ...[
    "reshape",
    "transpose",
    "broadcastTo",
    "concat",
    "split",
    "slice",
    "pad",
    "gather",
    "takeAlong",
    "updateSlice",
    "topK",
    "argmax",
  ],
  ...["maxPool", "stopGradient"],
];

/**
 * Share of each element: exponentials of the distance to the largest one, and their sum. They are whole multiples of
 * 2^−36, so that what a mask hides has a share of exactly 0.
 */
function shares(x: Tensor, axis: number) {
  const shifted = x.sub(x.max(axis, true));
  const weights = exactly(exp(shifted), 1, SHARE_BITS, (terms) => terms);
  return { shifted, weights, total: sum(weights, [axis], true, SHARE_BITS) };
}

const axisOf = (node: GraphNode) => node.attrs.axis as number;

function logSumExp(x: Tensor, { attrs }: GraphNode): Tensor {
  const [axes, keepDims] = [attrs.axes as number[], attrs.keepDims as boolean];
  const top = x.max(axes, true);
  const result = log(sum(exp(x.sub(top)), axes, true, SHARE_BITS)).add(top);
  return keepDims ? result : result.squeeze(axes);
}

/** (x − mean)/√(variance + ε) over axes, with mean and 1/√. */
function standardised(x: Tensor, axes: readonly number[], epsilon: number) {
  const average = mean(x, axes);
  const centred = x.sub(average);
  const deviation = mean(centred.mul(centred), axes).add(epsilon).sqrt();
  return { normal: centred.div(deviation), average, inverse: reciprocal(deviation) };
}

function layerNorm([x, scale, bias]: readonly Tensor[], { attrs }: GraphNode): Tensor[] {
  const from = axisOf({ attrs } as GraphNode);
  const axes = x!.shape.flatMap((_, axis) => (axis >= from ? [axis] : []));
  const { normal, average, inverse } = standardised(x!, axes, attrs.epsilon as number);
  const scaled = scale ? normal.mul(scale) : normal;
  return [bias ? scaled.add(bias) : scaled, average, inverse];
}

function groupNorm([x, scale, bias]: readonly Tensor[], { attrs }: GraphNode): Tensor[] {
  const groups = attrs.groups as number;
  const channel = [-1, ...x!.shape.slice(2).map(() => 1)];
  const flat = x!.reshape([x!.shape[0]!, groups, x!.size / (x!.shape[0]! * groups)]);
  const { normal, inverse } = standardised(flat, [2], attrs.epsilon as number);
  const shaped = normal.reshape(x!.shape);
  return [shaped.mul(scale!.reshape(channel)).add(bias!.reshape(channel)), shaped, inverse];
}

/** x·s(x) and s(x). */
const gated =
  (gate: (x: Tensor) => Tensor): Rule =>
  ([x]) => {
    const s = gate(x!);
    return [x!.mul(s), s];
  };

const SLOPE = 2 * 0.7978845608028654;
const half = (x: Tensor) => x.mul(0.5).add(0.5);

/** Terms that may meet in one place of a scatter. */
const updates = (x: Tensor) => x.size;

const special: Readonly<Record<string, Rule>> = {
  exp: one(exp),
  expm1: one((x) => exp(x).sub(1)),
  elu: one((x) => x.maximum(0).add(exp(x.minimum(0)).sub(1))),
  log: one(log),
  log1p: one((x) => log(x.add(1))),
  sigmoid: one(sigmoid),
  tanh: one(tanh),
  softplus: one(softplus),
  erf: one(erf),
  sin: one(sin),
  cos: one(cos),
  reciprocal: one(reciprocal),
  clip: ([x], { attrs }) => [limited(x!, attrs.low as number, attrs.high as number)],
  silu: gated(sigmoid),
  gelu: gated((x) => half(erf(x.mul(Math.SQRT1_2)))),
  geluTanh: gated((x) =>
    sigmoid(
      x
        .mul(x)
        .mul(0.044715 * SLOPE)
        .add(SLOPE)
        .mul(x),
    ),
  ),
  matmul: (x, node, steady) => [product(node, x, steady)],
  convInputGrad: (x, node, steady) => [transposed(node, x, steady)],
  conv: (x, node, steady) => [convolution(node, x, steady)],
  sum: ([x], { attrs }) => [sum(x!, attrs.axes as number[], attrs.keepDims as boolean)],
  cumsum: ([x], { op, attrs }) => [
    exactly(x!, x!.shape[attrs.axis as number]!, SUM_BITS, (terms) => apply(op, [terms], attrs)[0]!),
  ],
  logSumExp: ([x], node) => [logSumExp(x!, node)],
  softmax: ([x], node) => {
    const { weights, total } = shares(x!, axisOf(node));
    return [weights.div(total)];
  },
  logSoftmax: ([x], node) => {
    const { shifted, total } = shares(x!, axisOf(node));
    return [shifted.sub(log(total))];
  },
  layerNorm,
  groupNorm,
  putAlong: ([indices, x], { op, attrs }) => [
    exactly(x!, updates(x!), SUM_BITS, (terms) => apply(op, [indices!, terms], attrs)[0]!),
  ],
  scatterAdd: ([x, indices, added], { op, attrs }) => {
    const [base, terms] = exactly(concat([x!.flatten(), added!.flatten()]), updates(added!) + 1, SUM_BITS, (all) => all)
      .mul(2 ** SUM_BITS)
      .split([x!.size, added!.size]) as [Tensor, Tensor];
    const result = apply(op, [base.reshape(x!.shape), indices!, terms.reshape(added!.shape)], attrs)[0]!;
    return [result.mul(2 ** -SUM_BITS)];
  },
};

const keep: Rule = (x, { op, attrs }) => apply(op, x, attrs);

/** The exact forms by the operation's name; what is missing has none. */
export const exactRules: ReadonlyMap<string, Rule> = new Map([
  ...plain.map((name) => [name, keep] as const),
  ...Object.entries(special),
]);
