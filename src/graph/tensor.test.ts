import { describe, expect, it } from "vitest";
import { ShapeError } from "../base/errors.ts";
import { toNested } from "../base/host.ts";
import { arange, constant, interpret, Spec, type Tensor, trace } from "./index.ts";
import { fromNd } from "./interpret.ts";
import { given } from "./testing/case.ts";

/** The value of an expression of the matrix ((1, −2, 3), (4, 5, −6)). */
function value(fn: (x: Tensor) => Tensor): unknown {
  const { graph } = trace(fn as never, [new Spec([2, 3])]);
  const x = { shape: [2, 3], dtype: "float32" as const, data: given([1, -2, 3, 4, 5, -6]).data };
  return toNested(fromNd(interpret(graph, [x])[0]!, true));
}

const near = (x: number) => expect.closeTo(x, 12);

describe("methods made of primitives", () => {
  const rows: readonly (readonly [string, (x: Tensor) => Tensor, unknown])[] = [
    ["mean over an axis", (x) => x.mean(1), [near(2 / 3), near(1)]],
    ["mean of all, kept", (x) => x.mean(undefined, true), [[near(5 / 6)]]],
    ["variance divides by n", (x) => x.variance(0), [2.25, 12.25, 20.25].map(near)],
    ["any", (x) => x.less(-5).any(1), [0, 1]],
    ["all", (x) => x.greater(-3).all(1), [1, 0]],
    ["argmin", (x) => x.argmin(), [1, 2]],
    [
      "notEqual",
      (x) => x.notEqual(4),
      [
        [1, 1, 1],
        [0, 1, 1],
      ],
    ],
    [
      "square",
      (x) => x.square(),
      [
        [1, 4, 9],
        [16, 25, 36],
      ],
    ],
    ["rsqrt", (x) => x.slice(1, 0, 1).rsqrt(), [[1], [0.5]]],
    [
      "logSigmoid",
      (x) => x.slice(1, 0, 1).logSigmoid(),
      [[near(-Math.log1p(Math.exp(-1)))], [near(-Math.log1p(Math.exp(-4)))]],
    ],
    ["squaredNorm", (x) => x.squaredNorm(), 91],
    [
      "flip",
      (x) => x.flip(1),
      [
        [3, -2, 1],
        [-6, 5, 4],
      ],
    ],
    [
      "swapAxes",
      (x) => x.swapAxes(0, -1),
      [
        [1, 4],
        [-2, 5],
        [3, -6],
      ],
    ],
    ["flatten from an axis", (x) => x.expandDims(0).flatten(-2), [[1, -2, 3, 4, 5, -6]]],
    ["expandDims counts from the end", (x) => x.slice(0, 0, 1).expandDims(-1), [[[1], [-2], [3]]]],
    ["squeeze of all axes of size 1", (x) => x.slice(0, 0, 1).squeeze(), [1, -2, 3]],
    ["squeeze of a given axis", (x) => x.slice(0, 0, 1).expandDims(0).squeeze(1), [[1, -2, 3]]],
    [
      "numbers take the tensor's dtype",
      (x) => x.cast("int64").mul(2).add(1),
      [
        [3, -3, 7],
        [9, 11, -11],
      ],
    ],
    ["gather takes a plain index", (x) => x.gather(1), [4, 5, -6]],
    ["arange of a count", () => arange(3), [0, 1, 2]],
    ["arange with a step and dtype", () => arange(1, 2, 0.25, "float32"), [1, 1.25, 1.5, 1.75]],
    ["arange downwards", () => arange(3, 0, -1), [3, 2, 1]],
    ["a constant", () => constant(2.5), 2.5],
  ];
  it.each(rows)("%s", (_, fn, expected) => {
    expect(value(fn)).toEqual(expected);
  });
});

it("an axis out of range is refused", () => {
  expect(() => value((x) => x.sum(2))).toThrow(ShapeError);
  expect(() => value((x) => x.sum(-3))).toThrow(/axis -3 is out of range for rank 2/);
});

it("an axis that is not of size 1 cannot be squeezed", () => {
  expect(() => value((x) => x.squeeze(0))).toThrow(/squeeze\(float32\[2, 3\]\)/);
});
