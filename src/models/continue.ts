import { UsageError } from "../base/errors.ts";
import type { HostArray } from "../base/host.ts";
import { fold, type Key, uniform } from "../random/index.ts";
import { type TokenChoice, tokenAt, tokenProbabilities } from "../samplers/index.ts";
import type { Bound } from "./bound.ts";
import type { AnyModel, Capabilities, TokenReader } from "./contract.ts";

/** How texts are continued. */
export interface ContinueOptions extends TokenChoice {
  readonly key: Key;
  /** How many texts, all with the same beginning. */
  readonly count: number;
  /** The most tokens drawn for each. */
  readonly tokens: number;
}

/** Uniforms drawn at once for each text. */
const BLOCK = 256;

/**
 * Continues a text token by token: yields one further token of each of `count` texts, as soon as they are drawn, until
 * `tokens` are drawn or every text has come to the boundary token; what comes after a text's own end says nothing. Each
 * text has its own stream of uniforms, so it does not depend on how many are drawn with it. A text that outgrows what the
 * model looks back on goes on from its last half of that: the last ⌊T/2⌋ tokens are read again, and T/2 more fit.
 */
export async function* continueText(
  model: AnyModel & Pick<Capabilities, "read">,
  on: Bound,
  prompt: ArrayLike<number>,
  { key, count, tokens, ...choice }: ContinueOptions,
): AsyncGenerator<Uint32Array, void> {
  const { boundary } = model.data;
  const texts = Array.from({ length: count }, () => Array.from(prompt));
  const keys = texts.map((_, i) => fold(key, i));
  let reader = model.read(on, count);
  checkPrompt(prompt.length, reader);
  let logits = await reader.read(texts);
  let read = prompt.length;
  let uniforms: Float32Array[] = [];
  for (let drawn = 0; drawn < tokens; drawn++) {
    if (drawn % BLOCK === 0) uniforms = keys.map((k) => uniform(k, [BLOCK], { offset: drawn }).data);
    const next = Uint32Array.from(texts, (text, i) =>
      tokenAt(tokenProbabilities(rowOf(logits, i), choice, text.slice(-reader.context)), uniforms[i]![drawn % BLOCK]!),
    );
    texts.forEach((text, i) => {
      text.push(next[i]!);
    });
    yield next;
    if (drawn + 1 === tokens || (boundary !== undefined && texts.every((text) => text.indexOf(boundary, 1) > 0)))
      return;
    if (read === reader.context) {
      if (boundary !== undefined) return;
      reader = model.read(on, count);
      read = Math.max(1, Math.floor(reader.context / 2));
      logits = await reader.read(texts.map((text) => text.slice(-read)));
    } else {
      logits = await reader.read(Array.from(next, (token) => [token]));
      read++;
    }
  }
}

function checkPrompt(length: number, { context }: TokenReader): void {
  if (length === 0) throw new UsageError("A text is continued from at least one token; give a prompt.");
  if (length > context)
    throw new UsageError(
      `The prompt has ${length} tokens, and the model looks back on ${context}: leave out its first ${length - context}.`,
    );
}

function rowOf(logits: HostArray<"float32">, row: number): Float32Array {
  const width = logits.shape[1]!;
  return logits.data.subarray(row * width, (row + 1) * width);
}
