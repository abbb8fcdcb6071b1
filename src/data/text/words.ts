/**
 * GPT-2's regular expression (Radford et al. 2019): contractions, words, numbers and punctuation, each with the space
 * before it, and spaces. White space is Unicode's, as where the files come from; JavaScript's \s differs by two characters.
 */
const pattern =
  /'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\p{White_Space}\p{L}\p{N}]+|\p{White_Space}+(?!\P{White_Space})|\p{White_Space}+/gu;

/** The words of a text; joined, they are the text. */
export function wordsOf(text: string): string[] {
  return text.match(pattern) ?? [];
}
