import { describe, expect, test } from "vitest";
import { ShapeError } from "../base/errors.ts";
import { float32, scalar, toNested } from "../base/host.ts";
import { Spec, type Tensor } from "../graph/index.ts";
import { referenceRuntime } from "./reference.ts";
import { compileStep } from "./step.ts";

interface State {
  w: Tensor;
  count: Tensor;
}

/** w ← w + rate·x and count ← count + 1; the metric is Σ w·x before the step. */
const move = (state: State, { x, rate }: { x: Tensor; rate: Tensor }) => ({
  metrics: { dot: state.w.mul(x).sum() },
  state: { count: state.count.add(1), w: state.w.add(x.mul(rate)) },
});

const start = () => ({ w: float32([1, 2]), count: scalar(0) });
const compile = () =>
  compileStep(move, referenceRuntime(), { state: start(), inputs: { x: new Spec([2]), rate: 0.5 } });

describe("compileStep", () => {
  test("carries the state from run to run and reports metrics", async () => {
    const step = await compile();
    const seen: unknown[] = [];
    for (const rate of [1, 2, 0.5]) {
      const { dot } = await step.run({ x: float32([1, -1]), rate });
      seen.push(toNested(dot));
    }
    expect(seen).toEqual([-1, 1, 5]);
    expect(toNested(step.state.w)).toEqual([4.5, -1.5]);
    expect(toNested(step.state.count)).toBe(3);
  });

  test("copies the initial state and returns metrics that stay", async () => {
    const initial = start();
    const step = await compileStep(move, referenceRuntime(), { state: initial, inputs: { x: new Spec([2]), rate: 1 } });
    const first = await step.run({ x: float32([1, 1]), rate: 1 });
    await step.run({ x: float32([1, 1]), rate: 1 });
    await step.run({ x: float32([1, 1]), rate: 1 });
    expect(toNested(initial.w)).toEqual([1, 2]);
    expect(toNested(first.dot)).toBe(3);
  });

  test("snapshots survive later runs and can be loaded back", async () => {
    const step = await compile();
    await step.run({ x: float32([1, 1]), rate: 1 });
    const saved = step.snapshot();
    const after: unknown[] = [];
    for (let i = 0; i < 3; i++) await step.run({ x: float32([1, 1]), rate: 1 });
    after.push(toNested(step.state.w));
    step.load(saved);
    expect(toNested(saved.w)).toEqual([2, 3]);
    for (let i = 0; i < 3; i++) await step.run({ x: float32([1, 1]), rate: 1 });
    expect(toNested(step.state.w)).toEqual(after[0]);
  });

  test("never gives an output the memory of an input", async () => {
    const step = await compile();
    const before = step.state.w.data.buffer;
    await step.run({ x: float32([1, 1]), rate: 1 });
    expect(step.state.w.data.buffer).not.toBe(before);
    await step.run({ x: float32([1, 1]), rate: 1 });
    expect(step.state.w.data.buffer).toBe(before);
  });

  test("refuses to run while it runs", async () => {
    const step = await compile();
    const first = step.run({ x: float32([1, 1]), rate: 1 });
    await expect(step.run({ x: float32([1, 1]), rate: 1 })).rejects.toThrow(/still running; await it/);
    await first;
    await step.run({ x: float32([1, 1]), rate: 1 });
    expect(toNested(step.state.count)).toBe(2);
  });

  test("names the entry of the state that changes shape, is missing or is new", async () => {
    const runtime = referenceRuntime();
    const example = { state: { a: float32([1]), b: float32([1]) }, inputs: {} };
    type Pair = { a: Tensor; b: Tensor };
    const attempt = (fn: (state: Pair) => object) =>
      compileStep((state: Pair) => ({ state: fn(state) as Pair, metrics: {} }), runtime, example);
    await expect(attempt(({ a, b }) => ({ a, b: b.broadcastTo([2]) }))).rejects.toThrow(/state "b" from float32\[1\]/);
    await expect(attempt(({ a }) => ({ a, c: a }))).rejects.toThrow(/"b" but does not return/);
    await expect(attempt(({ a, b }) => ({ a, b, c: a }))).rejects.toThrow(ShapeError);
  });

  test("refuses inputs and states of other shapes", async () => {
    const step = await compile();
    await expect(step.run({ x: float32([1, 2, 3]), rate: 1 })).rejects.toThrow(/input "1\/x"/);
    expect(() => step.load({ w: float32([1]), count: scalar(0) })).toThrow(/"w"/);
    expect(toNested(step.state.w)).toEqual([1, 2]);
  });
});
