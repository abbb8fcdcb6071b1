import { expect, it } from "vitest";
import { colouredText, seesColour, surpriseKey } from "./marked-text.ts";
import { createReporter } from "./output/index.ts";

it("colours parts of a text, never a line's end, and lets nothing else steer the terminal", () => {
  const text = colouredText(
    [
      { text: "a", value: 0 },
      { text: "b\n", value: 1 },
      { text: "\u001b[31m", value: 1 },
    ],
    (value) => value,
  );
  const esc = "\u001b";
  const start = `${esc}[48;2;252;255;164m${esc}[38;5;16m`;
  expect(text).toBe(`a${start}b↵${esc}[0m\n${start}\ufffd[31m${esc}[0m`);
  expect(colouredText([{ text: "x", value: 0.1 }], (value) => value)).toContain("38;5;231m");
  expect(surpriseKey()).toContain(" 6+ ");
});

it("only where colours are seen", () => {
  const stdout = { write: () => true, isTTY: true };
  const reporter = (json: boolean, env: Record<string, string>) => createReporter({ json, stdout, env });
  expect(seesColour(reporter(false, { TERM: "xterm" }))).toBe(true);
  expect(seesColour(reporter(true, { TERM: "xterm" }))).toBe(false);
  expect(seesColour(reporter(false, { TERM: "xterm", NO_COLOR: "1" }))).toBe(false);
});
