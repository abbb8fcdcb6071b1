import { bayes, data, distributions, models, probability, programs, random, referenceRuntime, training } from "sampo";

const lawn = `network lawn {}
variable rain { type discrete [ 2 ] { yes, no }; }
variable sprinkler { type discrete [ 2 ] { on, off }; }
variable grass { type discrete [ 2 ] { wet, dry }; }
probability ( rain ) { table 0.2, 0.8; }
probability ( sprinkler | rain ) { (yes) 0.01, 0.99; (no) 0.4, 0.6; }
probability ( grass | sprinkler, rain ) {
  (on, yes) 0.99, 0.01; (on, no) 0.9, 0.1; (off, yes) 0.8, 0.2; (off, no) 0.0, 1.0;
}`;

/** Rows that a naive Bayes draws after it has counted a generated table. */
async function drawnRows(): Promise<number[]> {
  const dataset = data.embedded("table", { counts: { train: 400, valid: 50, test: 50 } });
  const entry = models.modelEntry("naive-bayes");
  const model = entry.make(entry.options.parse({}), dataset.spec);
  const runtime = referenceRuntime();
  let params: models.Params = {};
  const config = entry.presets.small!.training;
  for await (const event of training.train(model, { dataset, encoding: {} }, config, { seed: 0, runtime }))
    if (event.type === "checkpoint") params = event.state.params;
  const { data: rows } = await model.sample!(models.bind(runtime, params), { count: 5, key: random.key(2) });
  return Array.from(rows);
}

/** The likelihood of a hidden Markov model fitted to tosses of two coins. */
function fittedCoins(): number {
  const tosses = Array.from("011011100000111101110000010000", Number);
  const { model } = probability.markov.fitHiddenMarkovModel([tosses], {
    states: 2,
    emission: { kind: "categorical", levels: 2 },
    key: random.key(3),
    restarts: 2,
  });
  return model.logProb(tosses);
}

/** Draws of a mean by NUTS; few, since trajectories magnify the last digits of logarithms. */
async function drawnMeans(): Promise<number[]> {
  const { normal } = distributions;
  const model = programs.program(({ sample, observe }) => {
    observe("x", normal({ mean: sample("mu", normal({ mean: 0, stdDev: 1 })), stdDev: 1 }), [1, 2, 1.5]);
  });
  const posterior = await programs.sampleNuts(model, { key: random.key(1), chains: 2, warmup: 20, draws: 10 });
  return Array.from(posterior.values.mu!.data);
}

/** Numbers of the classical family that must be the same everywhere: no engine takes part. */
export async function classical(): Promise<Readonly<Record<string, readonly number[]>>> {
  const network = bayes.readBif(lawn);
  return {
    rows: await drawnRows(),
    posterior: Array.from(bayes.posterior(network, ["rain", "sprinkler"], { grass: "wet" }).values),
    coins: [fittedCoins()],
    means: await drawnMeans(),
  };
}
