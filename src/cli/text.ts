import { tokenizerOfRun } from "../artifacts/tokenizer.node.ts";
import { UsageError } from "../base/errors.ts";
import { encodeText, openingToken, type Tokenizer } from "../data/text/index.ts";
import { continueText } from "../models/continue.ts";
import { key } from "../random/index.ts";
import type { TokenChoice } from "../samplers/index.ts";
import type { OptionSpec, Result } from "./command.ts";
import type { Reporter } from "./output/index.ts";
import { harmless } from "./output/text.ts";
import { realNumber, wholeNumber } from "./parse.ts";
import { capable, type InUse } from "./trained.ts";

type Options = Readonly<Record<string, unknown>>;

/** Options of commands that draw value by value, images and text. */
export const choiceOptions: readonly OptionSpec[] = [
  {
    flags: "--top-k <number>",
    description: "draw among so many of the most probable values only",
    parse: wholeNumber(1),
  },
  {
    flags: "--top-p <probability>",
    description: "draw among the most probable values that together have this probability",
    parse: realNumber(0),
  },
];

/** Options of commands that write text. */
export const textOptions: readonly OptionSpec[] = [
  { flags: "--prompt <text>", description: "text to go on from; \\n is a line's end" },
  { flags: "--tokens <number>", description: "the most tokens to draw for each text (300)", parse: wholeNumber(1) },
  {
    flags: "--repetition-penalty <number>",
    description: "above 1 makes tokens that stand in the text already less probable",
    parse: realNumber(0),
  },
  { flags: "--stop <text>", description: "end a text before this; \\n is a line's end; repeatable", repeated: true },
];

const textNames = ["prompt", "tokens", "repetitionPenalty", "stop", "blank"] as const;
const kebab = (name: string) => name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);

/** Refuses options of text for a model of other data. */
export function refuseTextOptions(model: string, options: Options): void {
  const given = textNames.find((name) => options[name] !== undefined);
  if (given) throw new UsageError(`This ${model} was not trained on text: leave --${kebab(given)} out.`);
}

/** How values are chosen, as a command line says; checked. */
export function choiceOf(options: Options): TokenChoice {
  const { temperature, topK, topP, repetitionPenalty } = options as Record<string, number | undefined>;
  if (topP !== undefined && (topP <= 0 || topP > 1))
    throw new UsageError(`--top-p is a probability above 0 and up to 1; got ${topP}.`);
  if (repetitionPenalty !== undefined && repetitionPenalty <= 0)
    throw new UsageError(`--repetition-penalty is above 0 (1 is none); got ${repetitionPenalty}.`);
  const given = Object.entries({ temperature, topK, topP, repetitionPenalty });
  return Object.fromEntries(given.filter(([, value]) => value !== undefined));
}

/** A text of the command line with \n, \t, \r and \\ as what they mean. */
export function unescaped(text: string): string {
  const meanings: Readonly<Record<string, string>> = { n: "\n", t: "\t", r: "\r", "\\": "\\" };
  return text.replace(/\\([ntr\\])/g, (_, letter: string) => meanings[letter]!);
}

/** Text that arrives token by token: what can be shown of it, and whether a stop has come. */
class Written {
  private readonly decoder = new TextDecoder("utf-8", { ignoreBOM: true });
  private readonly tokenizer: Tokenizer;
  private readonly stops: readonly string[];
  private readonly boundary: number | undefined;
  /** Characters that may yet turn out to begin a stop. */
  private readonly held: number;
  private shown = 0;
  text = "";
  count = 0;
  ended: "stop" | "boundary" | undefined;

  constructor(tokenizer: Tokenizer, stops: readonly string[], boundary: number | undefined) {
    this.tokenizer = tokenizer;
    this.stops = stops;
    this.boundary = boundary;
    this.held = Math.max(0, ...stops.map((stop) => stop.length - 1));
  }

  /** Takes a token and gives what can be shown now. */
  push(token: number): string {
    if (this.ended) return "";
    this.count++;
    if (token === this.boundary) {
      this.ended = "boundary";
      return this.rest();
    }
    this.text += this.decoder.decode(this.tokenizer.bytes[token], { stream: true });
    const at = Math.min(...this.stops.map((stop) => this.text.indexOf(stop)).filter((place) => place >= 0));
    if (Number.isFinite(at)) {
      this.text = this.text.slice(0, at);
      this.ended = "stop";
      return this.rest();
    }
    return this.show(this.text.length - this.held);
  }

  /** What has not been shown. */
  rest(): string {
    if (this.ended !== "stop") this.text += this.decoder.decode();
    return this.show(this.text.length);
  }

  private show(end: number): string {
    const part = this.text.slice(this.shown, Math.max(this.shown, end));
    this.shown += part.length;
    return part;
  }
}

/** The tokens a text begins with: the prompt after the boundary, or what stands for the beginning of a text. */
function promptTokens(tokenizer: Tokenizer, prompt: string, boundary: number | undefined): Uint32Array {
  const tokens = encodeText(tokenizer, prompt, "The prompt");
  if (boundary !== undefined) {
    if (tokens.includes(boundary)) throw new UsageError("The model writes single lines: a prompt has no line's end.");
    return Uint32Array.of(boundary, ...tokens);
  }
  if (tokens.length > 0) return tokens;
  return Uint32Array.of(openingToken(tokenizer));
}

/** The tokeniser of a run on text. */
export function tokenizerInUse({ trained }: InUse): Tokenizer {
  const tokenizer = tokenizerOfRun(trained.run);
  if (tokenizer) return tokenizer;
  throw new UsageError(`${trained.run.folder} has no tokeniser, so that its tokens cannot be shown as text.`);
}

/** Draws texts from a model of tokens: to the terminal as they come, else as the result. */
export async function writeTexts(use: InUse, options: Options, out: Reporter): Promise<Result> {
  const model = capable(use.trained.model, "read");
  const tokenizer = tokenizerInUse(use);
  const { boundary } = model.data;
  const prompt = unescaped((options.prompt as string | undefined) ?? "");
  const stops = ((options.stop as string[] | undefined) ?? []).map(unescaped).filter((stop) => stop !== "");
  const count = (options.count as number | undefined) ?? 1;
  const tokens = (options.tokens as number | undefined) ?? 300;
  const first = promptTokens(tokenizer, prompt, boundary);
  const texts = Array.from({ length: count }, () => new Written(tokenizer, stops, boundary));
  const given = { ...choiceOf(options), key: key(options.seed as number), count, tokens };
  const begun = performance.now();
  let drawn = 0;
  let streamed = false;
  for await (const next of continueText(model, use.on, first, given)) {
    if (drawn === 0 && count === 1) streamed = out.stream(prompt);
    drawn++;
    const parts = texts.map((text, i) => text.push(next[i]!));
    if (streamed) out.stream(parts[0]!);
    else out.progress({ label: "sample", fraction: drawn / tokens });
    if (texts.every(({ ended }) => ended)) break;
  }
  const seconds = (performance.now() - begun) / 1000;
  const last = texts.map((text) => (text.ended ? "" : text.rest()));
  if (streamed) out.stream(`${last[0]}\n`);
  const samples = texts.map(({ text, count: length, ended }) => ({
    text: prompt + text,
    tokens: length,
    ended: ended ?? "length",
  }));
  const total = samples.reduce((sum, sample) => sum + sample.tokens, 0);
  const json = {
    run: use.trained.run.folder,
    prompt,
    seed: options.seed,
    seconds,
    tokensPerSecond: total / seconds,
    samples,
  };
  const separator = boundary === undefined ? "\n---\n" : "\n";
  const whole = samples.map(({ text }) => text).join(separator);
  const onTerminal = !streamed && out.stream("");
  return { text: streamed ? "" : onTerminal ? harmless(whole) : whole, json };
}
