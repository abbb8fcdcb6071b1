import * as ort from "onnxruntime-node";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ShapeError } from "../../src/base/errors.ts";
import { castHost, type HostArray, toNumbers } from "../../src/base/host.ts";
import { arange, concat, type Graph, Spec, type Tensor, trace } from "../../src/graph/index.ts";
import { type Case, floats, tracedDType } from "../../src/graph/testing/case.ts";
import { primitiveCases } from "../../src/graph/testing/cases.ts";
import { assertClose, derivatives, results } from "../../src/graph/testing/check.ts";
import { emit } from "../../src/onnx/emit.ts";
import { openRuntime } from "../../src/runtime/choose.node.ts";
import { type Runtime, referenceRuntime } from "../../src/runtime/index.ts";
import { createExecutable, type Ort } from "../../src/runtime/ort/session.ts";

const onEngines = primitiveCases.filter((c) => c.referenceOnly === undefined);
const exact = referenceRuntime({ keepDouble: true });

const rounded = (args: readonly HostArray[]) => args.map((arg) => castHost(arg, tracedDType(arg)));

/** Runs a graph once on an engine and compares every result with the reference. */
async function compare(runtime: Runtime, graph: Graph, args: readonly HostArray[], tolerance: number): Promise<void> {
  const [wanted, got] = await Promise.all([exact, runtime].map((each) => runOnce(each, graph, args)));
  got!.forEach((array, i) => {
    expect(array.shape).toEqual(wanted![i]!.shape);
    assertClose(toNumbers(array), toNumbers(wanted![i]!), tolerance, `result ${i}`);
  });
}

async function runOnce(runtime: Runtime, graph: Graph, args: readonly HostArray[]): Promise<HostArray[]> {
  const executable = await runtime.compile(graph);
  const values = await executable.run(args);
  await executable.dispose();
  return values;
}

describe("on two threads, the native engine computes like the reference", () => {
  let runtime: Runtime;
  beforeAll(async () => {
    runtime = await openRuntime({ device: "cpu", threads: 2 });
  });
  afterAll(() => runtime.dispose());

  describe("the derivatives of first and second order", () => {
    for (const c of onEngines) {
      const problem = derivatives(c);
      if (!problem) continue;
      it(`of ${c.op} ${c.title}`, async () => {
        const args = rounded(problem.args);
        const { graph } = trace(problem.fn as never, args);
        await compare(runtime, graph, args, Math.max(1e-4, 20 * (c.tolerance ?? 0)));
      });
    }
  });

  it.each([10, 300])("repeated rows lose no update, in ten runs of 2048 updates to %i rows", async (rows) => {
    const fn = (x: Tensor, u: Tensor) => x.scatterAdd(arange(2048).mod(rows), u);
    const args = rounded([floats([rows, 128], 0, 0), floats([2048, 128])]);
    const { graph } = trace(fn as never, args);
    for (let run = 0; run < 10; run++) await compare(runtime, graph, args, 1e-4);
  });
});

/** What is written for WebGPU uses other formulas; any engine computes them, so the processor checks them here. */
const webgpuFormulas: Runtime = {
  ...exact,
  name: "webgpu formulas on the processor",
  compile: (graph) => {
    const model = emit(graph, { device: { kind: "webgpu", block: 0, contrib: false } });
    const options = { executionProviders: ["cpu"], logSeverityLevel: 3 } as const;
    return createExecutable({ ort: ort as unknown as Ort, options, queue: (task) => task() }, graph, model);
  },
};

describe("the formulas for WebGPU", () => {
  const differing = ["sign", "round", "logSoftmax", "abs", "softmax"];
  const cases = onEngines.filter((c) => differing.includes(c.op));
  it.each(cases.map((c): [string, Case] => [`${c.op} ${c.title}`, c]))("compute %s", async (_, c) => {
    const args = rounded(c.args);
    const { graph } = trace(((...tensors: Tensor[]) => results(c, tensors)) as never, args);
    await compare(webgpuFormulas, graph, args, 1e-5);
  });
});

type Mistake = readonly [call: string, fn: (x: Tensor, i: Tensor, b: Tensor) => unknown, reason: RegExp];

/** With x float32[2, 3], i int64[2], b bool[2]. */
const mistakes: readonly Mistake[] = [
  ["add(float32[2, 3], float32[3, 2])", (x) => x.add(x.transpose()), /shapes \[2, 3\] and \[3, 2\] do not broadcast/],
  ["add(float32[2, 3], int64[2])", (x, i) => x.add(i), /dtypes float32 and int64 differ; use cast\(\)/],
  ["mul(int64[2], float32[])", (_x, i) => i.mul(0.5), /dtypes int64 and float32 differ; use cast\(\)/],
  ["div(int64[], float32[])", (_x, i) => i.mean(), /dtypes int64 and float32 differ; use cast\(\)/],
  ["add(bool[2], bool[2])", (_x, _i, b) => b.add(b), /dtype bool is not supported/],
  ["exp(int64[2])", (_x, i) => i.exp(), /dtype int64 is not supported here, only float32, float64/],
  ["and(int64[2], int64[2])", (_x, i) => i.and(i), /only bool/],
  ["select(float32[2, 3], float32[], float32[])", (x) => x.select(1, 0), /the condition is float32, not bool/],
  ["max(float32[2, 0])", (x) => x.slice(1, 3).max(1), /a reduced axis has no elements/],
  ["argmax(float32[0, 3])", (x) => x.slice(0, 2).argmax(0), /the axis has no elements/],
  ["reshape(float32[2, 3])", (x) => x.reshape([4]), /6 elements do not fill shape \[4\]/],
  ["reshape(float32[2, 3])", (x) => x.reshape([4, -1]), /6 elements do not fill shape \[4, 1.5\]/],
  ["transpose(float32[2, 3])", (x) => x.transpose([0, 0]), /order \[0, 0\] does not name each of the 2 axes once/],
  ["broadcastTo(float32[2, 3])", (x) => x.broadcastTo([3, 3]), /do not broadcast/],
  ["broadcastTo(float32[2, 3])", (x) => x.broadcastTo([3]), /shape \[2, 3\] does not broadcast to \[3\]/],
  ["slice(float32[2, 3])", (x) => x.slice(0, 0, 1, 0), /step 0 is not a non-zero integer/],
  ["pad(float32[2, 3])", (x) => x.pad([[1, 1]]), /1 amounts were given for 2 axes/],
  [
    "pad(float32[2, 3])",
    (x) =>
      x.pad([
        [-2, -1],
        [0, 0],
      ]),
    /cropping leaves shape \[-1, 3\]/,
  ],
  ["split(float32[2, 3])", (x) => x.split(2, 1), /parts of sizes \[1.5, 1.5\] do not make up axis 1 of size 3/],
  ["concat(float32[2, 3], float32[3, 2])", (x) => concat([x, x.transpose()]), /differ beside axis 0/],
  ["gather(float32[2, 3], float32[2, 3])", (x) => x.gather(x), /indices are float32, not int64/],
  ["takeAlong(float32[2, 3], int64[2])", (x, i) => x.takeAlong(i), /must have the sizes of \[2, 3\] beside axis 1/],
  [
    "scatterAdd(float32[2, 3], int64[2], float32[3, 2])",
    (x, i) => x.scatterAdd(i, x.transpose()),
    /must have shape \[2, 3\]/,
  ],
  [
    "updateSlice(float32[2, 3], int64[2], float32[2, 3])",
    (x, i) => x.updateSlice(i, x),
    /the index has shape \[2\], not \[\]/,
  ],
  ["updateSlice(float32[2, 3], int64[], float32[2, 3])", (x) => x.updateSlice(0, x), /must have shape \[1, 3\]/],
  ["oneHot(int64[2])", (_x, i) => i.oneHot(0), /depth 0 is not a positive integer/],
  ["topK(float32[2, 3])", (x) => x.topK(4), /k = 4 does not lie between 0 and the axis' size 3/],
];

describe("a mistake is named with its operation, its operands and the line that made it", () => {
  it.each(mistakes)("%s", (call, fn, reason) => {
    const specs = [new Spec([2, 3]), new Spec([2], "int64"), new Spec([2], "bool")];
    const attempt = () => trace(fn as never, specs);
    expect(attempt).toThrow(ShapeError);
    expect(attempt).toThrow(reason);
    expect(attempt).toThrow(`${call}: `);
    expect(attempt).toThrow(/primitives\.test\.ts:\d+:\d+$/);
  });
});
