/**
 * What a gradient of a small posterior costs in every place that could compute it, and effective draws a second:
 * node --import tsx bench/mcmc.ts. Processor time of this process, so that others on the machine disturb little.
 */
import { float32, type HostArray } from "../src/base/host.ts";
import { logDensity, type Program, program, sampleHmc, sampleNuts, summary } from "../src/bayes/program/index.ts";
import { bernoulli, halfCauchy, normal } from "../src/distributions/index.ts";
import { constant, gradients, loop, type Tensor } from "../src/graph/index.ts";
import { key, normal as normals, uniform } from "../src/random/index.ts";
import { openRuntime } from "../src/runtime/choose.node.ts";
import { jit, type Runtime, referenceRuntime } from "../src/runtime/index.ts";
import { doubleTarget, engineTarget, type Target } from "../src/samplers/index.ts";

const schools = program(({ sample, observe, derive }) => {
  const mu = sample("mu", normal({ mean: 0, stdDev: 5 }));
  const tau = sample("tau", halfCauchy({ scale: 5 }));
  const theta = derive(
    "theta",
    sample("eta", normal({ mean: 0, stdDev: 1 }), { shape: [8] })
      .mul(tau)
      .add(mu),
  );
  observe(
    "y",
    normal({ mean: theta, stdDev: float32([15, 10, 16, 11, 9, 11, 10, 18]) }),
    [28, 8, -3, 7, -1, 1, 18, 12],
  );
});

function regression(rows: number, columns: number): Program {
  const x: HostArray<"float32"> = normals(key(1), [rows, columns]);
  const y = Float32Array.from(uniform(key(2), [rows]).data, (u, i) =>
    Number(u < 1 / (1 + Math.exp(-x.data[i * columns]!))),
  );
  return program(({ sample, observe }) => {
    const weights = sample("w", normal({ mean: 0, stdDev: 2.5 }), { shape: [columns] });
    observe("y", bernoulli({ logits: constant(x).matmul(weights) }), y);
  });
}

/** Microseconds of processor time for one call, after a warm-up, over at least a quarter of a second. */
async function cost(call: () => unknown): Promise<number> {
  for (let i = 0; i < 20; i++) await call();
  const before = process.cpuUsage();
  let calls = 0;
  let spent = 0;
  while (spent < 250_000) {
    for (let i = 0; i < 20; i++) await call();
    calls += 20;
    const { user, system } = process.cpuUsage(before);
    spent = user + system;
  }
  return spent / calls;
}

/** Sixteen leapfrog steps inside the engine, as one call. */
async function trajectoryCost(model: Program, runtime: Runtime): Promise<number> {
  const density = logDensity(model);
  const slope = (q: Tensor) => gradients(density(q), [q])[0]!;
  const travel = jit((q: Tensor, p: Tensor) => {
    const body = (_: Tensor, state: { q: Tensor; p: Tensor }) => {
      const half = state.p.add(slope(state.q).mul(0.05));
      const next = state.q.add(half.mul(0.1));
      return { carry: { q: next, p: half.add(slope(next).mul(0.05)) } };
    };
    return loop(body, { init: { q, p }, count: 16 }).carry;
  }, runtime);
  const [q, p] = [1, 2].map((seed) => normals(key(seed), [model.dimension]));
  // Two gradients a step here (one could be carried), so a step is counted twice.
  const each = (await cost(() => travel(q!, p!))) / 32;
  await travel.dispose();
  return each;
}

const say = (what: string, value: number, unit: string) =>
  console.log(`${what.padEnd(64)} ${value.toPrecision(3)} ${unit}`);

const engine = await openRuntime({ threads: 1 });
const models: [string, Program][] = [
  ["eight schools", schools],
  ["logistic regression 1,000 × 10", regression(1000, 10)],
  ["logistic regression 50,000 × 20", regression(50_000, 20)],
];
for (const [name, model] of models) {
  const point = Float64Array.from(normals(key(3), [model.dimension]).data, (z) => 0.1 * z);
  const gradientCost = (target: Target) => cost(() => target.evaluate([point]));
  say(
    `${name}: gradient, float64 plan on the host`,
    await gradientCost(doubleTarget(logDensity(model), model.dimension)),
    "µs",
  );
  if (model === schools) {
    const reference = await engineTarget(logDensity(model), model.dimension, referenceRuntime());
    say(`${name}: gradient, reference interpreter`, await gradientCost(reference), "µs");
  }
  const native = await engineTarget(logDensity(model), model.dimension, engine);
  say(`${name}: gradient, ONNX Runtime, one thread`, await gradientCost(native), "µs");
  await native.dispose();
  say(`${name}: gradient inside a trajectory in ONNX Runtime`, await trajectoryCost(model, engine), "µs");
}

for (const [name, sampler] of Object.entries({ nuts: sampleNuts, hmc: sampleHmc })) {
  await sampler(schools, { key: key(9), warmup: 200, draws: 200 });
  const before = process.cpuUsage();
  const posterior = await sampler(schools, { key: key(10) });
  const { user, system } = process.cpuUsage(before);
  const seconds = (user + system) / 1e6;
  const least = Math.min(...summary(posterior).map(({ essBulk }) => essBulk));
  const steps = posterior.statistics.reduce(
    (sum, { leapfrogs, warmupLeapfrogs }) => sum + warmupLeapfrogs + leapfrogs.reduce((a, b) => a + b, 0),
    0,
  );
  say(`eight schools, ${name}, 4 × (1000 + 1000): all, with diagnostics`, seconds, "s");
  say(`eight schools, ${name}: a leapfrog step with all around it`, (seconds * 1e6) / steps, "µs");
  say(`eight schools, ${name}: least bulk effective draws a second, warm-up counted`, least / seconds, "/s");
}
await engine.dispose();
