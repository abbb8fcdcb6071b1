import { expect, test } from "vitest";
import { key } from "../../random/index.ts";
import { fillExamples } from "../encoding.ts";
import { byteTokenizer } from "./bpe.ts";
import { charTokenizer } from "./char.ts";
import { consecutive, consecutiveSplits, cutText, framedLines, linesOf, modelledTokens, windowsOf } from "./windows.ts";

const bytesOf = (text: string) => new TextEncoder().encode(text);
const part = (text: string) => ({ text: bytesOf(text), where: "play.txt" });
const rowsOf = ({ spec, splits }: ReturnType<typeof windowsOf>, name: "train" | "valid", count: number) => {
  const size = spec.shape[0]!;
  const out = new Float32Array(count * size);
  fillExamples(
    out,
    splits[name],
    spec,
    Array.from({ length: count }, (_, i) => i),
    {},
    { key: key(0), epoch: 0 },
  );
  return Array.from({ length: count }, (_, i) => String.fromCharCode(...out.subarray(i * size, (i + 1) * size)));
};

test("training windows begin at every token, the others follow one another and share one", () => {
  const parts = { train: part("abcdefg"), valid: part("abcdefghij"), test: part("abcdefghi") };
  const data = windowsOf(parts, byteTokenizer(), 3);
  expect(data.spec).toEqual({ shape: [4], values: "tokens", vocabulary: 256 });
  expect([data.splits.train.count, data.splits.valid.count, data.splits.test.count]).toEqual([4, 3, 2]);
  expect(rowsOf(data, "train", 4)).toEqual(["abcd", "bcde", "cdef", "defg"]);
  expect(rowsOf(data, "valid", 3)).toEqual(["abcd", "defg", "ghij"]);
  const cut = consecutiveSplits(data);
  expect(rowsOf(cut, "train", 2)).toEqual(["abcd", "defg"]);
  expect([cut.splits.train.count, cut.splits.valid]).toEqual([2, data.splits.valid]);
});

test("text is cut in its own order and never within a character", () => {
  const { train, valid, test: last } = cutText(part("ééééé"), 0.5, 0.7);
  expect([train, valid, last].map(({ text }) => new TextDecoder().decode(text))).toEqual(["éé", "é", "éé"]);
  expect(valid.where).toBe("the valid part of play.txt");
});

test("text too short for a window is refused with what to do", () => {
  const parts = { train: part("abc"), valid: part("abcdef"), test: part("abcdef") };
  expect(() => windowsOf(parts, byteTokenizer(), 3)).toThrow(
    "play.txt has 3 tokens, and a window takes 4; give more text or a smaller --context.",
  );
});

test("lines are framed by their end; what is modelled ends with it", () => {
  const lines = linesOf(part("anna\r\n\nbo\nanna"));
  expect(lines.map((line) => new TextDecoder().decode(line))).toEqual(["anna", "bo", "anna"]);
  const tokenizer = charTokenizer(["\n", "a", "b", "n", "o"]);
  const { spec, splits } = framedLines({ train: lines, valid: [lines[1]!], test: [] }, tokenizer, "x");
  expect(spec).toEqual({ shape: [6], values: "tokens", vocabulary: 5, boundary: 0 });
  expect([...splits.valid.x]).toEqual([0, 2, 4, 0, 0, 0]);
  expect([modelledTokens(splits.train.x.subarray(0, 6), spec), modelledTokens(splits.valid.x, spec)]).toEqual([5, 3]);
  expect(modelledTokens([0, 0, 0, 0], {})).toBe(3);
  expect(consecutive(splits.train, spec)).toBe(splits.train);
  expect(() => framedLines({ train: lines, valid: [], test: [] }, charTokenizer(["a", "b", "n", "o"]), "x")).toThrow(
    /no token for the end of a line/,
  );
});
