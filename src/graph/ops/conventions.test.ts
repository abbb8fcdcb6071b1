import { describe, expect, it } from "vitest";
import { concat, gradients, interpret, Spec, stack, type Tensor, trace, where } from "../index.ts";
import { erf } from "./erf.ts";

const inf = Number.POSITIVE_INFINITY;

/** Gradient of Σ f(x) at the given numbers, in float64. */
function slopes(fn: (x: Tensor) => Tensor, at: readonly number[]): number[] {
  const specs = [new Spec([at.length])];
  const { graph } = trace(((x: Tensor) => gradients(fn(x).sum(), [x])) as never, specs);
  const argument = { shape: [at.length], dtype: "float32" as const, data: Float64Array.from(at) };
  return Array.from(interpret(graph, [argument])[0]!.data);
}

/** Value of f(x) at the given numbers, in float64. */
function values(fn: (x: Tensor) => Tensor, at: readonly number[]): number[] {
  const { graph } = trace(fn as never, [new Spec([at.length])]);
  const argument = { shape: [at.length], dtype: "float32" as const, data: Float64Array.from(at) };
  return Array.from(interpret(graph, [argument])[0]!.data);
}

describe("derivatives where there is more than one answer, or none", () => {
  const rows: readonly (readonly [string, (x: Tensor) => Tensor, readonly number[], readonly number[]])[] = [
    ["|x| is flat at 0", (x) => x.abs(), [0, -2, 2], [0, -1, 1]],
    ["relu is flat at 0", (x) => x.relu(), [0, -1, 1], [0, 0, 1]],
    ["clip passes the gradient at its ends", (x) => x.clip(-1, 1), [-1, 1, -1.5, 0], [1, 1, 0, 1]],
    ["maximum halves the gradient of a tie", (x) => x.maximum(2), [2, 1, 3], [0.5, 0, 1]],
    ["minimum halves the gradient of a tie", (x) => x.minimum(2), [2, 1, 3], [0.5, 1, 0]],
    ["max shares the gradient of ties", (x) => x.max(), [3, 3, 1, 3], [1 / 3, 1 / 3, 0, 1 / 3]],
    ["min shares the gradient of ties", (x) => x.min(), [1, 3, 1], [0.5, 0, 0.5]],
    ["√x is infinitely steep at 0", (x) => x.sqrt(), [0, 4], [inf, 0.25]],
    ["x⁰ is flat, also at 0", (x) => x.pow(0), [0, 2], [0, 0]],
    ["rounding is flat", (x) => x.floor().add(x.ceil()).add(x.round()).add(x.sign()), [0.5, 1.2], [0, 0]],
    ["stopGradient stops", (x) => x.mul(x.stopGradient()), [3, -2], [3, -2]],
    ["an integer in between stops", (x) => x.cast("int64").cast("float32").mul(x), [3.5], [3]],
    ["select passes it to the side taken", (x) => x.greater(0).select(x, 1).sqrt(), [0.25, -1], [1, 0]],
    ["0ˣ is flat", (x) => x.mul(0).stopGradient().pow(x), [2, 0.5], [0, 0]],
    ["logSumExp ignores −∞", (x) => x.logSumExp(), [-inf, 0, 0], [0, 0.5, 0.5]],
    ["logSumExp of −∞ only is flat", (x) => x.logSumExp(), [-inf, -inf], [0, 0]],
    ["prod with one zero depends on it alone", (x) => x.prod(), [0, 3, 2], [6, 0, 0]],
    ["softplus is steep to 1 and flat to 0", (x) => x.softplus(), [800, -800, 0], [1, 0, 0.5]],
    ["x² by itself", (x) => x.pow(2), [-3, 0], [-6, 0]],
  ];
  it.each(rows)("%s", (_, fn, at, expected) => {
    expect(slopes(fn, at)).toEqual(expected.map((value) => expect.closeTo(value, 12)));
  });
});

describe("numbers that change nothing add no node", () => {
  const rows: readonly (readonly [string, (x: Tensor) => Tensor])[] = [
    ["x + 0", (x) => x.add(0)],
    ["x − 0", (x) => x.sub(0)],
    ["x · 1", (x) => x.mul(1)],
    ["x / 1", (x) => x.div(1)],
    ["x¹", (x) => x.pow(1)],
    ["a cast to its own dtype", (x) => x.cast("float32")],
  ];
  it.each(rows)("%s", (_, fn) => {
    const { graph } = trace(fn as never, [new Spec([2])]);
    expect(graph.outputs[0]!.tensor).toBe(graph.inputs[0]!.tensor);
  });
});

describe("functions of several tensors", () => {
  it("concat joins along the first axis unless told otherwise", () => {
    expect(values((x) => concat([x, x.neg()]), [1, 2])).toEqual([1, 2, -1, -2]);
  });
  it("stack makes a new axis, also the last", () => {
    expect(values((x) => stack([x, x.neg()]), [1, 2])).toEqual([1, 2, -1, -2]);
    expect(values((x) => stack([x, x.neg()], -1), [1, 2])).toEqual([1, -1, 2, -2]);
  });
  it("where chooses element by element", () => {
    expect(values((x) => where(x.greater(1.5), x, 0), [1, 2])).toEqual([0, 2]);
  });
});

describe("the error function", () => {
  /** Abramowitz and Stegun, table 7.1, and mpmath 1.3 `erf` to 16 digits. */
  const table = [
    [0.5, 0.5204998778130465],
    [1, 0.8427007929497149],
    [2, 0.9953222650189527],
    [3, 0.9999779095030014],
    [4, 0.9999999845827421],
  ] as const;
  it.each(table)("at %d", (x, y) => {
    expect(erf(x)).toBeCloseTo(y, 14);
    expect(erf(-x)).toBe(-erf(x));
  });
  it("is continuous where its formula changes", () => {
    expect(erf(3)).toBeCloseTo(erf(3 - 1e-15), 14);
  });
});
