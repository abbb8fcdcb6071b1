import { describe, expect, test } from "vitest";
import { UsageError } from "../base/errors.ts";
import { float32, type HostArray, toNested } from "../base/host.ts";
import type { Tensor } from "../graph/index.ts";
import { jit } from "./jit.ts";
import { referenceRuntime } from "./reference.ts";

describe("jit", () => {
  test("takes and returns trees", async () => {
    const fn = (p: { w: Tensor; b: Tensor[] }, x: Tensor) => ({ y: x.mul(p.w), all: p.b.map((b) => b.add(1)) });
    const run = jit(fn, referenceRuntime());
    const result = await run({ w: float32([2, 3]), b: [float32([1]), float32([5])] }, float32([10, 20]));
    const y: HostArray = result.y;
    expect(toNested(y)).toEqual([20, 60]);
    expect(result.all.map(toNested)).toEqual([[2], [6]]);
  });

  test("compiles once for each combination of shapes and dtypes", async () => {
    let traces = 0;
    const run = jit((x: Tensor, scale: Tensor) => {
      traces++;
      return x.mul(scale);
    }, referenceRuntime());
    for (const scale of [1, 2, 3]) await run(float32([1, 2]), scale);
    expect(run.compilations).toBe(1);
    expect(toNested(await run(float32([1, 2, 3]), 2))).toEqual([2, 4, 6]);
    expect(run.compilations).toBe(2);
    expect(traces).toBe(2);
  });

  test("compiles once for calls that start together", async () => {
    const run = jit((x: Tensor) => x.mul(2), referenceRuntime());
    const results = await Promise.all([1, 2, 3].map((value) => run(float32([value]))));
    expect(results.map(toNested)).toEqual([[2], [4], [6]]);
    expect(run.compilations).toBe(1);
  });

  test("tries again after a failed compilation", async () => {
    let fails = true;
    const run = jit((x: Tensor) => (fails ? x.add(float32([1, 2, 3])) : x), referenceRuntime());
    await expect(run(float32([1, 2]))).rejects.toThrow(/do not broadcast/);
    fails = false;
    expect(toNested(await run(float32([1, 2])))).toEqual([1, 2]);
  });

  test("says which argument is no array", async () => {
    const run = jit((x: { w: Tensor }) => x.w, referenceRuntime());
    await expect(run({ w: "text" as unknown as number })).rejects.toThrow(UsageError);
    await expect(run({ w: "text" as unknown as number })).rejects.toThrow(/argument 0\/w/);
  });
});
