import { describe, expect, test } from "vitest";
import { layerCases, shaken } from "../../tests/support/layers.ts";
import { f64, reference } from "../../tests/support/reference.ts";
import { type HostArray, toNumbers } from "../base/host.ts";
import { leaves, mapTree, namedLeaves } from "../base/tree.ts";
import { grad, type Tensor } from "../graph/index.ts";
import { fold, key, normal } from "../random/index.ts";

describe.each(layerCases)("$name", ({ module, inputs, shape, paths }) => {
  const params = shaken(module.init(key(5)));
  const mixing = normal(key(6), shape);
  const loss = (p: never, ...xs: never[]) => {
    const [w, ...rest] = xs as unknown as Tensor[];
    return (module.apply(p, ...(rest as never[])) as Tensor).mul(w!).sum();
  };
  const evaluate = reference(loss as (...args: never[]) => Tensor);
  const value = (p: unknown) => Number((evaluate(p, mixing, ...inputs) as unknown as HostArray).data[0]);

  test("names its parameters and has the shape it says", () => {
    expect(
      namedLeaves(params)
        .map(({ path }) => path)
        .sort(),
    ).toEqual([...paths].sort());
    const y = reference(module.apply as never)(params, ...inputs) as unknown as HostArray;
    expect(y.shape).toEqual(shape);
  });

  test("the gradient reaches every parameter and is the directional finite difference", () => {
    const slope = reference(grad(loss as never) as (...args: never[]) => unknown)(params, mixing, ...inputs);
    const gradients = namedLeaves<HostArray>(slope);
    for (const { path, leaf } of gradients) expect([path, toNumbers(leaf).some((v) => v !== 0)]).toEqual([path, true]);
    const direction = mapTree<HostArray, HostArray>(params, (leaf, path) => normal(fold(key(8), path), leaf.shape));
    const steps = leaves<HostArray>(direction).map(toNumbers);
    const analytic = gradients.reduce(
      (sum, { leaf }, i) => sum + toNumbers(leaf).reduce((inner, v, j) => inner + v * steps[i]![j]!, 0),
      0,
    );
    const moved = (by: number) => {
      let i = 0;
      return mapTree<HostArray, HostArray>(params, (leaf) => {
        const step = steps[i++]!;
        return f64(
          toNumbers(leaf).map((v, j) => v + by * step[j]!),
          leaf.shape,
        );
      });
    };
    const numeric = (value(moved(1e-5)) - value(moved(-1e-5))) / 2e-5;
    expect(Math.abs(numeric - analytic)).toBeLessThan(1e-5 * (1 + Math.abs(analytic)));
  });
});
