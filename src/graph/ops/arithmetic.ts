import type { Emission } from "../primitive.ts";
import type { Tensor } from "../tensor.ts";
import { binary, type NoAttrs, unary, type Writer } from "./elementwise.ts";

export { sumTo } from "./elementwise.ts";

binary("add", { compute: (a, b) => a + b, vjp: (g) => [() => g, () => g], emit: "Add" });

binary("sub", { compute: (a, b) => a - b, vjp: (g) => [() => g, () => g.neg()], emit: "Sub" });

binary("mul", { compute: (a, b) => a * b, vjp: (g, a, b) => [() => g.mul(b), () => g.mul(a)], emit: "Mul" });

/** Quotient; of integers, rounded towards zero. */
binary("div", {
  compute: (a, b) => a / b,
  vjp: (g, _a, b, y) => [() => g.div(b), () => g.div(b).mul(y).neg()],
  emit: "Div",
});

/**
 * a^b. ∂/∂a = b·a^(b−1), taken as 0 where b = 0 (also at a = 0); ∂/∂b = a^b·ln a, taken as 0 where a = 0 and NaN where
 * a < 0. Plain exponents such as 2 or ½ never come here: `Tensor.pow` writes them as products and roots.
 */
binary("pow", {
  compute: (a, b) => a ** b,
  vjp: (g, a, b, y) => [
    () =>
      b
        .equal(0)
        .select(0, b.mul(a.pow(b.sub(1))))
        .mul(g),
    () => g.mul(y).mul(a.equal(0).select(1, a).log()),
  ],
  emit: "Pow",
});

/** Remainder with the divisor's sign. ONNX has it for integers; for floats, the truncated remainder is corrected. */
function emitMod({ n, num, x, y }: Writer, { context, inputs }: Emission<NoAttrs>): string {
  if (inputs[0]!.dtype === "int64") return n("Mod", x, y);
  const truncated = context.node("Mod", [x, y], { fmod: 1 });
  const wrongSign = n("Less", n("Mul", truncated, y), num(0));
  return n("Where", wrongSign, n("Add", truncated, y), truncated);
}

binary("mod", {
  compute: (a, b) => {
    const r = a % b;
    return r !== 0 && r < 0 !== b < 0 ? r + b : r;
  },
  vjp: (g, a, b) => [() => g, () => g.mul(a.div(b).floor()).neg()],
  emit: emitMod,
});

/** 1 where a > b, ½ where they tie, 0 elsewhere. */
function wins(a: Tensor, b: Tensor): Tensor {
  return a.greater(b).cast(a.dtype).add(a.greaterEqual(b).cast(a.dtype)).mul(0.5);
}

/** The larger of two; where they tie, each gets half of the gradient. */
binary("maximum", {
  compute: Math.max,
  vjp: (g, a, b) => [() => g.mul(wins(a, b)), () => g.mul(wins(b, a))],
  emit: "Max",
});

/** The smaller of two; where they tie, each gets half of the gradient. */
binary("minimum", {
  compute: Math.min,
  vjp: (g, a, b) => [() => g.mul(wins(b, a)), () => g.mul(wins(a, b))],
  emit: "Min",
});

unary("neg", { kind: "number", compute: (x) => -x, vjp: (g) => g.neg(), emit: "Neg" });

/** |x|; its derivative at 0 is 0. */
unary("abs", { kind: "number", compute: Math.abs, vjp: (g, x) => g.mul(x.sign()), emit: "Abs" });

/** WebGPU has no Sign: the difference of two comparisons. */
function emitSign({ n, num, x }: Writer, { context, inputs }: Emission<NoAttrs>): string {
  if (context.device.kind !== "webgpu" || inputs[0]!.dtype !== "float32") return n("Sign", x);
  const asFloat = (condition: string) => context.node("Cast", [condition], { to: 1 });
  return n("Sub", asFloat(n("Greater", x, num(0))), asFloat(n("Less", x, num(0))));
}

unary("sign", { kind: "number", compute: Math.sign, emit: emitSign });

unary("floor", { compute: Math.floor, emit: "Floor" });

unary("ceil", { compute: Math.ceil, emit: "Ceil" });

/** WebGPU has no Round: adding and taking away 1.5·2²³ rounds halves to even while |x| < 2²². */
function emitRound({ n, num, x }: Writer, { context }: Emission<NoAttrs>): string {
  if (context.device.kind !== "webgpu") return n("Round", x);
  const rounded = n("Sub", n("Add", x, num(3 * 2 ** 22)), num(3 * 2 ** 22));
  return n("Where", n("Less", n("Abs", x), num(2 ** 22)), rounded, x);
}

unary("round", {
  compute: (x) => (Math.abs(x % 1) === 0.5 ? 2 * Math.round(x / 2) : Math.round(x)),
  emit: emitRound,
});

unary("reciprocal", { compute: (x) => 1 / x, vjp: (g, _x, y) => g.mul(y).mul(y).neg(), emit: "Reciprocal" });

/** x limited to [low, high]; the gradient passes where low ≤ x ≤ high. */
unary<{ low: number; high: number }>("clip", {
  kind: "number",
  compute: (x, { low, high }) => Math.min(Math.max(x, low), high),
  vjp: (g, x, y) => g.mul(x.equal(y).cast(x.dtype)),
  emit: ({ n, num, x }, { attrs }) => n("Clip", x, num(attrs.low), num(attrs.high)),
});
