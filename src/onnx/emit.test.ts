import { fromBinary } from "@bufbuild/protobuf";
import { describe, expect, test } from "vitest";
import { float32, toNumbers } from "../base/host.ts";
import { constant, gradients, maxPool, Spec, type Tensor, trace } from "../graph/index.ts";
import type { Primitive } from "../graph/primitive.ts";
import { apply, Tensor as TensorClass } from "../graph/tensor.ts";
import { emit, portableDevice } from "./emit.ts";
import { ModelProtoSchema } from "./generated/onnx_pb.js";
import { fromTensorProto, toTensorProto } from "./tensor.ts";

const options = { device: portableDevice };

function model(fn: (...args: Tensor[]) => unknown, shapes: number[][], name?: string) {
  const { graph } = trace(
    fn as never,
    shapes.map((shape) => new Spec(shape)),
  );
  const bytes = emit(graph, name === undefined ? options : { ...options, name });
  return fromBinary(ModelProtoSchema, bytes);
}

describe("emit", () => {
  test("writes for any engine unless told which", () => {
    const { graph } = trace((x: Tensor) => x.softmax(0), [new Spec([3])]);
    expect(emit(graph)).toEqual(emit(graph, { device: portableDevice }));
  });

  test("writes names, types and shapes of inputs and outputs", () => {
    const fn = (p: { weight: Tensor }, x: Tensor) => ({ y: { sum: p.weight.add(x) } });
    const { graph } = trace(fn as never, [{ weight: new Spec([3]) }, new Spec([2, 3])]);
    const written = fromBinary(ModelProtoSchema, emit(graph, { ...options, name: "adder" })).graph!;
    expect(written.name).toBe("adder");
    expect(written.input.map(({ name }) => name)).toEqual(["0/weight", "1"]);
    expect(written.output.map(({ name }) => name)).toEqual(["y/sum"]);
    const type = written.output[0]!.type!.value;
    expect(type.case === "tensorType" && type.value.shape!.dim.map((dim) => Number(dim.value.value))).toEqual([2, 3]);
  });

  test("is the same, byte for byte, for the same function", () => {
    const bytes = () => emit(trace((x: Tensor) => x.mul(2).add(1), [new Spec([3])]).graph, options);
    expect(bytes()).toEqual(bytes());
  });

  test("names nodes after their operations and shares equal constants", () => {
    const { graph } = model(
      (x) =>
        x
          .mul(2)
          .add(2)
          .add(constant(float32([5, 6])))
          .add(constant(float32([5, 6]))),
      [[2]],
    );
    expect(graph!.node.map(({ opType }) => opType)).toEqual(["Mul", "Add", "Add", "Add"]);
    expect(graph!.node[0]!.name).toMatch(/^mul_/);
    expect(graph!.initializer.map((tensor) => toNumbers(fromTensorProto(tensor)))).toEqual([[2], [5, 6]]);
  });

  test("copies where an output is an input, a constant or another output", () => {
    const { graph } = model((x) => [x, x.add(1), x.add(1), constant(3)], [[2]]);
    const { graph: twice } = model(
      (x) => {
        const y = x.add(1);
        return { a: y, b: y };
      },
      [[2]],
    );
    expect(graph!.node.filter(({ opType }) => opType === "Identity")).toHaveLength(2);
    expect(twice!.node.map(({ opType, output }) => [opType, ...output])).toEqual([
      ["Add", "a"],
      ["Identity", "b"],
    ]);
  });

  test("tells an output from an input of the same name", () => {
    const { graph } = model((x) => [x.add(1)], [[2]]);
    expect(graph!.input[0]!.name).toBe("0");
    expect(graph!.output[0]!.name).toBe("output/0");
  });

  test("imports the domains of the operators it uses", () => {
    const contrib: Primitive = {
      name: "contrib",
      infer: ([x]) => [x!],
      emit: ({ context, names }) => context.node("FastGelu", names, {}, "com.microsoft"),
      evaluate: ([x]) => [x!],
    };
    const written = model((x) => apply(contrib, [x])[0], [[2]]);
    expect(written.opsetImport.map(({ domain }) => domain)).toEqual(["", "com.microsoft"]);
  });

  test("leaves out optional outputs that nobody uses", () => {
    const pool = (x: Tensor) => maxPool(x, { kernel: 2 });
    const outputs = (fn: (x: Tensor) => unknown) =>
      model(fn, [[1, 1, 4, 4]]).graph!.node.find(({ opType }) => opType === "MaxPool")!.output.length;
    expect(outputs(pool)).toBe(1);
    expect(outputs((x) => gradients(pool(x).sum(), [x]))).toBe(2);
  });

  test("writes a loop body with captured values under their outer names", () => {
    const x = trace((a: Tensor, step: Tensor) => a.add(step), [new Spec([2]), new Spec([2])]).graph;
    const loop: Primitive = {
      name: "loop",
      infer: ([start]) => [start!],
      emit: ({ context, names }) =>
        context.node("Body", [names[0]!], { body: { body: x, captures: [names[1]!] }, count: 3, rate: { float: 0.5 } }),
      evaluate: ([start]) => [start!],
    };
    const { graph } = model((a, b) => apply(loop, [a, b.mul(2)])[0], [[2], [2]]);
    const [scale, body] = graph!.node;
    const inner = body!.attribute.find(({ name }) => name === "body")!.g!;
    expect(inner.input).toHaveLength(1);
    expect(inner.node[0]!.input).toEqual([inner.input[0]!.name, scale!.output[0]]);
    expect(inner.output[0]!.name).toBe(inner.node[0]!.output[0]);
    expect(body!.attribute.find(({ name }) => name === "count")!.i).toBe(3n);
    expect(body!.attribute.find(({ name }) => name === "rate")!.f).toBe(0.5);
  });

  test("refuses a tensor of another trace", () => {
    let stray: Tensor | undefined;
    trace(
      (x: Tensor) => {
        stray = x;
        return x;
      },
      [new Spec([2])],
    );
    expect(stray).toBeInstanceOf(TensorClass);
    expect(() => model((x) => x.add(stray!), [[2]])).toThrow(/another traced function/);
  });
});

describe("tensors", () => {
  test("are read from the middle of a file's buffer", () => {
    const proto = toTensorProto("t", float32([1, 2]));
    const file = Buffer.concat([Buffer.of(9), proto.rawData, Buffer.of(9)]);
    proto.rawData = file.subarray(1, 9);
    expect(toNumbers(fromTensorProto(proto))).toEqual([1, 2]);
  });

  test("of broken length are refused", () => {
    const proto = toTensorProto("t", float32([1, 2]));
    proto.rawData = proto.rawData.slice(0, 7);
    expect(() => fromTensorProto(proto)).toThrow(/7 bytes, not a whole number of float32/);
    proto.rawData = proto.rawData.slice(0, 4);
    expect(() => fromTensorProto(proto)).toThrow(/has 1 elements, its shape needs 2/);
  });

  test.each([
    { dtype: "float32", data: Float32Array.of(1, -2.5) },
    { dtype: "float64", data: Float64Array.of(1e-300, 2) },
    { dtype: "int64", data: BigInt64Array.of(-1n, 2n ** 60n) },
    { dtype: "bool", data: Uint8Array.of(0, 1) },
  ] as const)("$dtype survives the way there and back", ({ dtype, data }) => {
    const array = { dtype, shape: [2, 1], data, size: 2 };
    expect(fromTensorProto(toTensorProto("t", array))).toMatchObject({ dtype, shape: [2, 1], data });
  });
});
