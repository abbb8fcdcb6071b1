import type { Tokenizer } from "../data/text/index.ts";

/** A part of a text with a number: one token, or several that make a character together. */
export interface MarkedPiece {
  readonly text: string;
  /** The sum of its tokens' numbers. */
  readonly value: number;
}

/** Tokens with a number each as parts of a text; tokens that end within a character are joined with the next. */
export function markedPieces(
  { bytes }: Pick<Tokenizer, "bytes">,
  tokens: ArrayLike<number>,
  values: ArrayLike<number>,
): MarkedPiece[] {
  const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
  const pieces: MarkedPiece[] = [];
  let value = 0;
  for (let i = 0; i < tokens.length; i++) {
    value += values[i]!;
    const text = decoder.decode(bytes[tokens[i]!]!, { stream: true });
    if (text === "") continue;
    pieces.push({ text, value });
    value = 0;
  }
  const rest = decoder.decode();
  return rest === "" ? pieces : [...pieces, { text: rest, value }];
}

/** Nats from which on a token has the strongest colour: one chance in four hundred. */
const LOUD = 6;

/** How strongly a surprise is coloured, 0 to 1; what was the best guess anyway, p > ½, is not. */
export const surpriseShare = (nats: number) => (nats < Math.LN2 ? 0 : Math.min(1, nats / LOUD));
