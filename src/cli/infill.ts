import { UsageError } from "../base/errors.ts";
import { HostArray } from "../base/host.ts";
import { decodeText, encodeText, type Tokenizer } from "../data/text/index.ts";
import type { DataSpec } from "../data/types.ts";
import { key } from "../random/index.ts";
import type { Result } from "./command.ts";
import type { Reporter } from "./output/index.ts";
import { tokenizerInUse, unescaped } from "./text.ts";
import { capable, type InUse } from "./trained.ts";

type Options = Readonly<Record<string, unknown>>;

/** One example with holes: tokens at their places, 1 where they are known, and where the text itself stands. */
interface Holed {
  readonly tokens: Float32Array;
  readonly observed: Float32Array;
  readonly from: number;
  readonly to: number;
}

/** A text with a mark in place of each missing character as one example of a model. */
export function holedText(text: string, blank: string, tokenizer: Tokenizer, data: DataSpec): Holed {
  if (tokenizer.kind === "bpe")
    throw new UsageError(
      "A gap has as many tokens as characters for models of characters or bytes only; this model's tokens are byte pairs.",
    );
  const size = data.shape[0]!;
  const framed = data.boundary !== undefined;
  const pieces = text.split(blank).flatMap((part, i) => {
    const known = encodeText(tokenizer, part, `The part “${part}” of the prompt`);
    return i === 0 ? [known] : [undefined, known];
  });
  const parts = pieces.map((piece) => piece ?? Uint32Array.of(0));
  const from = framed ? 1 : 0;
  const length = parts.reduce((sum, { length: each }) => sum + each, 0);
  if (from + length + (framed ? 1 : 0) > size)
    throw new UsageError(`The prompt has ${length} tokens, and the model sees ${size - (framed ? 2 : 0)} at once.`);
  if (!framed && pieces[0]!.length === 0)
    throw new UsageError("The first character of a text is given to the model, so it cannot be a gap.");
  const tokens = new Float32Array(size).fill(data.boundary ?? 0);
  const observed = new Float32Array(size).fill(framed ? 1 : 0);
  let at = from;
  parts.forEach((part, i) => {
    tokens.set(part, at);
    observed.fill(pieces[i] ? 1 : 0, at, at + part.length);
    at += part.length;
  });
  return { tokens, observed, from, to: at };
}

/** Fills the gaps of a text from what stands on both sides of them. */
export async function fillText(use: InUse, options: Options, out: Reporter): Promise<Result> {
  const model = capable(use.trained.model, "complete");
  const tokenizer = tokenizerInUse(use);
  const blank = String(options.blank);
  if ([...blank].length !== 1) throw new UsageError(`--blank is one character; got “${blank}”.`);
  const prompt = unescaped(String(options.prompt));
  const holed = holedText(prompt, blank, tokenizer, model.data);
  const count = (options.count as number | undefined) ?? 1;
  const repeated = (values: Float32Array) => {
    const data = new Float32Array(count * values.length);
    for (let i = 0; i < count; i++) data.set(values, i * values.length);
    return new HostArray("float32", [count, values.length], data);
  };
  const sweeps = options.sweeps as number | undefined;
  const how = new Set<string>();
  const done = await model.complete(use.on, repeated(holed.tokens), repeated(holed.observed), {
    key: key(options.seed as number),
    ...(sweeps === undefined ? {} : { sweeps }),
    stated: (each) => void how.add(each),
    progress: (fraction) => out.progress({ label: "complete", fraction }),
  });
  const size = holed.tokens.length;
  const texts = Array.from({ length: count }, (_, i) =>
    decodeText(tokenizer, done.data.subarray(i * size + holed.from, i * size + holed.to)),
  );
  if (how.size > 0) out.info(`Drawn from ${[...how].join(" and ")}.`);
  const json = { run: use.trained.run.folder, prompt, blank, seed: options.seed, texts, drawnFrom: [...how] };
  return { text: texts.join("\n"), json };
}
