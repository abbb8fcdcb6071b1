import { describe, expect, it } from "vitest";
import { toNumbers } from "../../base/host.ts";
import { einsum, gradients, type Tensor, trace } from "../index.ts";
import { interpret, toNd } from "../interpret.ts";
import { floats } from "../testing/case.ts";
import { assertClose } from "../testing/check.ts";

/** Σ over all labels by brute force, with every label's size taken from the operands. */
function bruteForce(
  terms: readonly string[],
  output: string,
  shapes: readonly number[][],
  data: readonly number[][],
): number[] {
  const size = new Map<string, number>();
  for (const [t, term] of terms.entries())
    for (const [axis, name] of [...term].entries()) size.set(name, Math.max(size.get(name) ?? 1, shapes[t]![axis]!));
  const labels = [...output, ...[...size.keys()].filter((name) => !output.includes(name))];
  const total = (names: Iterable<string>) => [...names].reduce((product, name) => product * size.get(name)!, 1);
  const result = new Array<number>(total(output)).fill(0);
  const inner = total(labels) / result.length;
  for (let i = 0; i < total(labels); i++) {
    let rest = i;
    const at = new Map<string, number>();
    for (const name of [...labels].reverse()) {
      at.set(name, rest % size.get(name)!);
      rest = Math.floor(rest / size.get(name)!);
    }
    const factor = (t: number) => {
      const index = [...terms[t]!].reduce(
        (sum, name, axis) => sum * shapes[t]![axis]! + Math.min(at.get(name)!, shapes[t]![axis]! - 1),
        0,
      );
      return data[t]![index]!;
    };
    result[Math.floor(i / inner)]! += terms.reduce((product, _, t) => product * factor(t), 1);
  }
  return result;
}

function compute(
  equation: string,
  shapes: readonly number[][],
): { got: number[]; shape: readonly number[]; data: number[][] } {
  const args = shapes.map((shape, i) => floats(shape, -1, 1, i + 1));
  const { graph } = trace(((...tensors: Tensor[]) => einsum(equation, ...tensors)) as never, args);
  const [result] = interpret(graph, args.map(toNd));
  return { got: [...result!.data], shape: result!.shape, data: args.map(toNumbers) };
}

const rows: readonly { equation: string; shapes: number[][] }[] = (
  [
    ["ij,jk->ik", [2, 3], [3, 4]],
    ["ij,kj->ik", [2, 3], [4, 3]],
    ["ji,jk->ki", [3, 2], [3, 4]],
    ["bhqd,bhkd->bhqk", [2, 2, 3, 4], [2, 2, 5, 4]],
    ["bqhd,bkhd->bhqk", [2, 3, 2, 4], [2, 5, 2, 4]],
    ["ij->ji", [2, 3]],
    ["ij->", [2, 3]],
    ["ij->j", [2, 3]],
    ["i,j->ij", [2], [3]],
    ["i,i->", [3], [3]],
    ["ij,ij->ij", [2, 3], [2, 3]],
    ["ij,ij->i", [2, 3], [2, 3]],
    ["ii->i", [3, 3]],
    ["ii->", [3, 3]],
    ["iji->j", [3, 2, 3]],
    ["ij,jk,kl->il", [2, 3], [3, 4], [4, 2]],
    ["bi,bj,ijk->bk", [2, 3], [2, 4], [3, 4, 2]],
    ["ijk,jl->ilk", [2, 3, 4], [3, 2]],
    ["ij,ik->jk", [1, 2], [3, 4]],
    ["i,->i", [3], []],
  ] as [string, ...number[][]][]
).map(([equation, ...shapes]) => ({ equation, shapes }));

describe("einsum agrees with the sum over all labels", () => {
  it.each(rows)("$equation", ({ equation, shapes }) => {
    const [left, output] = equation.split("->") as [string, string];
    const { got, data } = compute(equation, shapes);
    const wanted = bruteForce(left.split(","), output, shapes, data);
    expect(got.length).toBe(wanted.length);
    assertClose(got, wanted, 1e-12, equation);
  });

  it("broadcasts an ellipsis and orders an implicit output alphabetically", () => {
    expect(
      compute("...ij,...jk->...ik", [
        [2, 1, 3, 4],
        [5, 4, 2],
      ]).shape,
    ).toEqual([2, 5, 3, 2]); // prettier-ignore
    expect(
      compute("b...,...c->...bc", [
        [2, 3],
        [3, 4],
      ]).shape,
    ).toEqual([3, 2, 4]); // prettier-ignore
    expect(
      compute("ba,cb", [
        [2, 3],
        [4, 2],
      ]).shape,
    ).toEqual([3, 4]); // prettier-ignore
    const explicit = compute("...ij,...jk->...ik", [
      [2, 3, 4],
      [2, 4, 2],
    ]); // prettier-ignore
    expect(explicit.got).toEqual(
      compute("nij,njk->nik", [
        [2, 3, 4],
        [2, 4, 2],
      ]).got,
    ); // prettier-ignore
  });

  it("has the gradient of the products it stands for", () => {
    const args = [floats([2, 3]), floats([3, 4], -1, 1, 2)];
    const fn = (a: Tensor, b: Tensor) => [
      ...gradients(einsum("ij,jk->ki", a, b).square().sum(), [a, b]),
      ...gradients(a.matmul(b).square().sum(), [a, b]),
    ];
    const results = interpret(trace(fn as never, args).graph, args.map(toNd));
    [0, 1].forEach((i) => {
      assertClose(results[i]!.data, results[i + 2]!.data, 1e-12, `gradient ${i}`);
    });
  });
});

describe("einsum says what is wrong", () => {
  const attempt =
    (equation: string, ...shapes: number[][]) =>
    () =>
      compute(equation, shapes);
  it.each([
    [
      "ij,jk->ik",
      [
        [2, 3],
        [4, 5],
      ],
      /label j has sizes 3 and 4/,
    ],
    ["ij->ik", [[2, 3]], /no operand has the output label k/],
    ["ij,jk->ik", [[2, 3]], /2 operands are named, 1 are given/],
    ["ijk->i", [[2, 3]], /names 3 axes, .*\[2, 3\] has 2/],
    ["i1->i", [[2, 3]], /not letters/],
    ["ij->ii", [[2, 3]], /names an axis twice/],
    ["i->j->k", [[2]], /more than one ->/],
    ["ii->i", [[2, 3]], /label i has sizes 2 and 3/],
  ] as const)("%s", (equation, shapes, message) => {
    expect(attempt(equation, ...shapes.map((shape) => [...shape]))).toThrow(message);
  }); // prettier-ignore
});
