import { z } from "zod";
import { DataError } from "../../base/errors.ts";
import { unspell } from "./alphabet.ts";
import { type Bpe, bpeTokenizer } from "./bpe.ts";
import { charTokenizer } from "./char.ts";
import type { AddedToken } from "./format.ts";
import type { Tokenizer } from "./tokenizer.ts";

const level = z.looseObject({
  type: z.literal("ByteLevel"),
  add_prefix_space: z.boolean(),
  use_regex: z.boolean().default(true),
});
const merge = z.union([z.string(), z.tuple([z.string(), z.string()])]);

const schema = z.looseObject({
  added_tokens: z.array(z.looseObject({ id: z.int().nonnegative(), content: z.string().min(1) })).default([]),
  normalizer: z.unknown().optional(),
  pre_tokenizer: z.unknown().optional(),
  model: z.looseObject({
    type: z.string(),
    vocab: z.record(z.string(), z.int().nonnegative()),
    merges: z.array(merge).default([]),
    byte_fallback: z.boolean().default(false),
    continuing_subword_prefix: z.string().nullish(),
    end_of_word_suffix: z.string().nullish(),
  }),
});

type File = z.infer<typeof schema>;

/** Reads a tokenizer.json: byte-level pair encodings with GPT-2's regular expression or none, and Sampo's characters. */
export function readTokenizer(content: string, where: string): Tokenizer {
  const file = parsed(content, where);
  refuseOthers(file, where);
  const tokens = tokenList(file.model.vocab, file.added_tokens, where);
  if (file.pre_tokenizer === null || file.pre_tokenizer === undefined) {
    if (file.model.merges.length === 0) return characters(tokens, where);
    throw new DataError(`${where} has no byte-level pre-tokeniser; Sampo reads byte-level encodings such as GPT-2's.`);
  }
  const { use_regex: words } = level.parse(file.pre_tokenizer);
  const merges = file.model.merges.map((one) => (typeof one === "string" ? splitMerge(one, where) : one));
  return byteLevel({ tokens, merges, added: file.added_tokens, words }, where);
}

function parsed(content: string, where: string): File {
  let value: unknown;
  try {
    value = JSON.parse(content);
  } catch (error) {
    throw new DataError(
      `${where} is no JSON (${(error as Error).message.replace(/\s+/g, " ")}); give a tokenizer.json.`,
    );
  }
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const { path, message } = result.error.issues[0]!;
  throw new DataError(`${where} is no tokenizer.json: ${path.join(".") || "the file"}: ${message}.`);
}

/** One sentence for every kind of file that would be read as something it is not. */
function refuseOthers({ model, normalizer, pre_tokenizer: cut }: File, where: string): void {
  const only = "Sampo reads byte-level pair encodings with GPT-2's regular expression";
  if (model.type !== "BPE") throw new DataError(`${where} holds a ${model.type} model; ${only}.`);
  if (normalizer !== null && normalizer !== undefined)
    throw new DataError(`${where} normalises text, so that it cannot be had back exactly; ${only}.`);
  if (model.byte_fallback || model.continuing_subword_prefix || model.end_of_word_suffix)
    throw new DataError(`${where} marks parts of words in another way; ${only}.`);
  if (cut === null || cut === undefined) return;
  const found = level.safeParse(cut);
  if (!found.success)
    throw new DataError(`${where} cuts text by ${JSON.stringify((cut as { type?: string }).type ?? cut)}; ${only}.`);
  if (found.data.add_prefix_space)
    throw new DataError(`${where} adds a space before every text, so that it cannot be had back exactly; ${only}.`);
}

/** Spellings by number; the numbers must run from 0 without a gap. */
function tokenList(vocab: Readonly<Record<string, number>>, added: readonly AddedToken[], where: string): string[] {
  const numbers = new Map([...Object.entries(vocab), ...added.map(({ id, content }) => [content, id] as const)]);
  const tokens = new Array<string>(numbers.size).fill("");
  const taken = new Uint8Array(numbers.size);
  for (const [token, id] of numbers) {
    if (id >= numbers.size || taken[id])
      throw new DataError(
        `${where} numbers ${numbers.size} tokens other than from 0 without gap or repetition (“${token}” is ${id}).`,
      );
    taken[id] = 1;
    tokens[id] = token;
  }
  return tokens;
}

function characters(tokens: readonly string[], where: string): Tokenizer {
  const odd = tokens.find((token) => [...token].length !== 1);
  if (odd !== undefined)
    throw new DataError(`${where} has no merges, and the token “${odd}” is not one character; it cannot be read.`);
  return charTokenizer(tokens);
}

function splitMerge(merge: string, where: string): [string, string] {
  const parts = merge.split(" ");
  if (parts.length === 2) return parts as [string, string];
  throw new DataError(`${where} has the merge “${merge}”; a merge is two tokens with a space between.`);
}

/** A byte-level encoding in the spelling of its files. */
interface Spelt {
  readonly tokens: readonly string[];
  readonly merges: readonly (readonly [string, string])[];
  readonly added: readonly AddedToken[];
  readonly words: boolean;
}

/** The tokeniser of spelt tokens and merges. */
function byteLevel({ tokens, merges, added, words }: Spelt, where: string): Tokenizer {
  const contents = new Map(added.map(({ id, content }) => [id, new TextEncoder().encode(content)]));
  const bytes = tokens.map((token, id) => {
    const own = contents.get(id) ?? unspell(token);
    if (own) return own;
    throw new DataError(`${where}: token ${id}, “${token}”, is not spelt in the byte alphabet.`);
  });
  const numbers = new Map(tokens.map((token, id) => [token, id]));
  const numberOf = (token: string) => {
    const id = numbers.get(token);
    if (id === undefined) throw new DataError(`${where} merges “${token}”, which is none of its tokens.`);
    return id;
  };
  const pairs = merges.map(([left, right]) => [numberOf(left), numberOf(right)] as const);
  const bpe: Bpe = { tokens: bytes, merges: pairs, words, added: added.map(({ id, content }) => ({ id, content })) };
  return bpeTokenizer(bpe, tokens.length === 256 && pairs.length === 0 ? "byte" : "bpe");
}

/** Reads GPT-2's two files: tokens with their numbers as JSON, and merges, one pair a line. */
export function readGpt2(vocabulary: string, merges: string, where: { vocabulary: string; merges: string }): Tokenizer {
  const parsedVocab = z.record(z.string(), z.int().nonnegative()).safeParse(json(vocabulary, where.vocabulary));
  if (!parsedVocab.success) throw new DataError(`${where.vocabulary} is no record of tokens with their numbers.`);
  const lines = merges.split(/\r?\n/).filter((line) => line !== "" && !line.startsWith("#version"));
  const pairs = lines.map((line) => splitMerge(line, where.merges));
  const made = new Set(pairs.map(([left, right]) => left + right));
  const tokens = tokenList(parsedVocab.data, [], where.vocabulary);
  const added = tokens.flatMap((content, id) =>
    [...content].length > 1 && !made.has(content) ? [{ id, content }] : [],
  );
  return byteLevel({ tokens, merges: pairs, added, words: true }, where.merges);
}

function json(content: string, where: string): unknown {
  try {
    return JSON.parse(content) as unknown;
  } catch (error) {
    throw new DataError(`${where} is no JSON (${(error as Error).message.replace(/\s+/g, " ")}).`);
  }
}
