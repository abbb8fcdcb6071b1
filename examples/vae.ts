import { writeFileSync } from "node:fs";
import { data, models, random, training } from "sampo";
import { gridPng, openRuntime } from "sampo/node";

const dataset = data.embedded("digits-binary", { counts: { train: 2000, valid: 200, test: 200 } });
const model = models.vae({ hidden: [128], latent: 8, activation: "relu" }, dataset.spec);
const runtime = await openRuntime();

let params: models.Params = {};
const config = { ...models.vaePresets.small!.training, validateEvery: 100, steps: 500 };
for await (const event of training.train(model, { dataset, encoding: {} }, config, { seed: 0, runtime })) {
  if (event.type === "validation") console.log(`step ${event.step}: ${event.metrics.loss?.toFixed(1)} nats`);
  if (event.type === "checkpoint") params = training.snapshot(training.evaluationParams(event.state));
}

const samples = await model.sample(models.bind(runtime, params), { count: 64, key: random.key(1) });
writeFileSync(process.argv[2] ?? "samples.png", gridPng(samples));
