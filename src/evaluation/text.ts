import { sizeOf } from "../base/shape.ts";
import { countCharacters } from "../data/text/utf8.ts";
import { modelledTokens } from "../data/text/windows.ts";
import type { Dataset } from "../data/types.ts";
import type { Numbers } from "../models/contract.ts";

/** What is said of text besides: means over modelled tokens, whatever the length of the examples they come in. */
export interface TextFigure {
  /** Tokens modelled. */
  readonly tokens: number;
  readonly natsPerToken: number;
  /** Standard error of natsPerToken, by examples. */
  readonly stderrPerToken: number;
  readonly bitsPerToken: number;
  /** Bits per character of the modelled text; the end of a line is one. */
  readonly bitsPerChar?: number;
  /** exp(natsPerToken). */
  readonly perplexity: number;
}

/** Σ values / Σ units with its standard error over examples, that of a ratio of sums (Cochran 1977, section 2.11). */
export function ratioOfSums(values: readonly number[], units: readonly number[]) {
  const count = values.length;
  const total = units.reduce((a, b) => a + b, 0);
  const mean = values.reduce((a, b) => a + b, 0) / total;
  const squares = values.reduce((sum, value, i) => sum + (value - mean * units[i]!) ** 2, 0);
  return { mean, stderr: count > 1 ? Math.sqrt((squares * count) / (count - 1)) / total : Number.NaN, units: total };
}

/** Adds up what examples of tokens say: nats, modelled tokens and their characters. */
export class TextCounter {
  private readonly dataset: Pick<Dataset, "spec" | "tokenizer">;
  /** Characters of each token; a token that only continues one has none. */
  private readonly characters: readonly number[] | undefined;
  private readonly nats: number[] = [];
  private readonly lengths: number[] = [];
  private characterCount = 0;

  constructor(dataset: Pick<Dataset, "spec" | "tokenizer">) {
    this.dataset = dataset;
    this.characters = dataset.tokenizer?.bytes.map(countCharacters);
  }

  /** Adds examples [n, T + 1] with their log p(x). */
  add(x: Numbers, logProb: ArrayLike<number>): void {
    const size = sizeOf(x.shape.slice(1));
    for (let i = 0; i < x.shape[0]!; i++) {
      const row = x.data.subarray(i * size, (i + 1) * size);
      const length = modelledTokens(row, this.dataset.spec);
      this.nats.push(-logProb[i]!);
      this.lengths.push(length);
      for (let t = 1; t <= length; t++) this.characterCount += this.characters?.[row[t]!] ?? 0;
    }
  }

  /** The figures. */
  figure(): TextFigure & { readonly bitsPerDim: number } {
    const { nats, lengths, characters, characterCount } = this;
    const total = nats.reduce((a, b) => a + b, 0);
    const { mean: natsPerToken, stderr: stderrPerToken, units: tokens } = ratioOfSums(nats, lengths);
    const bitsPerToken = natsPerToken / Math.LN2;
    return {
      tokens,
      natsPerToken,
      stderrPerToken,
      bitsPerToken,
      bitsPerDim: bitsPerToken,
      ...(characters ? { bitsPerChar: total / Math.LN2 / characterCount } : {}),
      perplexity: Math.exp(natsPerToken),
    };
  }
}
