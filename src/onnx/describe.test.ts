import { expect, describe as suite, test } from "vitest";
import { DataError } from "../base/errors.ts";
import { float32, toNested } from "../base/host.ts";
import { constant, Spec, scan, type Tensor, trace } from "../graph/index.ts";
import { optimize } from "../graph/passes/index.ts";
import { decode, describe, emit, emitForAnyBatch, portableDevice } from "./index.ts";

const bytesOf = (fn: (...args: Tensor[]) => unknown, ...shapes: number[][]) => {
  const { graph } = trace(
    fn as never,
    shapes.map((shape) => new Spec(shape)),
  );
  return emit(optimize(graph), { device: portableDevice, name: "example" });
};

suite("describe", () => {
  test("writes one line for each input, constant, operation and output", () => {
    const table = constant(
      float32(
        Array.from({ length: 9 }, (_, i) => i),
        [3, 3],
      ),
    );
    const bytes = bytesOf((x) => ({ y: x.matmul(table).mul(0.1).transpose() }), [2, 3]);
    expect(describe(bytes).split("\n")).toEqual([
      "model example (operators: onnx 21, written by sampo)",
      "  input 0: float32[2, 3]",
      "  constant constant_0: float32[3, 3]",
      "  matmul_1 = MatMul(0, constant_0)",
      "  mul_3 = Mul(matmul_1, 0.1)",
      "  y = Transpose(mul_3, perm=[1,0])",
      "  output y: float32[3, 2]",
    ]);
  });

  test("indents loop bodies", () => {
    const lines = describe(
      bytesOf(
        (x) => scan((h: Tensor, step: Tensor) => ({ carry: h.add(step) }), { init: x.sum(0), xs: x }).carry,
        [4, 2],
      ),
    ).split("\n");
    const body = lines.slice(lines.findIndex((line) => line.trim() === "body:") + 1);
    expect(body[0]).toMatch(/^ {6}input body\/carry0_\d+: float32\[2\]$/);
    expect(body.some((line) => /^ {6}\S+ = Add\(/.test(line))).toBe(true);
  });

  test("names free dimensions", () => {
    const bytes = emitForAnyBatch(((x: Tensor) => ({ y: x.mul(2) })) as never, { args: (b) => [new Spec([b, 3])] });
    expect(describe(bytes)).toContain("input 0: float32[batch, 3]");
    expect(describe(bytes)).toContain("output y: float32[batch, 3]");
  });
});

suite("decode", () => {
  test("gives the model as plain data", () => {
    const model = decode(bytesOf((x) => ({ y: x.sum(1, true) }), [2, 3]));
    const [node] = model.graph.nodes;
    expect(model.opsets).toEqual({ "": 21 });
    expect(node).toMatchObject({ op: "ReduceSum", outputs: ["y"], attributes: { keepdims: 1 } });
    expect(toNested(model.graph.constants[node!.inputs[1]!]!)).toEqual([1]);
  });

  test.each([
    ["nothing", new Uint8Array()],
    ["text", new TextEncoder().encode("hello, this is no model")],
    ["a truncated model", bytesOf((x) => x.add(1), [2]).slice(0, 40)],
  ])("refuses %s", (_name, bytes) => {
    expect(() => decode(bytes)).toThrow(DataError);
    expect(() => decode(bytes)).toThrow(/not an ONNX model/);
  });
});
