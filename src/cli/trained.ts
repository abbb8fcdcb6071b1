import { tokenizerOfRun } from "../artifacts/tokenizer.node.ts";
import { bindTrained, openTrained, type Trained } from "../artifacts/trained.node.ts";
import { UsageError } from "../base/errors.ts";
import type { Bound } from "../models/bound.ts";
import { type AnyModel, type Capabilities, type CapabilityName, can, capabilityNames } from "../models/contract.ts";
import type { Runtime } from "../runtime/index.ts";
import type { TrainingData } from "../training/index.ts";
import type { OptionSpec } from "./command.ts";
import { type DataSource, openData } from "./data.ts";
import type { Reporter } from "./output/index.ts";
import { runtimeFor, runtimeOptions } from "./runtime.ts";
import { usedConfig } from "./settings.ts";

/** Options of every command that uses a trained run. */
export const trainedOptions: readonly OptionSpec[] = [
  {
    flags: "--checkpoint <name>",
    description: "best by validation, or last",
    choices: ["auto", "best", "last"],
    default: "auto",
  },
  {
    flags: "--set <name=value>",
    description: "use the model with another value of an option that needs no training, as ensemble=128 of eonade",
    repeated: true,
  },
  ...runtimeOptions,
];

/** A trained run on a runtime. */
export interface InUse {
  readonly trained: Trained;
  readonly on: Bound;
  readonly runtime: Runtime;
}

/** Opens a run for use, works with it, and frees the engine. */
export async function withTrained<T>(
  folder: string,
  options: Readonly<Record<string, unknown>>,
  out: Reporter,
  work: (use: InUse) => Promise<T>,
): Promise<T> {
  const sets = (options.set as readonly string[] | undefined) ?? [];
  const trained = openTrained(folder, options.checkpoint as "auto", (entry, configuration) =>
    sets.length === 0 ? configuration : usedConfig(entry, configuration, sets),
  );
  const runtime = await runtimeFor(options, out);
  try {
    return await work({ trained, on: bindTrained(trained, runtime), runtime });
  } finally {
    await runtime.dispose();
  }
}

/** The data a run was trained on, opened again; refuses data that has changed since. */
export async function dataOfRun({ run }: Trained, out: Reporter): Promise<TrainingData> {
  const data = await openData(run.manifest.data.source as unknown as DataSource, out, tokenizerOfRun(run));
  if (data.dataset.hash !== run.manifest.data.hash)
    throw new UsageError(
      `The data ${data.dataset.name} is no longer what ${run.folder} was trained on (its hash differs).`,
    );
  return data;
}

/** The model with the capabilities, or one sentence that it lacks one. */
export function capable<C extends CapabilityName>(
  model: AnyModel,
  ...wanted: readonly C[]
): AnyModel & Pick<Capabilities, C> {
  const missing = wanted.find((name) => !can(model, name));
  if (missing === undefined) return model as AnyModel & Pick<Capabilities, C>;
  const able = capabilityNames.filter((name) => can(model, name));
  throw new UsageError(`A ${model.name} cannot ${missing}; it can ${able.join(", ")}.`);
}

/** Labels for `count` examples from a list such as 0,1,2 that repeats; checked against the model's classes. */
export function labelsFor(model: AnyModel, list: readonly number[] | undefined, count: number): { labels?: number[] } {
  const classes = model.data.classes?.length ?? 0;
  if (!model.conditional) {
    if (list)
      throw new UsageError(`This ${model.name} is not conditioned on labels; train it with --set conditional=true.`);
    return {};
  }
  const chosen = list ?? Array.from({ length: classes }, (_, i) => i);
  const wrong = chosen.find((label) => label >= classes);
  if (wrong !== undefined) throw new UsageError(`${wrong} is not a class: labels run from 0 to ${classes - 1}.`);
  return { labels: Array.from({ length: count }, (_, i) => chosen[i % chosen.length]!) };
}
