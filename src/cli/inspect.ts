import { UsageError } from "../base/errors.ts";
import { type AnyModel, type Capabilities, can } from "../models/contract.ts";
import type { OptionSpec } from "./command.ts";
import { wholeNumber } from "./parse.ts";

/** The order that is looked at, for models with several. */
export const orderOption: OptionSpec = {
  flags: "--order <number>",
  description: "which of the model's orders, numbered from 0 (0)",
  parse: wholeNumber(0),
};

/** A text given in words or as a file. */
export const textOption: OptionSpec = {
  flags: "--text <text>",
  description: "a text of your own, for models of text; \\n is a line's end",
};

/** The model with surprise or causality, or one sentence that its kind has none. */
export function inspectable<C extends "surprise" | "causality">(
  model: AnyModel,
  wanted: C,
): AnyModel & Pick<Capabilities, C> {
  if (can(model, wanted)) return model;
  const what = { surprise: "no surprise of single variables", causality: "no causality to look at" }[wanted];
  const why = can(model, "surprise")
    ? "what it predicts from is a table of the last tokens, or the law of a hidden state"
    : "it does not predict its variables one after the other, as made, pixelcnn or gpt do";
  throw new UsageError(`A ${model.name} has ${what}: ${why}.`);
}
