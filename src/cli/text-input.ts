import { UsageError } from "../base/errors.ts";
import { readContent } from "../data/files.node.ts";
import { decodeText, encodeText, openingToken, type Tokenizer } from "../data/text/index.ts";
import { modelledTokens } from "../data/text/windows.ts";
import type { SplitName } from "../data/types.ts";
import type { Reporter } from "./output/index.ts";
import { tokenizerInUse, unescaped } from "./text.ts";
import { dataOfRun, type InUse } from "./trained.ts";

type Options = Readonly<Record<string, unknown>>;

/** A text to look at: running tokens or, for a model of lines, the lines with the token that ends each. */
export interface ChosenText {
  readonly tokenizer: Tokenizer;
  readonly texts: readonly Uint32Array[];
  /** The token each text is read after. */
  readonly opening: number;
  readonly from: string;
}

/** The text of --text, of the file --input, or the beginning of a split, `usual` tokens unless a count is given. */
export async function chosenText(use: InUse, options: Options, out: Reporter, usual: number): Promise<ChosenText> {
  const { text, input, split } = options as Record<string, string | undefined>;
  if ([text, input, split].filter((given) => given !== undefined).length > 1)
    throw new UsageError("--text, --input and --split exclude each other: choose one text.");
  for (const name of ["binarize", "size", "labels"])
    if (options[name] !== undefined)
      throw new UsageError(`This ${use.trained.model.name} was trained on text: leave --${name} out.`);
  const tokenizer = tokenizerInUse(use);
  const { boundary } = use.trained.model.data;
  const about = { tokenizer, opening: openingToken(tokenizer, boundary) };
  const count = options.count as number | undefined;
  if (text === undefined && input === undefined) {
    const { tokens, from } = await ofSplit(use, (split ?? "test") as SplitName, count ?? usual, out);
    return { ...about, texts: tokens, from };
  }
  const where = input ?? "The text";
  const whole =
    input === undefined
      ? encodeText(tokenizer, unescaped(text!), where)
      : tokenizer.encode(await readContent(input), where);
  if (whole.length === 0) throw new UsageError(`${where} is empty: there is nothing to look at.`);
  const from = input ?? "the text";
  if (boundary === undefined) return { ...about, texts: [whole.subarray(0, count ?? whole.length)], from };
  return { ...about, texts: linesOf(whole, boundary, use.trained.model.data.shape[0]! - 2).slice(0, count), from };
}

/** Tokens cut after each boundary; the last line gets one. Empty lines are left out. */
function linesOf(tokens: Uint32Array, boundary: number, most: number): Uint32Array[] {
  const lines: Uint32Array[] = [];
  for (let start = 0; start < tokens.length; ) {
    const end = tokens.indexOf(boundary, start);
    const line = tokens.subarray(start, end === -1 ? tokens.length : end);
    if (line.length > most)
      throw new UsageError(`A line has ${line.length} tokens; the model knows lines of at most ${most}.`);
    if (line.length > 0) lines.push(Uint32Array.of(...line, boundary));
    start += line.length + 1;
  }
  return lines;
}

/** The beginning of a split: so many tokens, or the lines that have about as many. */
async function ofSplit({ trained }: InUse, name: SplitName, count: number, out: Reporter) {
  const { dataset } = await dataOfRun(trained, out);
  const { x } = dataset.splits[name];
  const from = `the ${name} split of ${dataset.name}`;
  const { boundary, shape } = dataset.spec;
  if (boundary === undefined) return { tokens: [Uint32Array.from(x.subarray(0, count))], from };
  const lines: Uint32Array[] = [];
  const size = shape[0]!;
  for (let i = 0, tokens = 0; i < dataset.splits[name].count && tokens < count; i++) {
    const row = x.subarray(i * size, (i + 1) * size);
    const line = Uint32Array.from(row.subarray(1, 1 + modelledTokens(row, dataset.spec)));
    tokens += line.length;
    lines.push(line);
  }
  return { tokens: lines, from };
}

/** A token as it is written in a table: a string with its escapes. */
export const showToken = (tokenizer: Tokenizer, token: number) => JSON.stringify(decodeText(tokenizer, [token]));
