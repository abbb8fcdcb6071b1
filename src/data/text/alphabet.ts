/**
 * The byte alphabet of GPT-2 (Radford et al. 2019): printable Latin-1 characters stand for themselves, the other 68
 * bytes for U+0100 and on in their order, so that any byte string is a string without spaces.
 */
const isPrintable = (byte: number) =>
  (byte >= 33 && byte <= 126) || (byte >= 161 && byte <= 172) || (byte >= 174 && byte <= 255);

const others = Array.from({ length: 256 }, (_, byte) => byte).filter((byte) => !isPrintable(byte));

/** The character of each byte. */
export const byteCharacters: readonly string[] = Array.from({ length: 256 }, (_, byte) =>
  String.fromCharCode(isPrintable(byte) ? byte : 256 + others.indexOf(byte)),
);

/** The bytes in the order of their characters: the first 256 tokens of GPT-2's vocabulary. */
export const alphabetOrder: readonly number[] = [
  ...Array.from({ length: 256 }, (_, byte) => byte).filter(isPrintable),
  ...others,
];

const byteOfCharacter = new Map(byteCharacters.map((character, byte) => [character, byte]));

/** Bytes spelt in the alphabet. */
export function spell(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byteCharacters[byte]).join("");
}

/** The bytes a spelling stands for, undefined where a character is none of the alphabet. */
export function unspell(spelling: string): Uint8Array | undefined {
  const bytes = Array.from(spelling, (character) => byteOfCharacter.get(character));
  return bytes.includes(undefined) ? undefined : Uint8Array.from(bytes as number[]);
}
