import { describe, expect, test } from "vitest";
import { float32, type HostArray, zeros } from "../base/host.ts";
import { constant, conv, loop, Spec, scan, type Tensor, trace } from "../graph/index.ts";
import type { Primitive } from "../graph/primitive.ts";
import { apply } from "../graph/tensor.ts";
import { loadModel } from "../runtime/ort/native.node.ts";
import { referenceRuntime } from "../runtime/reference.ts";
import { emitForAnyBatch } from "./batch.ts";

const wave = (shape: readonly number[], seed = 1): HostArray => {
  const size = shape.reduce((product, dim) => product * dim, 1);
  return float32(
    Array.from({ length: size }, (_, i) => Math.sin(seed + i * 0.7)),
    shape,
  );
};

const w = constant(wave([6, 4], 3));
const kernel = constant(wave([2, 3, 3, 3], 4));

type Function = (x: Tensor) => unknown;

/** h ← tanh(h·W + xₜ) over the second axis of x, from zeros. */
function recurrent(x: Tensor): unknown {
  const weight = constant(wave([4, 4], 5));
  const init = constant(zeros("float32", [x.shape[0]!, 4]));
  const { carry, ys } = scan(
    (h: Tensor, step: Tensor) => {
      const next = h.matmul(weight).add(step).tanh();
      return { carry: next, y: next.mul(2) };
    },
    { init, xs: x.transpose([1, 0, 2]) },
  );
  return { carry, ys };
}

/** Functions of x with a batch axis, and the shape of one example. */
const functions: Record<string, { fn: Function; example: number[] }> = {
  "a linear layer": { fn: (x) => x.matmul(w).softmax(), example: [6] },
  "a mean over everything": { fn: (x) => x.square().mean(), example: [6] },
  "a mean over the batch": { fn: (x) => x.sub(x.mean(0, true)), example: [6] },
  "a number that grows with the batch": { fn: (x) => x.mul(x.shape[0]! * 2 + 1), example: [3] },
  "merged axes": { fn: (x) => x.reshape([-1, 2]).mul(2).reshape(x.shape), example: [3, 4] },
  "two merged axes at once": { fn: (x) => x.reshape([2 * x.shape[0]!, 6]).transpose(), example: [3, 4] },
  "broadcasting to the batch": { fn: (x) => constant(wave([1, 3])).broadcastTo(x.shape), example: [3] },
  "zeros of the batch's shape": { fn: (x) => x.add(constant(zeros("float32", x.shape))), example: [3] },
  "slices that end with the batch": { fn: (x) => x.slice(0, 1, x.shape[0]!).sub(x.slice(0, 0, -1)), example: [3] },
  "a convolution": { fn: (x) => conv(x, kernel, { padding: "same" }).relu(), example: [3, 8, 8] },
  "a recurrence": { fn: recurrent, example: [3, 4] },
  "a sampling loop": {
    fn: (x) =>
      loop((i, h: Tensor) => ({ carry: h.mul(0.5).add(i.cast("float32")).reshape([-1]).reshape(x.shape) }), {
        init: x,
        count: 3,
      }).carry,
    example: [3],
  },
  "flipping and sorting": { fn: (x) => ({ a: x.flip(0), b: x.sort(1).values, c: x.argmax(1) }), example: [5] },
};

async function compare(bytes: Uint8Array, fn: Function, x: HostArray): Promise<void> {
  const { graph } = trace(fn as never, [x]);
  const executable = await referenceRuntime().compile(graph);
  const model = await loadModel(bytes);
  const [expected, actual] = [await executable.run([x]), await model.run({ "0": x })];
  const results = Object.values(actual);
  expect(results.map(({ shape }) => shape)).toEqual(expected.map(({ shape }) => shape));
  expected.forEach(({ data }, i) => {
    for (let k = 0; k < data.length; k++) expect(Number(results[i]!.data[k])).toBeCloseTo(Number(data[k]), 4);
  });
  await model.dispose();
}

describe("a model for any batch size", () => {
  test.each(Object.entries(functions))("computes %s at sizes it was not traced at", async (_name, { fn, example }) => {
    const bytes = emitForAnyBatch(fn as never, { args: (batch) => [new Spec([batch, ...example])] });
    for (const batch of [1, 2, 13]) await compare(bytes, fn, wave([batch, ...example], batch));
  });

  const attempt = (fn: Function) => () =>
    emitForAnyBatch(fn as never, { args: (batch) => [new Spec([batch, 3])], name: "f" });

  test("says so when a constant's values depend on the batch", () => {
    const fn = (x: Tensor) => x.add(constant(wave([x.shape[0]!, 1])));
    expect(attempt(fn)).toThrow(
      /cannot be exported for any batch size: a constant of add_\d+ \(Add\).*make it an argument/,
    );
  });

  test("says so when a number follows no rule", () => {
    expect(attempt((x) => x.mul(Math.sqrt(x.shape[0]!)))).toThrow(/depends on the batch size/);
  });

  test("says so when the operations depend on the batch", () => {
    expect(attempt((x) => (x.shape[0]! > 5 ? x.exp() : x))).toThrow(/other operations at other batch sizes/);
  });

  test("says so when tracing fails at another size", () => {
    expect(attempt((x) => x.reshape([5, 3]))).toThrow(/cannot be exported for any batch size: reshape/);
  });

  test("says so when an attribute depends on the batch", () => {
    const eyeLike: Primitive = {
      name: "shifted",
      infer: ([x]) => [x!],
      emit: ({ context, names, inputs }) => context.node("EyeLike", names, { k: inputs[0]!.shape[0]! }),
      evaluate: ([x]) => [x!],
    };
    expect(attempt((x) => apply(eyeLike, [x])[0])).toThrow(/attribute k of shifted_\d+ \(EyeLike\)/);
  });

  test("says so when no argument has the batch size", () => {
    expect(attempt((x) => x)).not.toThrow();
    const fixed = () => emitForAnyBatch(((x: Tensor) => x.mul(2)) as never, { args: () => [new Spec([3])] });
    expect(fixed).toThrow(/no dimension of an input is the batch size/);
  });
});
