import { SampoError, UsageError } from "../../base/errors.ts";
import type { DataSpec } from "../../data/types.ts";
import type { ModelEntry } from "../../models/contract.ts";
import { checkData, modelEntry } from "../../models/registry.ts";
import { modelConfig, presetOf } from "../settings.ts";

/** One model that takes part, with the preset it is trained with. */
export interface Contestant {
  /** What it is called, and its run folder: the model's name, with the preset where that is not the common one. */
  readonly name: string;
  readonly entry: ModelEntry;
  readonly preset: string;
  /** Seconds of training, where it gets less than the others. */
  readonly seconds?: number;
  /** Options of train beside the preset: `set`, `learningRate` and so on. */
  readonly training?: Readonly<Record<string, unknown>>;
}

/** The contestants of a list such as `bernoulli,made,vae:burda`; throws, with a suggestion, where a name is unknown. */
export function contestantsOf(words: readonly string[], preset = "small"): Contestant[] {
  if (words.length === 0)
    throw new UsageError("Say which models to compare, for example: --models bernoulli,fvsbn,vae");
  const contestants = words.map((word): Contestant => {
    const [model = "", own] = word.split(":");
    const entry = modelEntry(model);
    const chosen = own ?? preset;
    presetOf(entry, chosen);
    return { name: own === undefined ? model : `${model}-${own}`, entry, preset: chosen };
  });
  return contestants.filter(({ name }, i) => contestants.findIndex((one) => one.name === name) === i);
}

/** Its configuration for data of that kind, or why it cannot model such data. */
export function configured(
  { entry, preset, training }: Contestant,
  spec: DataSpec,
): { readonly configuration: Record<string, unknown> } | { readonly reason: string } {
  const configuration = modelConfig(entry, presetOf(entry, preset), (training?.set as string[] | undefined) ?? []);
  try {
    checkData(entry, spec);
    entry.make(configuration, spec);
    return { configuration };
  } catch (error) {
    if (error instanceof SampoError) return { reason: error.message };
    throw error;
  }
}
