/** Text as data: tokenisers, their files, and windows of tokens. */
export { type Bpe, bpeTokenizer, byteTokenizer } from "./bpe.ts";
export { charactersOf, charTokenizer } from "./char.ts";
export { readGpt2, readTokenizer } from "./read.ts";
export { decodeText, decodeTokens, encodeText, openingToken, type Tokenizer } from "./tokenizer.ts";
export { trainBpe } from "./train-bpe.ts";
export { consecutive, cutText, framedLines, linesOf, type TextPart, type TextParts, windowsOf } from "./windows.ts";
