import type { z } from "zod";
import { UsageError } from "../base/errors.ts";
import { unknownName } from "../base/suggest.ts";
import type { ModelEntry, Preset, TrainingConfig } from "../models/contract.ts";
import { optimizerNames, trainingSchema } from "../training/index.ts";
import type { OptionSpec } from "./command.ts";
import { realNumber, wholeNumber } from "./parse.ts";

/** Options that change how training runs, beside the preset. */
export const trainingOptions: readonly OptionSpec[] = [
  { flags: "--steps <number>", description: "stop after so many steps in all", parse: wholeNumber(1) },
  { flags: "--batch-size <number>", description: "examples per step", parse: wholeNumber(1) },
  { flags: "--learning-rate <number>", description: "peak learning rate", parse: realNumber(0) },
  { flags: "--optimizer <name>", description: "how gradients become steps", choices: optimizerNames },
  { flags: "--clip <norm>", description: "largest global gradient norm", parse: realNumber(0) },
  { flags: "--ema <decay>", description: "decay of the parameters' moving average", parse: realNumber(0) },
  {
    flags: "--warmup <steps>",
    description: "steps over which the learning rate grows from zero",
    parse: wholeNumber(1),
  },
  { flags: "--validate-every <steps>", description: "steps between validations", parse: wholeNumber(1) },
  { flags: "--patience <validations>", description: "stop after so many without a better one", parse: wholeNumber(1) },
];

const trainingNames = [
  "steps",
  "batchSize",
  "learningRate",
  "optimizer",
  "clip",
  "ema",
  "warmup",
  "validateEvery",
  "patience",
] as const;

/** The preset of that name. */
export function presetOf(entry: ModelEntry, name: string): Preset {
  const preset = entry.presets[name];
  if (!preset) throw new UsageError(unknownName(`preset of ${entry.name}`, name, Object.keys(entry.presets)));
  return preset;
}

/** Turns `latent=32`, `hidden=200,200` or `conditional=true` into a name and a value. */
function assignment(text: string): [string, unknown] {
  const at = text.indexOf("=");
  if (at < 1) throw new UsageError(`--set ${text}: expected name=value, for example --set latent=32`);
  return [text.slice(0, at).trim(), parsedValue(text.slice(at + 1).trim())];
}

function parsedValue(text: string): unknown {
  if (/^-?[\d.]+(,-?[\d.]+)+$/.test(text)) return text.split(",").map(Number);
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}

/** What is wrong first, as `latent: too small, expected number to be >0.` */
function firstProblem(error: z.ZodError, kebab = true): string {
  const { path, message } = error.issues[0]!;
  const word = path.map(String).join(".");
  const name = kebab ? word.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`) : word;
  return `${name}: ${message.charAt(0).toLowerCase()}${message.slice(1).replaceAll(": ", ", ")}.`;
}

/** A single number given where a list is expected becomes a list of one. */
function fitted(schema: z.ZodType, value: unknown): unknown {
  if (typeof value !== "number" || schema.safeParse(value).success) return value;
  return schema.safeParse([value]).success ? [value] : value;
}

/** The model configuration of a preset with `--set` assignments; every option filled in and checked. */
export function modelConfig(
  entry: ModelEntry,
  preset: Pick<Preset, "model">,
  sets: readonly string[],
): Record<string, unknown> {
  const { shape } = entry.options;
  const changes = sets.map(assignment).map(([name, value]) => {
    const schema = shape[name];
    if (!schema) throw new UsageError(unknownName(`option of ${entry.name}`, name, Object.keys(shape)));
    return [name, fitted(schema as z.ZodType, value)];
  });
  const parsed = entry.options.safeParse({ ...preset.model, ...Object.fromEntries(changes) });
  if (parsed.success) return parsed.data;
  throw new UsageError(`--set ${firstProblem(parsed.error, false)}`);
}

/** The configuration of a trained model with `--set` assignments; only options that shape no parameter can change. */
export function usedConfig(
  entry: ModelEntry,
  configuration: Readonly<Record<string, unknown>>,
  sets: readonly string[],
): Record<string, unknown> {
  const changeable = entry.changeable ?? [];
  for (const [name] of sets.map(assignment))
    if (!changeable.includes(name))
      throw new UsageError(
        `--set ${name}: a trained ${entry.name} is what it was trained as; ${changeable.length === 0 ? "none of its options" : `only ${changeable.join(" and ")}`} can change now.`,
      );
  return modelConfig(entry, { model: configuration }, sets);
}

/** The training configuration of a preset with the command line's changes. */
export function trainingConfig(preset: Preset, options: Readonly<Record<string, unknown>>): TrainingConfig {
  const given = trainingNames.flatMap((name) => (options[name] === undefined ? [] : [[name, options[name]] as const]));
  const parsed = trainingSchema.safeParse({ ...preset.training, ...Object.fromEntries(given) });
  if (parsed.success) return parsed.data as TrainingConfig;
  throw new UsageError(`--${firstProblem(parsed.error)}`);
}

/** Names of training options given on a command line: those that cannot change when a run goes on. */
export function changedTraining(options: Readonly<Record<string, unknown>>): string[] {
  return trainingNames.filter((name) => name !== "steps" && options[name] !== undefined);
}
