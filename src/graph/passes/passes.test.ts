import { describe, expect, test } from "vitest";
import { float32 } from "../../base/host.ts";
import { constant, type Graph, gradients, graphNodes, interpret, Spec, type Tensor, trace } from "../index.ts";
import type { NdArray } from "../primitive.ts";
import { cse, fold, optimize, simplify } from "./index.ts";

/** Deterministic values that avoid accidental equalities. */
function example({ shape, dtype }: Tensor, seed: number): NdArray {
  const size = shape.reduce((product, dim) => product * dim, 1);
  const data = Float64Array.from({ length: size }, (_, i) => Math.sin(i * 1.7 + seed * 0.61) + 0.1);
  return { shape, dtype, data };
}

const operations = (graph: Graph) =>
  graphNodes(graph)
    .map(({ op }) => op.name)
    .filter((name) => name !== "input" && name !== "constant");

function expectSameValues(before: Graph, after: Graph) {
  const args = before.inputs.map(({ tensor }, i) => example(tensor, i));
  const [expected, actual] = [interpret(before, args), interpret(after, args)];
  expected.forEach(({ shape, data }, i) => {
    expect(actual[i]!.shape).toEqual(shape);
    data.forEach((value, k) => {
      expect(actual[i]!.data[k]).toBeCloseTo(value, 5);
    });
  });
}

interface Case {
  readonly fn: (...args: Tensor[]) => Tensor | Tensor[];
  readonly shapes: number[][];
  readonly left: string[];
}

const rulesTable: Record<string, Case> = {
  "reshape of reshape": { fn: (x) => x.reshape([6]).reshape([3, 2]).exp(), shapes: [[2, 3]], left: ["reshape", "exp"] },
  "reshape to the same shape": { fn: (x) => x.reshape([3, 2]).reshape([2, 3]).exp(), shapes: [[2, 3]], left: ["exp"] },
  "transpose twice": {
    fn: (x) => x.transpose([1, 2, 0]).transpose([1, 2, 0]),
    shapes: [[2, 3, 4]],
    left: ["transpose"],
  },
  "transpose and back": { fn: (x) => x.transpose().transpose().exp(), shapes: [[2, 3]], left: ["exp"] },
  "transpose of an axis of one": { fn: (x) => x.transpose([1, 0, 2]), shapes: [[1, 3, 4]], left: ["reshape"] },
  "stop of the gradient": { fn: (x) => x.stopGradient().exp(), shapes: [[2]], left: ["exp"] },
  "plus zero": { fn: (x) => x.add(0).exp(), shapes: [[2]], left: ["exp"] },
  "zero that widens": { fn: (x) => x.add(constant(0).broadcastTo([2, 3])), shapes: [[3]], left: ["broadcastTo"] },
  "times one": { fn: (x) => x.mul(1).div(1).sub(0).exp(), shapes: [[2]], left: ["exp"] },
  "chain of factors": { fn: (x) => x.mul(2).mul(3).mul(0.5), shapes: [[2]], left: ["mul"] },
  "chain of terms": { fn: (x) => x.add(2).add(3), shapes: [[2]], left: ["add"] },
  "two negations": { fn: (x) => x.neg().neg().exp(), shapes: [[2]], left: ["exp"] },
  "plus a negation": { fn: (x, y) => x.add(y.neg()), shapes: [[2], [2]], left: ["sub"] },
  "negation plus": { fn: (x, y) => x.neg().add(y), shapes: [[2], [2]], left: ["sub"] },
  "minus a negation": { fn: (x, y) => x.sub(y.neg()), shapes: [[2], [2]], left: ["add"] },
  "product of negations": { fn: (x, y) => x.neg().mul(y.neg()), shapes: [[2], [2]], left: ["mul"] },
  "times minus one": { fn: (x) => x.mul(-1), shapes: [[2]], left: ["neg"] },
  "gradient of a scaled square": { fn: (x) => gradients(x.square().mul(3).sum(), [x]), shapes: [[4]], left: ["mul"] },
  "sum of scaled": { fn: (x) => x.mul(3).sum(), shapes: [[2, 3]], left: ["sum", "mul"] },
  "sum of negated": { fn: (x) => x.neg().sum(1, true), shapes: [[2, 3]], left: ["sum", "neg"] },
  "sum over ones": { fn: (x) => x.sum([0, 2]), shapes: [[1, 3, 1]], left: ["reshape"] },
  "sum of a stretched tensor": { fn: (x) => x.broadcastTo([4, 3]).sum(0), shapes: [[3]], left: ["mul"] },
  "sum that keeps stretched axes": {
    fn: (x) => x.broadcastTo([4, 2, 3]).sum(0, true),
    shapes: [[1, 3]],
    left: ["mul", "reshape", "broadcastTo"],
  },
  "operand broadcast for nothing": { fn: (x, y) => x.broadcastTo([2, 3]).mul(y), shapes: [[3], [2, 3]], left: ["mul"] },
  "all operands broadcast": {
    fn: (x, y) => x.broadcastTo([2, 3]).mul(y.broadcastTo([2, 3])),
    shapes: [[3], [3]],
    left: ["mul", "broadcastTo"],
  },
  "reshape of a stretched number": {
    fn: (x) => x.broadcastTo([2, 3]).reshape([6]).transpose(),
    shapes: [[1]],
    left: ["reshape", "broadcastTo"],
  },
  "transposed operands": {
    fn: (x, y) => x.transpose().matmul(y.transpose()),
    shapes: [
      [3, 2],
      [4, 3],
    ],
    left: ["matmul"],
  },
  "transposed batch of matrices": {
    fn: (x, y) => x.swapAxes(-1, -2).matmul(y),
    shapes: [
      [5, 3, 2],
      [5, 3, 4],
    ],
    left: ["matmul"],
  },
  "transposed batch axis stays": {
    fn: (x, y) => x.transpose([1, 0, 2]).matmul(y),
    shapes: [
      [3, 5, 2],
      [5, 2, 4],
    ],
    left: ["transpose", "matmul"],
  },
};

describe("simplify", () => {
  test.each(Object.entries(rulesTable))("%s", (_name, { fn, shapes, left }) => {
    const { graph } = trace(
      fn as never,
      shapes.map((shape) => new Spec(shape)),
    );
    const simpler = optimize(graph);
    expectSameValues(graph, simpler);
    expect(operations(simpler).sort()).toEqual([...left].sort());
  });

  test("keeps the names and order of inputs and outputs", () => {
    const { graph } = trace((x: Tensor, y: Tensor) => ({ a: x.add(0), b: y.mul(1) }), [new Spec([2]), new Spec([3])]);
    const simpler = simplify(graph);
    expect(simpler.inputs).toEqual(graph.inputs);
    expect(simpler.outputs.map(({ name, tensor }) => [name, tensor.node.op.name])).toEqual([
      ["a", "input"],
      ["b", "input"],
    ]);
  });
});

describe("cse", () => {
  test("merges equal nodes with equal constants and attributes", () => {
    const { graph } = trace((x: Tensor) => x.mul(2).exp().sum(0).add(x.mul(2).exp().sum(0)), [new Spec([2, 3])]);
    const merged = cse(graph);
    expect(operations(merged)).toEqual(["mul", "exp", "sum", "add"]);
    expectSameValues(graph, merged);
  });

  test("keeps apart what differs in an attribute, an operand or the sign of zero", () => {
    const fn = (x: Tensor) => [
      x.sum(0, true).mul(x.sum(1, true)),
      x.div(constant(float32([-0], []))),
      x.div(constant(0)),
      x.sub(1),
      x.sub(2),
    ];
    const { graph } = trace(fn, [new Spec([2, 3])]);
    expect(operations(cse(graph))).toEqual(operations(graph));
  });

  test("merges outputs of operations with several results", () => {
    const { graph } = trace((x: Tensor) => x.split(2)[0]!.add(x.split(2)[1]!), [new Spec([4])]);
    const merged = cse(graph);
    expect(operations(merged)).toEqual(["split", "add"]);
    expectSameValues(graph, merged);
  });
});

describe("fold", () => {
  test("computes what depends on constants only", () => {
    const fn = (x: Tensor) =>
      x.mul(
        constant(float32([1, 2, 3]))
          .exp()
          .sum()
          .add(1),
      );
    const { graph } = trace(fn, [new Spec([2])]);
    const folded = fold(graph);
    expect(operations(folded)).toEqual(["mul"]);
    expectSameValues(graph, folded);
  });

  test("leaves large constants to be computed", () => {
    const { graph } = trace((x: Tensor) => x.add(constant(float32(new Float32Array(5000))).exp()), [new Spec([5000])]);
    expect(operations(fold(graph))).toEqual(["exp", "add"]);
  });
});
