import { z } from "zod";
import { capabilityNames, type LikelihoodKind, type ModelEntry } from "../../models/contract.ts";
import { modelEntry, registry } from "../../models/registry.ts";
import type { CommandSpec, Invocation, Result } from "../command.ts";
import { capabilitiesOf } from "../models.ts";
import { table } from "../output/index.ts";

/** `sampo models`. */
export const modelsCommand: CommandSpec = {
  name: "models",
  summary: "Every model with its paper; of one, its options and presets.",
  arguments: [["[name]", "name of a model"]],
  examples: ["models", "models vae"],
  run: models,
};

const kinds: Readonly<Record<LikelihoodKind | "none", string>> = {
  exact: "exact",
  "lower-bound": "lower bound",
  estimate: "estimate",
  unnormalised: "unnormalised",
  none: "none",
};

async function models({ args, out }: Invocation): Promise<Result> {
  const { bold } = out.colours;
  if (args[0] !== undefined) {
    const described = describe(modelEntry(args[0]));
    return { text: page(described, bold), json: described };
  }
  const all = registry.map(describe);
  const rows = all.map(({ name, title, kind, can, paper }) => [name, title, kinds[kind], can.join(" "), paper]);
  const columns = ["name", "model", "likelihood", "can", "paper"].map((title) => ({ title }));
  return { text: `${table(columns, rows, bold)}\n\nOptions and presets: sampo models <name>`, json: all };
}

/** One option as help and documentation show it. */
interface OptionDescription {
  readonly name: string;
  readonly values: string;
  readonly default: unknown;
  readonly description: string;
}

interface JsonSchema {
  readonly type?: string;
  readonly enum?: readonly unknown[];
  readonly items?: JsonSchema;
  readonly anyOf?: readonly JsonSchema[];
  readonly default?: unknown;
  readonly description?: string;
}

function valuesOf(schema: JsonSchema): string {
  if (schema.enum) return schema.enum.join(" | ");
  if (schema.anyOf) return schema.anyOf.map(valuesOf).join(" | ");
  if (schema.type === "array") return `list of ${valuesOf(schema.items ?? {})}`;
  if (schema.type === "integer") return "whole number";
  return schema.type ?? "any";
}

function optionsOf(entry: ModelEntry): OptionDescription[] {
  const { properties = {} } = z.toJSONSchema(entry.options, { unrepresentable: "any", io: "input" }) as {
    properties?: Record<string, JsonSchema>;
  };
  return Object.entries(properties).map(([name, schema]) => ({
    name,
    values: valuesOf(schema),
    default: schema.default ?? null,
    description: schema.description ?? "",
  }));
}

type Description = ReturnType<typeof describe>;

function describe(entry: ModelEntry) {
  const { name, family, title, paper, kind, presets } = entry;
  const can = capabilityNames.filter((capability) => capabilitiesOf(entry).includes(capability));
  return { name, family, title, paper, kind, can, options: optionsOf(entry), presets };
}

const shown = (value: unknown) => (Array.isArray(value) ? value.join(",") : value === null ? "" : String(value));

function page({ name, title, paper, kind, can, options, presets }: Description, bold: (text: string) => string) {
  const optionTable = table(
    ["option", "default", "values", "what"].map((head) => ({ title: head })),
    options.map((option) => [option.name, shown(option.default), option.values, option.description]),
    bold,
  );
  const presetTable = table(
    ["preset", "what"].map((head) => ({ title: head })),
    Object.entries(presets).map(([preset, about]) => [preset, about.title]),
    bold,
  );
  return [
    `${bold(title)} (${name}). ${paper}.`,
    `Likelihood: ${kinds[kind]}. Can: ${can.join(", ")}.`,
    "",
    optionTable,
    "",
    presetTable,
    "",
    `For example: sampo train ${name} --data digits-binary --set ${options[0]?.name}=${shown(options[0]?.default)}`,
  ].join("\n");
}
