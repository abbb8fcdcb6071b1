import { readdir, stat } from "node:fs/promises";
import path from "node:path";
import { DataError, UsageError } from "../base/errors.ts";
import { nearest } from "../base/suggest.ts";
import { readContent } from "./files.node.ts";
import {
  bpeTokenizer,
  byteTokenizer,
  charactersOf,
  charTokenizer,
  readGpt2,
  readTokenizer,
  type Tokenizer,
  trainBpe,
} from "./text/index.ts";
import { cutText, type TextPart, type TextParts } from "./text/windows.ts";

/** Whether a file's name says that it holds text. */
export const isTextFile = (name: string): boolean => /\.(txt|text|md)(\.gz)?$/i.test(name);

const isFolder = async (given: string) => (await stat(given)).isDirectory();

const isImageFile = (name: string): boolean => /\.(png|jpe?g|webp)$/i.test(name);

/** Whether a path is a text file, or a folder with text files and neither images nor further folders; not what cannot be looked at. */
export async function isText(given: string): Promise<boolean> {
  if (!(await isFolder(given).catch(() => false))) return isTextFile(given);
  const entries = await readdir(given, { withFileTypes: true }).catch(() => []);
  const strange = entries.some((entry) => entry.isDirectory() || isImageFile(entry.name));
  return !strange && entries.some(({ name }) => isTextFile(name));
}

/** One text file. */
async function readText(file: string): Promise<TextPart> {
  const text = await readContent(file);
  if (text.length === 0) throw new DataError(`${file} is empty.`);
  return { text, where: file };
}

const splitFiles = { train: /^train\./i, valid: /^(valid|val|validation)\./i, test: /^test\./i };

/**
 * The text of a path in splits, and a sentence that says which: files train, valid and test of a folder as they are; one
 * file, or all files of a folder one after the other by name, cut in its own order into 80, 10 and 10 %.
 */
export async function readTexts(given: string): Promise<{ parts: TextParts; protocol: string }> {
  const name = path.basename(path.resolve(given));
  if (!(await isFolder(given)))
    return { parts: cutText(await readText(given), 0.8, 0.9), protocol: `${name}: ${consecutiveCut}` };
  const files = (await readdir(given)).filter(isTextFile).sort();
  const named = (pattern: RegExp) => files.find((file) => pattern.test(file));
  const [train, valid, test] = [named(splitFiles.train), named(splitFiles.valid), named(splitFiles.test)];
  const read = (file: string) => readText(path.join(given, file));
  if (train && valid && test) {
    const parts = { train: await read(train), valid: await read(valid), test: await read(test) };
    return { parts, protocol: `${name}: ${train}, ${valid} and ${test} as given` };
  }
  const texts = await Promise.all(files.map(read));
  const whole = { text: Buffer.concat(texts.map(({ text }) => text)), where: given };
  return { parts: cutText(whole, 0.8, 0.9), protocol: `${name}: ${files.length} files by name, ${consecutiveCut}` };
}

const consecutiveCut = "the first 80 % train, the next 10 % valid, the last 10 % test";

const kinds = ["char", "byte", "bpe:N"];

/**
 * The tokeniser a word asks for: `char` (the characters of the training text), `byte`, `bpe:N` (byte pairs trained on the
 * training text up to N tokens), or the path of a tokenizer.json or of GPT-2's vocabulary with its merges beside it.
 */
export async function tokenizerFor(
  word: string,
  train: TextPart,
  onProgress?: (what: string, done: number, total: number) => void,
): Promise<Tokenizer> {
  if (word === "char") return charTokenizer(charactersOf(train.text, train.where));
  if (word === "byte") return byteTokenizer();
  const size = word.match(/^bpe:(\d+)$/)?.[1];
  if (size !== undefined)
    return bpeTokenizer(trainBpe(train.text, Number(size), (done) => onProgress?.("training the tokeniser", done, 1)));
  if (/^bpe\b/.test(word)) throw new UsageError(`--tokenizer ${word}: say how many tokens, for example bpe:1000.`);
  if (!/[/\\.]/.test(word)) {
    const near = nearest(word, ["char", "byte", "bpe"]);
    throw new UsageError(
      `There is no tokeniser ${word}${near ? `; did you mean ${near}?` : ";"} There are ${kinds.join(", ")}, or the path of a tokenizer.json.`,
    );
  }
  return readTokenizerFile(word);
}

/** Endings of GPT-2's two files, as they were published and as they are named since. */
const gpt2Names: readonly (readonly [vocabulary: string, merges: string])[] = [
  ["vocab.json", "merges.txt"],
  ["encoder.json", "vocab.bpe"],
];

/** Reads a tokenizer.json, or a GPT-2 vocabulary (given by either of its two files). */
export async function readTokenizerFile(file: string): Promise<Tokenizer> {
  const text = async (name: string) => new TextDecoder().decode(await readContent(name));
  for (const [vocabulary, merges] of gpt2Names) {
    const own = [vocabulary, merges].find((ending) => file.endsWith(ending));
    if (own === undefined) continue;
    const stem = file.slice(0, -own.length);
    const where = { vocabulary: stem + vocabulary, merges: stem + merges };
    return readGpt2(await text(where.vocabulary), await text(where.merges), where);
  }
  return readTokenizer(await text(file), file);
}
