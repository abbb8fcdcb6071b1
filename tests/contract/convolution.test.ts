import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { castHost, type HostArray, toNumbers } from "../../src/base/host.ts";
import { type Tensor, trace } from "../../src/graph/index.ts";
import { type ConvOptions, convSizes, resolveConv } from "../../src/graph/ops/conv-shape.ts";
import { call } from "../../src/graph/tensor.ts";
import { floats } from "../../src/graph/testing/case.ts";
import { assertClose } from "../../src/graph/testing/check.ts";
import { emit } from "../../src/onnx/emit.ts";
import { openRuntime } from "../../src/runtime/choose.node.ts";
import { type Runtime, referenceRuntime } from "../../src/runtime/index.ts";

/** Channels in and out, batch and groups: multiples of 16 take the blocked formulations where the processor has them. */
const sizes = [
  [16, 32, 16, 1],
  [32, 16, 2, 1],
  [4, 16, 13, 1],
  [3, 16, 16, 1],
  [16, 3, 2, 1],
  [4, 6, 3, 2],
  [16, 16, 2, 16],
] as const;

const geometries: readonly (readonly [kernel: number, options: ConvOptions])[] = [
  [3, { padding: 1 }],
  [3, { stride: 2, padding: 1 }],
  [4, { stride: 2, padding: 1 }],
  [1, {}],
  [1, { stride: 2 }],
  [3, { padding: "same", dilation: 2 }],
  [5, { padding: "causal" }],
  [2, { stride: 2 }],
  [3, { padding: "same", stride: 2 }],
  [7, { stride: 3, padding: 2 }],
  [3, { stride: 2, dilation: 2 }],
];

interface Problem {
  readonly spatial: readonly number[];
  readonly kernel: number;
  readonly options: ConvOptions;
}

/** Shapes of x, w, dy and bias for one choice of channels, and the three products of such tensors. */
function threeProducts({ spatial, kernel, options }: Problem, [c, k, n, groups]: (typeof sizes)[number]) {
  const taps = spatial.map(() => kernel);
  const attrs = resolveConv({ ...options, groups }, spatial, taps);
  const shapes = [[n, c, ...spatial], [k, c / groups, ...taps], [n, k, ...convSizes(spatial, taps, attrs)], [k]];
  const fn = ([x, w, dy, bias]: readonly Tensor[]) => ({
    forward: call("conv", [x!, w!, bias!], attrs),
    inputGradient: call("convInputGrad", [dy!, w!], { ...attrs, size: spatial }),
    weightGradient: call("convWeightGrad", [x!, dy!], { ...attrs, kernel: taps }),
  });
  return { fn, args: shapes.map((shape, i) => castHost(floats(shape, -1, 1, i), "float32")) };
}

/** One graph with the products of all channel sizes; results are named by them. */
function allProducts(problem: Problem, channels: readonly (typeof sizes)[number][] = sizes) {
  const parts = channels.map((list) => threeProducts(problem, list));
  const fn = (...args: Tensor[]) =>
    Object.fromEntries(parts.map((part, i) => [`channels ${channels[i]}`, part.fn(args.slice(4 * i, 4 * i + 4))]));
  const args = parts.flatMap((part) => part.args);
  return { graph: trace(fn as never, args).graph, args };
}

async function compute(runtime: Runtime, problem: Problem): Promise<HostArray[]> {
  const { graph, args } = allProducts(problem);
  const executable = await runtime.compile(graph);
  const results = await executable.run(args);
  await executable.dispose();
  return results;
}

const known = new Map<string, Promise<HostArray[]>>();

/** The float64 results, computed once for all devices. */
function expectedOf(problem: Problem): Promise<HostArray[]> {
  const key = JSON.stringify(problem);
  const found = known.get(key) ?? compute(referenceRuntime({ keepDouble: true }), problem);
  known.set(key, found);
  return found;
}

describe.each(["cpu", "wasm"] as const)("convolutions on %s agree with the reference", (device) => {
  let runtime: Runtime;
  beforeAll(async () => {
    runtime = await openRuntime({ device, threads: 1 });
  });
  afterAll(() => runtime.dispose());

  describe.each([[[7, 6]], [[9]]])("of spatial sizes %s", (spatial) => {
    test.each(geometries)("kernel %i, %o", async (kernel, options) => {
      const problem = { spatial, kernel, options };
      const expected = await expectedOf(problem);
      const { outputs } = allProducts(problem).graph;
      (await compute(runtime, problem)).forEach((array, i) => {
        expect(array.shape).toEqual(expected[i]!.shape);
        assertClose(toNumbers(array), toNumbers(expected[i]!), 2e-5, outputs[i]!.name);
      });
    });
  });
});

test("the blocked formulations are the ones written for a processor with blocks, and only there", () => {
  const { graph } = allProducts({ spatial: [7, 6], kernel: 3, options: { padding: 1 } }, [sizes[0]]);
  const written = (block: number) =>
    new TextDecoder("latin1").decode(emit(graph, { device: { kind: "native", block, contrib: true } }));
  expect(written(16).split("ReorderInput").length - 1).toBe(3); // x, dy (once for two products), images as channels
  expect(written(0)).not.toContain("nchwc");
});
