import { UsageError } from "../../base/errors.ts";
import { HostArray } from "../../base/host.ts";
import { type Shape, sizeOf } from "../../base/shape.ts";
import type { Density, LogDensity, NoiseLeaf } from "../../distributions/index.ts";
import { input, type Tensor } from "../../graph/index.ts";
import { fillGumbel, fillNormal, fillUniform, fold, type Key } from "../../random/index.ts";
import { type DoublePlan, planDouble } from "../../runtime/index.ts";
import { hostSampler, Stream } from "./host-laws.ts";
import type { Draws, Posterior } from "./posterior.ts";
import type { Program } from "./program.ts";
import { perform } from "./statements.ts";

/** How a law is drawn: what must be computed, with which noise, and what is left to do on the host. */
interface Recipe {
  readonly outputs: readonly Tensor[];
  readonly noise: readonly { readonly tensor: Tensor; readonly law: NoiseLeaf["law"] }[];
  finish?(values: readonly Float64Array[], out: Float64Array, stream: Stream): void;
}

const hasSampler = (law: LogDensity): law is Density => "sample" in law && "noise" in law;

function recipe(statement: string, name: string, law: LogDensity, batch: Shape, shape: Shape): Recipe {
  if (hasSampler(law)) {
    const noise: { tensor: Tensor; law: NoiseLeaf["law"] }[] = [];
    const make = (leaf: unknown): unknown => {
      if (!isLeaf(leaf)) return mapEntries(leaf as Record<string, unknown>, make);
      const tensor = input({ shape: [...batch, ...leaf.shape.slice(law.batch.length)], dtype: "float32" });
      noise.push({ tensor, law: leaf.law });
      return tensor;
    };
    const draw = law.sample(make(law.noise) as never);
    return { outputs: [draw.dtype === "float32" ? draw.broadcastTo(shape) : draw], noise };
  }
  const host = hostSampler(law, shape);
  if (!host)
    throw new UsageError(`${statement}("${name}"): nothing is known about drawing from a law of family ${law.family}.`);
  return { outputs: host.parameters, noise: [], finish: host.draw };
}

const isLeaf = (value: unknown): value is NoiseLeaf => typeof (value as NoiseLeaf).law === "string";
const mapEntries = (tree: Record<string, unknown>, fn: (value: unknown) => unknown) =>
  Object.fromEntries(Object.entries(tree).map(([key, value]) => [key, fn(value)]));

/** One statement made ready: fill in the latent values before it, draw its noise, run, finish. */
interface Stage {
  readonly kind: "sample" | "observe" | "derive";
  readonly name: string;
  readonly shape: Shape;
  readonly before: readonly string[];
  readonly plan: DoublePlan;
  readonly recipe: Recipe;
}

/** All statements of a program in order, each as a function of the latent variables before it. */
function stages(model: Program): Stage[] {
  const latent: { name: string; tensor: Tensor }[] = [];
  const made: Stage[] = [];
  const add = (kind: Stage["kind"], name: string, shape: Shape, how: Recipe) => {
    const inputs = [...latent, ...how.noise.map(({ tensor }, i) => ({ name: `noise${i}`, tensor }))];
    const plan = planDouble({ inputs, outputs: how.outputs.map((tensor, i) => ({ name: `out${i}`, tensor })) });
    made.push({ kind, name, shape, before: latent.map((one) => one.name), plan, recipe: how });
  };
  perform(model.body, {
    sample: ({ name, law, batch, shape }) => {
      add("sample", name, shape, recipe("sample", name, law, batch, shape));
      const tensor = input({ shape, dtype: "float32" });
      latent.push({ name, tensor });
      return tensor;
    },
    observe: ({ name, law, batch, shape }) => add("observe", name, shape, recipe("observe", name, law, batch, shape)),
    derive: (name, value) => add("derive", name, value.shape, { outputs: [value], noise: [] }),
  });
  return made;
}

const fills = { normal: fillNormal, uniform: fillUniform, gumbel: fillGumbel };

/** Runs a stage: the value of its statement for one set of latent values and one key. */
function runStage({ before, plan, recipe: how, shape }: Stage, known: ReadonlyMap<string, Float64Array>, key: Key) {
  before.forEach((name, i) => {
    plan.inputs[i]!.set(known.get(name)!);
  });
  how.noise.forEach(({ tensor, law }, i) => {
    const noise = new Float32Array(tensor.size);
    fills[law](fold(key, i), noise);
    plan.inputs[before.length + i]!.set(noise);
  });
  plan.run();
  const out = new Float64Array(sizeOf(shape));
  if (how.finish) how.finish(plan.outputs, out, new Stream(key));
  else out.set(plan.outputs[0]!);
  return out;
}

/** Collects values of statements over draws. */
function collector(kept: readonly Stage[], lead: Shape) {
  const arrays = new Map(
    kept.map(({ name, shape }) => [
      name,
      new HostArray("float64", [...lead, ...shape], new Float64Array(sizeOf(lead) * sizeOf(shape))),
    ]),
  );
  return {
    put: (name: string, draw: number, value: Float64Array) => arrays.get(name)!.data.set(value, draw * value.length),
    draws: (): Draws => Object.fromEntries(arrays),
  };
}

/**
 * Draws of everything from the prior: latent variables, derived quantities and the data one would see, [draws, ...shape]
 * by name. Draw i depends on the key and i alone.
 */
export function priorPredictive(model: Program, { key, draws }: { readonly key: Key; readonly draws: number }): Draws {
  const all = stages(model);
  const collected = collector(all, [draws]);
  for (let i = 0; i < draws; i++) {
    const known = new Map<string, Float64Array>();
    all.forEach((stage, s) => {
      const value = runStage(stage, known, fold(fold(key, i), s));
      known.set(stage.name, value);
      collected.put(stage.name, i, value);
    });
  }
  return collected.draws();
}

/** Data that the model would generate for each posterior draw: [chains, draws, ...shape] by the observations' names. */
export function posteriorPredictive(posterior: Posterior, { key }: { readonly key: Key }): Draws {
  const all = stages(posterior.program);
  const observed = all.flatMap((stage, s) => (stage.kind === "observe" ? [{ stage, s }] : []));
  const { chains, draws, values } = posterior;
  const collected = collector(
    observed.map(({ stage }) => stage),
    [chains, draws],
  );
  for (let i = 0; i < chains * draws; i++) {
    const known = new Map(
      posterior.program.latents.map(({ name, shape }) => {
        const size = sizeOf(shape);
        return [name, values[name]!.data.subarray(i * size, (i + 1) * size)];
      }),
    );
    for (const { stage, s } of observed) collected.put(stage.name, i, runStage(stage, known, fold(fold(key, i), s)));
  }
  return collected.draws();
}
