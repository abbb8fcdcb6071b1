import fs from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { decodeSafetensors, fillTree } from "../base/codec/safetensors.ts";
import { embedded } from "../data/embedded.ts";
import { modelEntry } from "../models/registry.ts";
import { decode } from "../onnx/index.ts";
import { fold, key, normal } from "../random/index.ts";
import { openRuntime } from "../runtime/choose.node.ts";
import { loadModel } from "../runtime/ort/native.node.ts";
import { decodeParams } from "../training/index.ts";
import { describeMachine, describeVersions } from "./environment.node.ts";
import { exportTrained, functionModel } from "./export.node.ts";
import { createRun } from "./run.node.ts";
import { bindTrained, openTrained } from "./trained.node.ts";
import { trainIntoRun } from "./training-run.node.ts";

const root = fs.mkdtempSync(join(tmpdir(), "sampo-export-"));
afterAll(() => fs.rmSync(root, { recursive: true, force: true }));

/** Twenty steps of a small model on generated digits, opened for use. */
async function trainedRun(options: Record<string, unknown>) {
  const dataset = embedded("digits-binary", { counts: { train: 200, valid: 50, test: 50 } });
  const entry = modelEntry("vae");
  const configuration = entry.options.parse({ hidden: [16], latent: 3, ...options });
  const config = { ...entry.presets.small!.training, batchSize: 50, steps: 20, validateEvery: 10 };
  const model = entry.make(configuration, dataset.spec);
  const { name, hash, protocol, spec } = dataset;
  const folder = fs.mkdtempSync(join(root, "run-"));
  const run = createRun(folder, {
    model: "vae",
    configuration: configuration as never,
    training: { ...config } as never,
    data: { name, hash, protocol, source: {}, spec: JSON.parse(JSON.stringify(spec)) as never },
    seed: 0,
    versions: describeVersions(),
    machine: describeMachine(),
    command: ["train", "vae"],
  });
  const runtime = await openRuntime({ threads: 1 });
  const data = { dataset, encoding: {} };
  for await (const _ of trainIntoRun({ run, model, data, config, options: { seed: 0, runtime } }));
  run.release();
  const trained = openTrained(folder);
  return { trained, on: bindTrained(trained, runtime) };
}

describe("export", () => {
  for (const options of [{}, { conditional: true }, { network: "conv", channels: [4, 8], activation: "relu" }])
    it(`writes a model that computes the same at any batch size: ${JSON.stringify(options)}`, async () => {
      const { trained, on } = await trainedRun(options);
      const folder = join(root, `exported-${Object.keys(options).join("-")}`);
      const { functions, files } = await exportTrained(trained, on, folder);
      expect(functions.map(({ name }) => name)).toEqual(["encode", "decode", "sample", "logProb"]);
      for (const file of files) expect(fs.statSync(join(folder, file)).size).toBeGreaterThan(0);
      for (const { largestDifference } of functions) expect(largestDifference).toBeLessThan(1e-4);
      const encoder = await loadModel(fs.readFileSync(join(folder, "encode.onnx")));
      expect(encoder.inputNames[0]).toBe("x");
      await encoder.dispose();
    });

  it("names the batch axis and the parameters, and reads the weights back by name", async () => {
    const { trained, on } = await trainedRun({});
    const bytes = functionModel(trained.model.functions.decode!, trained.params, "vae-decode");
    const { graph } = decode(bytes);
    expect(graph.inputs[0]).toMatchObject({ name: "z", shape: ["batch", 3] });
    expect(Object.keys(graph.constants)).toContain("decoder/0/weight");
    const folder = join(root, "weights");
    await exportTrained(trained, on, folder);
    const { tensors } = decodeSafetensors(fs.readFileSync(join(folder, "parameters.safetensors")));
    expect(fillTree<unknown>(trained.params, tensors)).toEqual(trained.params);
    const file = fs.readFileSync(join(folder, "parameters.safetensors"));
    expect(decodeParams(file, trained.params, "vae", "the export")).toEqual(trained.params);
    expect(() => decodeParams(file, trained.params, "made", "the export")).toThrow(/not of "made"/);
    const z = normal(fold(key(1), 0), [7, 3]);
    const loaded = await loadModel(bytes);
    const { mean } = await loaded.run({ z });
    const expected = await trained.model.decode!(on, z, { key: key(0) });
    expected.data.forEach((value, i) => {
      expect(Number(mean!.data[i])).toBeCloseTo(value, 5);
    });
    await loaded.dispose();
  });
});
