import { decodeText, openingToken } from "../data/text/index.ts";
import { continueText } from "../models/continue.ts";
import { can } from "../models/contract.ts";
import { fold, key } from "../random/index.ts";
import { surprisingText } from "./inspection.node.ts";
import type { ReportInputs } from "./run-inputs.node.ts";

/** Tokens a report shows. */
const TOKENS = 400;

/** A text from the model, or as many lines as fit, where it was trained on text. */
export async function writeTexts({ trained: { model }, on, data }: ReportInputs) {
  const { tokenizer } = data.dataset;
  if (!tokenizer || !can(model, "read")) return [];
  const { boundary } = model.data;
  const count = boundary === undefined ? 1 : 20;
  const texts: number[][] = Array.from({ length: count }, () => []);
  const options = { key: fold(key(0), "report"), count, tokens: TOKENS };
  for await (const next of continueText(model, on, [openingToken(tokenizer, boundary)], options))
    for (const [i, token] of next.entries()) if (!texts[i]!.includes(boundary ?? -1)) texts[i]!.push(token);
  const text = texts.map((tokens) => decodeText(tokenizer, tokens)).join("");
  return [
    {
      title: boundary === undefined ? "A text drawn from the model, seed 0" : "Lines drawn from the model, seed 0",
      text,
    },
  ];
}

/** The beginning of the test text with what surprised the model in it. */
export async function readTexts({ trained: { model }, on, data: { dataset } }: ReportInputs) {
  return dataset.tokenizer ? surprisingText(model, on, dataset.tokenizer, dataset.splits.test.x) : [];
}
