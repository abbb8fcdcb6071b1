import { type MarkedPiece, surpriseShare } from "../artifacts/marked-text.ts";
import { inferno } from "../artifacts/pictures/heat.ts";
import type { Reporter } from "./output/index.ts";
import { harmless } from "./output/text.ts";

/** A text with its parts on coloured grounds, for terminals with 24-bit colour; `share` says how strongly, 0 to 1. */
export function colouredText(pieces: readonly MarkedPiece[], share: (value: number) => number): string {
  return pieces.map(({ text, value }) => coloured(text, share(value))).join("");
}

function coloured(text: string, share: number): string {
  const safe = harmless(text);
  if (share <= 0) return safe;
  const [red, green, blue] = inferno(0.2 + 0.8 * share);
  const light = 0.299 * red + 0.587 * green + 0.114 * blue > 130;
  const start = `\u001b[48;2;${red};${green};${blue}m\u001b[38;5;${light ? 16 : 231}m`;
  return safe
    .split("\n")
    .map((part, i, parts) => {
      const shown = i + 1 < parts.length ? `${part}↵` : part;
      return shown === "" ? "" : `${start}${shown}\u001b[0m`;
    })
    .join("\n");
}

/** Whether a result goes to people who see colours. */
export const seesColour = (out: Reporter) => !out.json && out.colours.isColorSupported;

/** The colours of some surprises, to be read beside a coloured text. */
export function surpriseKey(): string {
  const samples = [1, 2, 3, 4, 5, 6];
  return `nats: ${samples.map((nats) => coloured(` ${nats}${nats === 6 ? "+" : ""} `, surpriseShare(nats))).join("")}`;
}
