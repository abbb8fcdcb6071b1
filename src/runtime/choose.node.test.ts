import { afterEach, describe, expect, test, vi } from "vitest";
import { SampoError, UsageError } from "../base/errors.ts";
import { float32, toNested } from "../base/host.ts";
import type { Tensor } from "../graph/index.ts";
import { openRuntime } from "./choose.node.ts";
import { jit } from "./jit.ts";

const twice = async (device: string) => {
  const runtime = await openRuntime({ device, threads: 1 });
  const run = jit((x: Tensor) => x.mul(2), runtime);
  const result = toNested(await run(float32([1, 2])));
  await run.dispose();
  return { runtime, result };
};

describe("openRuntime", () => {
  afterEach(() => {
    vi.doUnmock("onnxruntime-node");
    vi.resetModules();
  });

  test.each(["auto", "cpu", "wasm", "reference"])("opens %s and says what it is", async (device) => {
    const { runtime, result } = await twice(device);
    expect(runtime.name).toBe(device === "auto" ? "cpu" : device);
    expect(runtime.notes[0]).toMatch(/processor, 1 thread|WebAssembly, 1 thread|float64 interpreter/);
    expect(result).toEqual([2, 4]);
  });

  test("suggests the device that was meant", async () => {
    await expect(openRuntime({ device: "wsam" })).rejects.toThrow(UsageError);
    await expect(openRuntime({ device: "wsam" })).rejects.toThrow(
      'Unknown device "wsam"; did you mean "wasm"? Known: auto, cpu, reference, wasm, webgpu.',
    );
  });

  test.each([0, -1, 1.5, Number.NaN])("refuses %s threads", async (threads) => {
    await expect(openRuntime({ threads })).rejects.toThrow(/number of threads must be a positive integer/);
  });

  test("says how to get the native engine where it is missing, and computes in WebAssembly", async () => {
    vi.resetModules();
    vi.doMock("onnxruntime-node", () => {
      throw new Error("Cannot find module");
    });
    const { openRuntime: open } = await import("./choose.node.ts");
    await expect(open({ device: "cpu" })).rejects.toThrow(/ONNXRUNTIME_NODE_INSTALL=skip npm install onnxruntime-node/);
    const runtime = await open({ threads: 1 });
    expect(runtime.name).toBe("wasm");
    expect(runtime.notes.join(" ")).toMatch(/native engine is not installed.*more slowly/);
  });
});

describe("errors of the engine", () => {
  test("are one sentence", async () => {
    const { loadModel } = await import("./ort/native.node.ts");
    const failure = await loadModel(Uint8Array.of(1, 2, 3)).catch((error: unknown) => error);
    expect(failure).toMatchObject({ name: SampoError.name });
    expect(String((failure as Error).message)).toMatch(/^ONNX Runtime could not load the model: [^\n]+$/);
  });
});
