/** How text becomes tokens and tokens become text. Text is bytes, so that nothing is lost on the way. */
export interface Tokenizer {
  /** `char`, `byte` or `bpe`. */
  readonly kind: "char" | "byte" | "bpe";
  /** Number of tokens; they are 0 to vocabulary − 1. */
  readonly vocabulary: number;
  /** The tokens of a text; `where` names it in the sentence that refuses what has no token. */
  encode(text: Uint8Array, where?: string): Uint32Array;
  /** The bytes each token stands for. */
  readonly bytes: readonly Uint8Array[];
  /** The text of a standard tokenizer.json from which the same tokeniser is read again. */
  json(): string;
}

/** The bytes of a row of tokens; what `encode` took. */
export function decodeTokens({ bytes }: Tokenizer, tokens: ArrayLike<number>): Uint8Array {
  let length = 0;
  for (let i = 0; i < tokens.length; i++) length += bytes[tokens[i]!]!.length;
  const result = new Uint8Array(length);
  let at = 0;
  for (let i = 0; i < tokens.length; i++) {
    const part = bytes[tokens[i]!]!;
    result.set(part, at);
    at += part.length;
  }
  return result;
}

/** The tokens of a JavaScript string. */
export function encodeText(tokenizer: Tokenizer, text: string, where = "The text"): Uint32Array {
  return tokenizer.encode(new TextEncoder().encode(text), where);
}

/** Tokens as a JavaScript string; bytes that are no UTF-8 show as �. */
export function decodeText(tokenizer: Tokenizer, tokens: ArrayLike<number>): string {
  return new TextDecoder("utf-8", { ignoreBOM: true }).decode(decodeTokens(tokenizer, tokens));
}

/** The one token of a text that has only one, for example of a line's end; undefined where it takes several or none. */
export function singleToken({ bytes }: Tokenizer, text: string): number | undefined {
  const wanted = new TextEncoder().encode(text);
  const found = bytes.findIndex((own) => own.length === wanted.length && own.every((byte, i) => byte === wanted[i]));
  return found === -1 ? undefined : found;
}

/** The token that stands before a text without a beginning: what frames a line, the end of the text before, or of a line. */
export function openingToken(tokenizer: Tokenizer, boundary?: number): number {
  return boundary ?? singleToken(tokenizer, "<|endoftext|>") ?? singleToken(tokenizer, "\n") ?? 0;
}
