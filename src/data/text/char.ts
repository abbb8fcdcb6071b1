import { DataError, UsageError } from "../../base/errors.ts";
import { tokenizerJson } from "./format.ts";
import type { Tokenizer } from "./tokenizer.ts";
import { firstInvalid, textOf } from "./utf8.ts";

const encoder = new TextEncoder();

/** The characters of a text in the order of their code points: the vocabulary of a tokeniser trained on it. */
export function charactersOf(text: Uint8Array, where: string): string[] {
  const points = new Set<number>();
  const whole = utf8(text, where);
  for (let i = 0; i < whole.length; i++) {
    const point = whole.codePointAt(i)!;
    if (point > 0xffff) i++;
    points.add(point);
  }
  return [...points].sort((a, b) => a - b).map((point) => String.fromCodePoint(point));
}

function utf8(text: Uint8Array, where: string): string {
  const whole = textOf(text);
  if (whole !== undefined) return whole;
  const at = firstInvalid(text);
  const byte = text[at]!.toString(16).padStart(2, "0");
  throw new DataError(
    `${where} is no UTF-8: byte 0x${byte} at offset ${at} belongs to no character; convert the file, or take its bytes as they are with --tokenizer byte.`,
  );
}

/** How a character is named in a sentence. */
function showCharacter(character: string): string {
  const code = `U+${character.codePointAt(0)!.toString(16).toUpperCase().padStart(4, "0")}`;
  return /\p{C}|\p{Z}/u.test(character) ? code : `“${character}” (${code})`;
}

/** One token for each character of a list. */
export function charTokenizer(characters: readonly string[]): Tokenizer {
  if (characters.length === 0) throw new DataError("A vocabulary of no characters can say nothing: give it some text.");
  const numbers = new Map(characters.map((character, id) => [character, id]));
  return {
    kind: "char",
    vocabulary: characters.length,
    bytes: characters.map((character) => encoder.encode(character)),
    encode: (text, where = "The text") => encode(utf8(text, where), numbers, where),
    json: () => tokenizerJson({ tokens: characters, merges: [], added: [], byteLevel: false, words: false }),
  };
}

function encode(text: string, numbers: ReadonlyMap<string, number>, where: string): Uint32Array {
  const tokens = new Uint32Array(text.length);
  let count = 0;
  for (const character of text) {
    const id = numbers.get(character);
    if (id === undefined) throw unknownCharacter(character, text, numbers, where);
    tokens[count++] = id;
  }
  return tokens.subarray(0, count);
}

function unknownCharacter(character: string, text: string, known: ReadonlyMap<string, number>, where: string): Error {
  const offset = encoder.encode(text.slice(0, text.indexOf(character))).length;
  return new UsageError(
    `${where} has the character ${showCharacter(character)} at byte ${offset}, which is none of the ${known.size} the tokeniser knows; leave it out, or train with --tokenizer byte, which knows every text.`,
  );
}
