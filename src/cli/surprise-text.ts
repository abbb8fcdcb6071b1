import { checkEnding } from "../artifacts/examples.node.ts";
import { writeFileAtomic } from "../artifacts/files.node.ts";
import { markedPieces, surpriseShare } from "../artifacts/marked-text.ts";
import { renderReport } from "../artifacts/report/report.ts";
import { UsageError } from "../base/errors.ts";
import { HostArray } from "../base/host.ts";
import { countCharacters } from "../data/text/utf8.ts";
import type { AnyModel, Capabilities } from "../models/contract.ts";
import { textSurprise } from "../models/surprise-text.ts";
import type { Result } from "./command.ts";
import { colouredText, seesColour, surpriseKey } from "./marked-text.ts";
import { type Reporter, table } from "./output/index.ts";
import { type ChosenText, chosenText, showToken } from "./text-input.ts";
import type { InUse } from "./trained.ts";

type Model = AnyModel & Pick<Capabilities, "surprise">;
type Options = Readonly<Record<string, unknown>>;

/** Tokens of a split that are looked at when no count is given. */
const USUAL = 400;

/** The surprise of every token of a text: coloured on a terminal, a table elsewhere, a page or a table as a file. */
export async function surpriseOfText(use: InUse, model: Model, options: Options, out: Reporter): Promise<Result> {
  const file = options.out as string | undefined;
  if (file !== undefined) checkEnding(file, [".html", ".csv"]);
  if (options.order !== undefined)
    throw new UsageError("Tokens are predicted in the order of the text: leave --order out.");
  const chosen = await chosenText(use, options, out, USUAL);
  const progress = (fraction: number) => out.progress({ label: "surprise", fraction });
  const nats = await natsOf(use, model, chosen, progress);
  const tokens = Uint32Array.from(chosen.texts.flatMap((text) => Array.from(text)));
  const figures = figuresOf(chosen, tokens, nats);
  const { from, tokenizer } = chosen;
  const about = { run: use.trained.run.folder, from, unit: "nats", ...figures };
  const line = describe(figures);
  if (file !== undefined) {
    writeFileAtomic(file, /\.csv$/i.test(file) ? csv(chosen, tokens, nats) : page(use, chosen, tokens, nats, figures));
    return { text: `${file}: ${from}, ${line}`, json: { ...about, file } };
  }
  const each = Array.from(tokens, (token, i) => ({
    token: JSON.parse(showToken(tokenizer, token)) as string,
    nats: nats[i]!,
  }));
  const shown = seesColour(out)
    ? `${colouredText(markedPieces(tokenizer, tokens, nats), surpriseShare)}\n\n${surpriseKey()}`
    : table(
        [{ title: "token" }, { title: "nats", align: "right" }, { title: "probability", align: "right" }],
        each.map(({ token, nats: own }) => [JSON.stringify(token), own.toFixed(3), Math.exp(-own).toFixed(4)]),
      );
  return { text: `${shown}\n${line}`, json: { ...about, tokens: each } };
}

/** The surprise of all tokens of all texts, one after the other. */
async function natsOf(
  { on }: InUse,
  model: Model,
  { texts, opening }: ChosenText,
  progress: (fraction: number) => void,
): Promise<Float32Array> {
  const { boundary, shape } = model.data;
  if (boundary === undefined) return textSurprise(model, on, texts[0]!, opening, progress);
  const size = shape[0]!;
  const x = new HostArray("float32", [texts.length, size], new Float32Array(texts.length * size).fill(boundary));
  texts.forEach((line, i) => {
    x.data.set(line, i * size + 1);
  });
  const { nats } = await model.surprise(on, x, { progress });
  return Float32Array.from(
    texts.flatMap((line, i) => Array.from(nats.data.subarray(i * size + 1, i * size + 1 + line.length))),
  );
}

function figuresOf({ tokenizer }: ChosenText, tokens: Uint32Array, nats: Float32Array) {
  const total = nats.reduce((sum, value) => sum + value, 0);
  const characters = tokens.reduce((sum, token) => sum + countCharacters(tokenizer.bytes[token]!), 0);
  const natsPerToken = total / tokens.length;
  return {
    count: tokens.length,
    characters,
    nats: total,
    natsPerToken,
    ...(characters > 0 ? { natsPerChar: total / characters, bitsPerChar: total / characters / Math.LN2 } : {}),
    perplexity: Math.exp(natsPerToken),
  };
}

type Figures = ReturnType<typeof figuresOf>;

function describe({ count, nats, natsPerToken, bitsPerChar, perplexity }: Figures): string {
  const characters = bitsPerChar === undefined ? "" : `, ${bitsPerChar.toFixed(4)} bits per character`;
  return `${nats.toFixed(2)} nats in all, ${natsPerToken.toFixed(4)} nats per token over ${count} tokens${characters}, perplexity ${perplexity.toFixed(2)}`;
}

function csv({ tokenizer }: ChosenText, tokens: Uint32Array, nats: Float32Array): string {
  const field = (text: string) => `"${text.replaceAll('"', '""')}"`;
  const lines = Array.from(tokens, (token, i) => {
    const text = JSON.parse(showToken(tokenizer, token)) as string;
    return `${field(text)},${token},${nats[i]!.toFixed(6)}`;
  });
  return `token,number,nats\n${lines.join("\n")}\n`;
}

/** A page that shows the text with its surprises as colours. */
function page({ trained }: InUse, chosen: ChosenText, tokens: Uint32Array, nats: Float32Array, figures: Figures) {
  const { count, nats: total, natsPerToken, bitsPerChar, perplexity } = figures;
  const pieces = markedPieces(chosen.tokenizer, tokens, nats);
  return renderReport({
    title: `Surprise of ${chosen.from}`,
    lead: `${trained.entry.title}, ${trained.run.folder}: −ln p of every token given those before it.`,
    summary: [
      ["Tokens", count],
      ["Nats in all", total.toFixed(1)],
      ["Nats per token", natsPerToken.toFixed(4)],
      ...(bitsPerChar === undefined ? [] : [["Bits per character", bitsPerChar.toFixed(4)] as const]),
      ["Perplexity", perplexity.toFixed(2)],
    ],
    texts: [
      {
        title: "The stronger the colour, the less expected; without colour, more probable than not",
        text: "",
        pieces: pieces.map(({ text, value }) => ({
          text,
          share: surpriseShare(value),
          note: `${value.toFixed(2)} nats`,
        })),
      },
    ],
  });
}
