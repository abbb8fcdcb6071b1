import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { dataFolder, needsData } from "../../tests/support/data.ts";
import { openDataset } from "./open.node.ts";
import { decodeText } from "./text/index.ts";

const folder = mkdtempSync(path.join(tmpdir(), "sampo-text-"));
const at = (...names: string[]) => path.join(folder, ...names);
const put = (name: string, content: string | Uint8Array) => {
  mkdirSync(path.dirname(at(name)), { recursive: true });
  writeFileSync(at(name), content);
  return at(name);
};
afterAll(() => rmSync(folder, { recursive: true }));

const plain = "to be, or not to be\n".repeat(50);
const env = { SAMPO_DATA: dataFolder, SAMPO_CACHE: at("cache") };

test("a text file is characters in its own order, cut 80 / 10 / 10", async () => {
  const data = await openDataset(put("play.txt", plain), { context: 8 });
  expect(data.spec).toEqual({ shape: [9], values: "tokens", vocabulary: 9 });
  expect([data.splits.train.count, data.splits.valid.count]).toEqual([792, 12]);
  expect(decodeText(data.tokenizer!, data.splits.train.x.subarray(0, 19))).toBe("to be, or not to be");
  expect(data.protocol).toBe(
    "play.txt: the first 80 % train, the next 10 % valid, the last 10 % test; characters, 9 tokens, windows of 8.",
  );
  const again = await openDataset(at("play.txt"), { usual: { context: 8, tokenizer: "char" } });
  expect(again.hash).toBe(data.hash);
  expect((await openDataset(at("play.txt"), { context: 9 })).hash).not.toBe(data.hash);
});

test("bytes, byte pairs, and the tokeniser of a file", async () => {
  const file = put("play.txt", plain);
  expect((await openDataset(file, { tokenizer: "byte" })).spec.vocabulary).toBe(256);
  const bpe = await openDataset(file, { tokenizer: "bpe:260", context: 8 });
  expect([bpe.spec.vocabulary, bpe.splits.train.x.constructor]).toEqual([260, Float32Array]);
  put("tokenizer.json", bpe.tokenizer!.json());
  const same = await openDataset(file, { tokenizer: at("tokenizer.json"), context: 8 });
  expect(same.hash).toBe(bpe.hash);
});

test("a folder is its files by name, or its train, valid and test", async () => {
  put("many/b.txt", "b".repeat(200));
  put("many/a.txt", "a".repeat(200));
  const many = await openDataset(at("many"), { context: 4 });
  expect(decodeText(many.tokenizer!, many.splits.train.x.subarray(198, 202))).toBe("aabb");
  for (const [i, name] of ["train", "val", "test"].entries()) put(`three/${name}.txt`, "abc".repeat(20 + i));
  const three = await openDataset(at("three"), { context: 4 });
  expect(three.splits.test.x).toHaveLength(66);
  expect(three.protocol).toContain("train.txt, val.txt and test.txt as given");
});

test("line by line: shuffled, framed, each its own example", async () => {
  const names = Array.from({ length: 30 }, (_, i) => "ab".repeat(1 + (i % 3))).join("\n");
  const data = await openDataset(put("names.txt", names), { lines: true });
  expect(data.spec).toEqual({ shape: [8], values: "tokens", vocabulary: 3, boundary: 0 });
  expect([data.splits.train.count, data.splits.valid.count, data.splits.test.count]).toEqual([24, 3, 3]);
});

test.each([
  [() => ({ tokenizer: "chr" }), "There is no tokeniser chr; did you mean char? There are char, byte, bpe:N"],
  [() => ({ tokenizer: "bpe" }), "--tokenizer bpe: say how many tokens, for example bpe:1000."],
  [() => ({ tokenizer: "bpe:10" }), "A byte-level vocabulary has at least the 256 bytes; got 10."],
  [() => ({ context: 5000 }), "tokens, and a window takes 5001; give more text or a smaller --context."],
  [() => ({ size: 8 }), "is text: leave size out."],
  [() => ({ binarize: "static" as const }), "holds tokens: leave binarize=static out."],
  [() => ({ lines: true, context: 3 }), "the longest line is the context: leave context out."],
  [() => ({ tokenizer: put("t.json", "{}") }), "t.json is no tokenizer.json"],
  [() => ({ tokenizer: at("missing.json") }), "missing.json cannot be read"],
])("what does not fit is refused with one sentence: %s", async (options, sentence) => {
  await expect(openDataset(put("play.txt", plain), options())).rejects.toThrow(sentence);
});

test("unknown characters and invalid UTF-8 are found with file, offset and cure", async () => {
  const rare = put("rare.txt", `${plain}ß${"to be, or not to be\n".repeat(2)}`);
  await expect(openDataset(rare, { context: 4 })).rejects.toThrow(/the test part of .*rare.txt has the character “ß”/);
  const broken = put(
    "broken.txt",
    Buffer.concat([Buffer.from(plain.slice(0, 100)), Buffer.from([0xff]), Buffer.from(plain)]),
  );
  await expect(openDataset(broken, { context: 4 })).rejects.toThrow(/broken.txt is no UTF-8: byte 0xff at offset 100/);
  expect((await openDataset(broken, { context: 4, tokenizer: "byte" })).splits.train.x).toContain(0xff);
});

test("options of text are refused for other data", async () => {
  await expect(openDataset("digits", { context: 4 })).rejects.toThrow(
    "Only text is cut into tokens, and digits is none",
  );
});

describe.skipIf(dataFolder === undefined)(`published texts${needsData}`, () => {
  test("tiny-shakespeare: nanoGPT's split of 1,003,854 and 111,540 characters", async () => {
    const { splits, spec, protocol } = await openDataset("tiny-shakespeare", {}, { env });
    expect([splits.train.x.length, splits.valid.x.length, spec.vocabulary]).toEqual([1_003_854, 111_540, 65]);
    expect([splits.train.count, splits.valid.count]).toEqual([1_003_790, 1742]);
    expect(protocol).toContain("test is valid again");
    expect(splits.test.x).toBe(splits.valid.x);
  });

  test("names: 27 tokens, the end of a line frames", async () => {
    const data = await openDataset("names", {}, { env });
    expect(data.spec).toEqual({ shape: [17], values: "tokens", vocabulary: 27, boundary: 0 });
    expect([data.splits.train.count, data.splits.valid.count, data.splits.test.count]).toEqual([25627, 3203, 3203]);
  });

  test("GPT-2's vocabulary tokenises a set", async () => {
    const file = path.join(dataFolder!, "tokenizers", "gpt2-encoder.json");
    const data = await openDataset("tiny-shakespeare", { tokenizer: file }, { env });
    expect([data.spec.vocabulary, data.splits.train.x.length, data.splits.valid.x.length]).toEqual([
      50257, 301_966, 36_059,
    ]);
    const text = readFileSync(path.join(dataFolder!, "text", "tinyshakespeare.txt"), "utf8");
    expect(text.startsWith(decodeText(data.tokenizer!, data.splits.train.x))).toBe(true);
  });
});
