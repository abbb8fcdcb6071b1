import * as ort from "onnxruntime-node";
import { describe, expect, test } from "vitest";
import { SampoError } from "../../base/errors.ts";
import { float32, HostArray, toNested } from "../../base/host.ts";
import { Spec, type Tensor, trace } from "../../graph/index.ts";
import { nativeRuntime } from "./native.node.ts";
import type { Ort } from "./session.ts";
import { stopMessage } from "./uncopied.ts";

const compiled = async (size: number) => {
  const { graph } = trace((x: Tensor) => x.add(1), [new Spec([size])]);
  return (await nativeRuntime({ threads: 1 })).compile(graph);
};

describe("runs into given arrays", () => {
  test("end before outputs are copied, in this version of the engine", async () => {
    expect(await stopMessage(ort as unknown as Ort, { logSeverityLevel: 3 })).toMatch(/Non tensor type/);
  });

  test("make no array buffer", async () => {
    const size = 1_000_000;
    const executable = await compiled(size);
    const [x, y] = [new Float32Array(size).fill(2), new Float32Array(size)];
    const binding = executable.bind([new HostArray("float32", [size], x)], [new HostArray("float32", [size], y)]);
    const before = process.memoryUsage().arrayBuffers;
    for (let run = 0; run < 5; run++) await binding.run();
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(4 * size);
    expect(y.every((value) => value === 3)).toBe(true);
    await executable.dispose();
  });

  test("give fresh arrays where none are given", async () => {
    const executable = await compiled(2);
    const [first] = await executable.run([float32([1, 2])]);
    const [second] = await executable.run([float32([5, 6])]);
    expect([first, second].map((array) => toNested(array!))).toEqual([
      [2, 3],
      [6, 7],
    ]);
  });

  test("still tell what went wrong inside", async () => {
    const executable = await compiled(2);
    await executable.dispose();
    await expect(executable.run([float32([1, 2])])).rejects.toThrow(SampoError);
  });
});

test("an engine that cannot end there is taken as it is", async () => {
  const create = async () => ({ run: async () => ({}), release: async () => {} });
  const other = { Tensor: ort.Tensor, InferenceSession: { create } } as unknown as Ort;
  expect(await stopMessage(other, {})).toBeUndefined();
});
