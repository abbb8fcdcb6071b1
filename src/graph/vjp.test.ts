import { describe, expect, it } from "vitest";
import { UsageError } from "../base/errors.ts";
import {
  concat,
  grad,
  gradients,
  hvp,
  interpret,
  jvp,
  Spec,
  type Tensor,
  trace,
  valueAndGrad,
  vjp,
  zerosLike,
} from "./index.ts";
import { numbers } from "./testing/case.ts";

type Graphed = (...args: Tensor[]) => unknown;

/** Evaluates a graph function of vectors in float64; all results in one list. */
function run(fn: Graphed, ...args: readonly (readonly number[])[]): number[][] {
  const { graph } = trace(
    fn as never,
    args.map((arg) => new Spec([arg.length])),
  );
  const nds = args.map((arg) => ({ shape: [arg.length], dtype: "float32" as const, data: Float64Array.from(arg) }));
  return interpret(graph, nds).map((result) => Array.from(result.data));
}

const near = (values: readonly number[], digits = 10) => values.map((value) => expect.closeTo(value, digits));

/** x₀²x₁ + sin x₁, with ∇ = (2x₀x₁, x₀² + cos x₁) and Hessian ((2x₁, 2x₀), (2x₀, −sin x₁)). */
function example(x: Tensor): Tensor {
  const [a, b] = x.split(2) as [Tensor, Tensor];
  return a.square().mul(b).add(b.sin()).sum();
}
const point = [1.5, 0.7] as const;
const [p, q] = point;

describe("gradients", () => {
  it("of a function of a vector", () => {
    expect(run(grad(example), point)[0]).toEqual(near([2 * p * q, p * p + Math.cos(q)]));
  });

  it("come with the value, in the shape of the argument tree", () => {
    const fn = (a: Tensor, b: Tensor) =>
      valueAndGrad((t: { first: Tensor; second: Tensor[] }) => t.first.mul(t.second[0]!).sum())({
        first: a,
        second: [b],
      });
    expect(run(fn, [1, 2], [3, 4])).toEqual([[11], [3, 4], [1, 2]]);
  });

  it("add up over all uses of a tensor", () => {
    expect(
      run(
        (x) =>
          gradients(
            x
              .mul(x)
              .add(x)
              .add(concat([x, x]).slice(0, 1, 3))
              .sum(),
            [x],
          ),
        [2, 3],
      )[0],
    ).toEqual([6, 8]);
  });

  it("are zero for what the result does not depend on", () => {
    expect(run((x, y) => gradients(x.sum(), [y]), [1], [5, 6])[0]).toEqual([0, 0]);
  });

  it("of intermediate tensors are those at that place", () => {
    const fn = (x: Tensor) => {
      const y = x.square();
      return gradients(y.exp().sum(), [y]);
    };
    expect(run(fn, [0.5])[0]).toEqual(near([Math.exp(0.25)]));
  });

  it("of something that is not a scalar are refused", () => {
    const attempt = () => trace(((x: Tensor) => grad((t: Tensor) => t.square())(x)) as never, [new Spec([2])]);
    expect(attempt).toThrow(UsageError);
    expect(attempt).toThrow(/needs a scalar result, got float32\[2\]; reduce it with sum\(\) or mean\(\)/);
  });
});

describe("products with Jacobian and Hessian", () => {
  it("Hessian times vector", () => {
    const [v, w] = [0.3, -2];
    expect(run((x, u) => hvp(example)(x, u), point, [v, w])[0]).toEqual(
      near([2 * q * v + 2 * p * w, 2 * p * v - Math.sin(q) * w]),
    );
  });

  it("the transposed Jacobian is the transpose of the Jacobian: ⟨u, Jv⟩ = ⟨Jᵀu, v⟩", () => {
    const fn = (x: Tensor) => concat([x.sin(), x.cumsum(), x.mul(x.sum()), x.max().reshape([1])]);
    const [x, v, u] = [numbers(1, 5), numbers(2, 5), numbers(3, 16)];
    const [forward, backward] = run(
      (a, b, c) => [
        jvp(fn)(a, b).mul(c).sum(),
        vjp([fn(a)], [c], [a])[0]!
          .mul(b)
          .sum(),
      ],
      x,
      v,
      u,
    ) as [number[], number[]];
    expect(forward[0]).toBeCloseTo(backward[0]!, 12);
    expect(Math.abs(forward[0]!)).toBeGreaterThan(0.01);
  });

  it("a third derivative", () => {
    const d = (f: (x: Tensor) => Tensor) => grad((x: Tensor) => f(x).sum());
    expect(run(d(d(d((x) => x.sin().mul(x)))), [0.4])[0]).toEqual(near([-3 * Math.sin(0.4) - 0.4 * Math.cos(0.4)]));
  });

  it("a gradient penalty: ∂/∂w (‖∇ₓ tanh(w·x)‖ − 1)² against finite differences", () => {
    const penalty = (w: Tensor, x: Tensor) => {
      const slope = grad((t: Tensor) => t.mul(w).sum().tanh())(x);
      return slope.squaredNorm().sqrt().sub(1).square();
    };
    const [w, x] = [
      [0.4, -0.3, 0.8],
      [1, 0.5, -0.2],
    ] as const;
    const at = (i: number, h: number) =>
      run(
        penalty as Graphed,
        w.map((value, j) => value + (i === j ? h : 0)),
        x,
      )[0]![0]!;
    const differences = w.map((_, i) => (at(i, 1e-5) - at(i, -1e-5)) / 2e-5);
    expect(run((a, b) => gradients(penalty(a, b), [a]), w, x)[0]).toEqual(near(differences, 8));
  });
});

it("zerosLike has shape and dtype of its model", () => {
  const { result } = trace((x: Tensor) => zerosLike(x), [new Spec([2, 0], "int64")]);
  expect(String(result)).toBe("int64[2, 0]");
});
