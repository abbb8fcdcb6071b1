import { expect, it } from "vitest";
import { markedPieces, surpriseShare } from "./marked-text.ts";

const encoder = new TextEncoder();

it("joins tokens that make a character together, and adds up their numbers", () => {
  const bytes = [encoder.encode("a"), Uint8Array.of(0xc3), Uint8Array.of(0xa9), encoder.encode("bc")];
  expect(markedPieces({ bytes }, [0, 1, 2, 3], [1, 2, 4, 8])).toEqual([
    { text: "a", value: 1 },
    { text: "é", value: 6 },
    { text: "bc", value: 8 },
  ]);
  expect(markedPieces({ bytes }, [0, 1], [1, 2])).toEqual([
    { text: "a", value: 1 },
    { text: "\ufffd", value: 2 },
  ]);
});

it("colours nothing that was more probable than not, and all the more the less probable", () => {
  expect([0, 0.6, 3, 6, 60].map(surpriseShare)).toEqual([0, 0, 0.5, 1, 1]);
});
