import { embedded } from "../../src/data/embedded.ts";
import { modelEntry } from "../../src/models/registry.ts";
import { openRuntime } from "../../src/runtime/choose.node.ts";
import { modelSpec, train } from "../../src/training/index.ts";

/** Trains 1,000 steps and prints the resident memory in MiB at every hundredth, after garbage collection. */
const data = {
  dataset: embedded("digits-binary", { size: 16, counts: { train: 1000, valid: 200, test: 1 } }),
  encoding: {},
};
const entry = modelEntry("vae");
const model = entry.make({ hidden: [64], latent: 8 }, modelSpec(data));
const runtime = await openRuntime({ device: "cpu" });
const config = { ...entry.presets.small!.training, validateEvery: 100, steps: 1000 };
const memory: number[] = [];
for await (const event of train(model, data, config, { seed: 0, runtime })) {
  if (event.type !== "validation") continue;
  for (let i = 0; i < 3; i++) {
    globalThis.gc!();
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  memory.push(process.memoryUsage.rss() / 2 ** 20);
}
process.stdout.write(JSON.stringify(memory));
