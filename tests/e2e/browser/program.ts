import { data, models, type Runtime, random, toNumbers, training } from "sampo";

/** What the program reports. */
export interface Report {
  readonly notes: readonly string[];
  /** Validation loss in nats after each step. */
  readonly losses: readonly number[];
  /** Means of 16 samples, 16 × 784 numbers. */
  readonly samples: readonly number[];
  readonly millisecondsPerStep: number;
}

/** Trains a small variational autoencoder on embedded digits and samples from it: the same program in Node and in a page. */
export async function trainAndSample(runtime: Runtime, steps: number, validateEvery = 1): Promise<Report> {
  const dataset = data.embedded("digits-binary", { counts: { train: 1000, valid: 100, test: 1 } });
  const model = models.vae({ hidden: [64], latent: 4, activation: "relu" }, dataset.spec);
  const config = { ...models.vaePresets.small!.training, batchSize: 50, steps, validateEvery };
  const losses: number[] = [];
  let params: models.Params = {};
  const start = performance.now();
  for await (const event of training.train(model, { dataset, encoding: {} }, config, { seed: 0, runtime })) {
    if (event.type === "validation") losses.push(event.metrics.loss!);
    if (event.type === "checkpoint") params = training.snapshot(training.evaluationParams(event.state));
  }
  const millisecondsPerStep = (performance.now() - start) / steps;
  const on = models.bind(runtime, params);
  const samples = await model.sample(on, { count: 16, key: random.key(1), mean: true });
  return { notes: runtime.notes, losses, samples: toNumbers(samples), millisecondsPerStep };
}
