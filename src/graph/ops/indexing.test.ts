import { describe, expect, it } from "vitest";
import { evaluate, f64 } from "../../../tests/support/reference.ts";
import { int64 } from "../../base/host.ts";
import { constant, gradients, graphNodes, input, type Tensor, trace } from "../index.ts";

/** Gradient of Σ weights·gather(x) by x, with indices known while tracing and not. */
const known = (indices: ReturnType<typeof int64>, axis: number) => (x: Tensor, weights: Tensor) =>
  gradients(x.gather(constant(indices), axis).mul(weights).sum(), [x])[0]!;

describe("the gradient of gather by indices known while tracing", () => {
  const x = f64(
    Array.from({ length: 12 }, (_, i) => i),
    [2, 3, 2],
  );
  it.each([
    ["each row once", int64([2, 0, 1]), 1],
    ["some rows never, one twice", int64([2, 2]), 1],
    ["rows in a table of indices", int64([1, 0, 1, 2], [2, 2]), 1],
    ["of the first axis", int64([1, 1, 0]), 0],
    ["more often than are added up one by one", int64([0, 1, 1, 1, 1, 1]), 2],
  ])("is every row's sum over the places it went to: %s", (_, indices, axis) => {
    const size = [2, 3, 2].toSpliced(axis, 1, ...indices.shape);
    const weights = f64(
      Array.from({ length: size.reduce((a, b) => a * b) }, (_, i) => 1 + i * i),
      size,
    );
    const open = (rows: Tensor, w: Tensor, at: Tensor) => gradients(rows.gather(at, axis).mul(w).sum(), [rows])[0]!;
    const wanted = evaluate(open, x, weights, indices);
    expect(evaluate(known(indices, axis), x, weights)).toEqual(wanted);
    expect(wanted.reduce((a, b) => a + b)).toBe(weights.data.reduce((a, b) => a + b));
  });

  it("scatters nothing", () => {
    const [rows, weights] = [
      [3, 2],
      [4, 2],
    ].map((shape) => input({ shape, dtype: "float32" })) as [Tensor, Tensor];
    const names = (indices: number[]) =>
      [...graphNodes(trace(known(int64(indices), 0) as never, [rows, weights] as never).graph)].map(
        ({ op }) => op.name,
      );
    expect(names([0, 1, 1, 2])).toContain("gather");
    expect(names([0, 1, 1, 2])).not.toContain("scatterAdd");
  });
});
