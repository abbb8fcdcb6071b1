/** Colour codes of terminals, ESC [ ... m. */
const colourCode = new RegExp(`${String.fromCharCode(27)}\\[[0-9;]*m`, "g");

/** Text without colour codes. */
export function plain(text: string): string {
  return text.replace(colourCode, "");
}

const segments = new Intl.Segmenter("en", { granularity: "grapheme" });
const wideLetter =
  /^[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|^\p{Emoji_Presentation}/u;

/** Columns a text takes in a terminal: colour codes none, East Asian letters and emoji two. */
export function textColumns(text: string): number {
  let columns = 0;
  for (const { segment } of segments.segment(plain(text))) columns += wideLetter.test(segment) ? 2 : 1;
  return columns;
}

/** Cuts a text without colour codes to a number of columns; the last one is then "…". */
export function clip(text: string, columns: number): string {
  if (textColumns(text) <= columns) return text;
  let [kept, used] = ["", 0];
  for (const { segment } of segments.segment(text)) {
    used += textColumns(segment);
    if (used > columns - 1) break;
    kept += segment;
  }
  return columns > 0 ? `${kept}…` : "";
}

/** Control characters of foreign text (file names, messages) made harmless for a terminal; tab and line end stay. */
export function harmless(text: string): string {
  return [...text].map((letter) => (isControl(letter) ? "\ufffd" : letter)).join("");
}

function isControl(letter: string): boolean {
  const code = letter.codePointAt(0)!;
  return (code < 32 && letter !== "\n" && letter !== "\t") || (code >= 127 && code < 160);
}
