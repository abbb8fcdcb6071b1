import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { castHost, float32, full, HostArray, int64, toNested, toNumbers, zeros } from "../../src/base/host.ts";
import { Spec, type Tensor, trace } from "../../src/graph/index.ts";
import { type Case, tracedDType } from "../../src/graph/testing/case.ts";
import { primitiveCases } from "../../src/graph/testing/cases.ts";
import { assertClose, results } from "../../src/graph/testing/check.ts";
import { openRuntime } from "../../src/runtime/choose.node.ts";
import { compileStep, jit, type Runtime, referenceRuntime } from "../../src/runtime/index.ts";

interface Candidate {
  readonly name: string;
  readonly open: () => Promise<Runtime>;
}

const candidates: readonly Candidate[] = [
  { name: "reference", open: () => openRuntime({ device: "reference" }) },
  { name: "native", open: () => openRuntime({ device: "cpu", threads: 1 }) },
  { name: "wasm", open: () => openRuntime({ device: "wasm", threads: 1 }) },
  ...(process.env.SAMPO_TEST_WEBGPU ? [{ name: "webgpu", open: () => openRuntime({ device: "webgpu" }) }] : []),
];

if (!process.env.SAMPO_TEST_WEBGPU)
  test.skip("the webgpu runtime (set SAMPO_TEST_WEBGPU where there is a graphics adapter)", () => {});

/** What WebGPU cannot be held to, and why: WGSL promises neither NaN nor infinities, and 2^-11 for trigonometry. */
function webgpuReason({ op, title }: Case): string | undefined {
  if (/special values|relative to a small|NaN/.test(title))
    return "WGSL promises neither NaN, infinities nor full precision";
  return op === "convInputGrad" && title.startsWith("depthwise") ? "wrong in ONNX Runtime 1.30" : undefined;
}

/** Relative error allowed to a runtime: the case's own, more for the arithmetic of graphics processors. */
function toleranceOf(runtime: Runtime, c: Case): number {
  return Math.max(c.tolerance ?? 1e-5, runtime.name === "webgpu" ? 1e-3 : 0);
}

/** The arguments of a case as an engine takes them. */
const asArguments = (c: Case) => c.args.map((arg) => castHost(arg, tracedDType(arg)));

async function compute(runtime: Runtime, c: Case, args: readonly HostArray[]): Promise<HostArray[]> {
  const { graph } = trace(((...tensors: Tensor[]) => results(c, tensors)) as never, args);
  const executable = await runtime.compile(graph);
  const values = await executable.run(args);
  await executable.dispose();
  return values;
}

async function compareWithReference(runtime: Runtime, c: Case): Promise<void> {
  const args = asArguments(c);
  const expected = await compute(referenceRuntime({ keepDouble: true }), c, args);
  const actual = await compute(runtime, c, args);
  actual.forEach((array, i) => {
    expect(array.shape).toEqual(expected[i]!.shape);
    assertClose(toNumbers(array), toNumbers(expected[i]!), toleranceOf(runtime, c), `result ${i}`);
  });
}

describe.each(candidates)("the $name runtime", ({ name, open }) => {
  let runtime: Runtime;
  beforeAll(async () => {
    runtime = await open();
  });
  afterAll(() => runtime.dispose());

  describe("computes every primitive like the reference", () => {
    for (const c of name === "reference" ? primitiveCases.slice(0, 1) : primitiveCases) {
      const skipped = c.referenceOnly ?? (name === "webgpu" && webgpuReason(c));
      const title = `${c.op}: ${c.title}`;
      if (skipped) test.skip(`${title} (${skipped})`);
      else test(title, () => compareWithReference(runtime, c));
    }
  });

  test("keeps dtypes: float32, int64 and bool in and out", async () => {
    const fn = jit(
      (x: Tensor, i: Tensor, b: Tensor) => ({ x: x.add(1), i: i.add(i), b: b.not(), c: x.greater(1) }),
      runtime,
    );
    const result = await fn(float32([1, 2]), int64([5, -6]), new HostArray("bool", [2], Uint8Array.of(0, 1)));
    const seen = Object.values(result).map((array) => [array.dtype, toNested(array)]);
    expect(seen).toEqual([
      ["float32", [2, 3]],
      ["int64", [10, -12]],
      ["bool", [1, 0]],
      ["bool", [0, 1]],
    ]); // prettier-ignore
    await fn.dispose();
  });

  test("takes and returns scalars and empty arrays", async () => {
    const fn = jit((x: Tensor, y: Tensor) => [x.mul(2), y.mul(2), y.sum()], runtime);
    const [x, y, sum] = await fn(3, zeros("float32", [0, 4]));
    expect([x!.shape, toNested(x!), y!.shape, toNested(sum!)]).toEqual([[], 6, [0, 4], 0]);
    await fn.dispose();
  });

  test("returns an input, a constant and one value twice", async () => {
    const fn = jit((x: Tensor) => [x, x.add(1), x.add(1), x.mul(1)], runtime);
    const input = float32([1, 2]);
    const list = await fn(input);
    expect(list.map(toNested)).toEqual([
      [1, 2],
      [2, 3],
      [2, 3],
      [1, 2],
    ]); // prettier-ignore
    (input.data as Float32Array).fill(9);
    expect(toNested(list[0]!)).toEqual([1, 2]);
    await fn.dispose();
  });

  test("writes every dtype into given arrays, at their place in a larger buffer", async () => {
    const fn = (x: Tensor, i: Tensor) => [x.mul(2), i.add(i), x.greater(1), x.sum()];
    const { graph } = trace(fn as never, [new Spec([2]), new Spec([2], "int64")]);
    const executable = await runtime.compile(graph);
    const block = new Float32Array(6);
    const outputs = [
      new HostArray("float32", [2], block.subarray(1, 3)),
      int64([0, 0]),
      zeros("bool", [2]),
      new HostArray("float32", [], block.subarray(4, 5)),
    ];
    const returned = await executable.run(
      [new HostArray("float32", [2], Float32Array.of(7, 1, 2).subarray(1)), int64([3, 4])],
      outputs,
    );
    expect(returned.map((array, i) => array === outputs[i])).toEqual([true, true, true, true]);
    expect([...block]).toEqual([0, 2, 4, 0, 3, 0]);
    expect(toNested(outputs[1]!)).toEqual([6, 8]);
    expect(toNested(outputs[2]!)).toEqual([0, 1]);
    await executable.dispose();
  });

  test("keeps results of earlier runs when it runs again", async () => {
    const fn = jit((x: Tensor) => x.mul(2), runtime);
    const first = await fn(float32([1, 2, 3]));
    for (let i = 0; i < 20; i++) await fn(float32([i, i, i]));
    expect(toNested(first)).toEqual([2, 4, 6]);
    await fn.dispose();
  });

  test("keeps runs that start together apart", async () => {
    const double = jit((x: Tensor) => x.mul(2), runtime);
    const triple = jit((x: Tensor) => x.mul(3), runtime);
    const all = [1, 2, 3, 4].flatMap((value) => [
      double(full("float32", [3], value)),
      triple(full("float32", [3], value)),
    ]);
    const firsts = (await Promise.all(all)).map((array) => array.data[0]);
    expect(firsts).toEqual([2, 3, 4, 6, 6, 9, 8, 12]);
    await Promise.all([double.dispose(), triple.dispose()]);
  });

  test("trains: a compiled step follows the same arithmetic on the host", async () => {
    const example = { state: { w: float32([1, 2]) }, inputs: { x: new Spec([2]), rate: 1 } };
    const fn = (s: { w: Tensor }, i: { x: Tensor; rate: Tensor }) => ({
      state: { w: s.w.sub(s.w.sub(i.x).mul(i.rate)) },
      metrics: { loss: s.w.sub(i.x).square().sum() },
    });
    const step = await compileStep(fn, runtime, example);
    const w = [1, 2];
    for (let t = 0; t < 50; t++) {
      const x = [Math.sin(t), Math.cos(t)];
      const { loss } = await step.run({ x: float32(x), rate: 0.25 });
      expect(loss.data[0]).toBeCloseTo((w[0]! - x[0]!) ** 2 + (w[1]! - x[1]!) ** 2, 4);
      w.forEach((value, i) => {
        w[i] = value - (value - x[i]!) * 0.25;
      });
      expect(step.state.w.data[0]).toBeCloseTo(w[0]!, 5);
    }
    await step.dispose();
  });

  test("says which input has another shape, and how many there are", async () => {
    const { graph } = trace(((x: Tensor, y: Tensor) => x.add(y)) as never, [new Spec([2]), new Spec([2])]);
    const executable = await runtime.compile(graph);
    await expect(executable.run([float32([1, 2]), float32([1])])).rejects.toThrow(
      'input "1" of the compiled function is float32[2], got float32[1]',
    );
    await expect(executable.run([float32([1, 2])])).rejects.toThrow("has 2 inputs, got 1");
    await executable.dispose();
  });
});
