import { readFileSync } from "node:fs";
import path from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { dataFolder, needsData } from "../../../tests/support/data.ts";
import { byteCharacters, spell, unspell } from "./alphabet.ts";
import { bpeTokenizer, byteTokenizer } from "./bpe.ts";
import { charactersOf, charTokenizer } from "./char.ts";
import { readGpt2, readTokenizer } from "./read.ts";
import { decodeText, decodeTokens, encodeText, singleToken } from "./tokenizer.ts";
import { trainBpe } from "./train-bpe.ts";
import { bytesOfText, countCharacters, escapedText, firstInvalid, textOf } from "./utf8.ts";
import { wordsOf } from "./words.ts";

const bytesOf = (text: string) => new TextEncoder().encode(text);
const sentence = "the theatre, the other thing; they'll see 12 things  there\n\n\tThe end.";
const trained = bpeTokenizer(trainBpe(bytesOf(sentence.repeat(3)), 300));

test("the byte alphabet is GPT-2's and spells any bytes", () => {
  expect([byteCharacters[33], byteCharacters[32], byteCharacters[0], byteCharacters[173]]).toEqual([
    "!",
    "Ġ",
    "Ā",
    "Ń",
  ]);
  fc.assert(fc.property(fc.uint8Array(), (bytes) => void expect(unspell(spell(bytes))).toEqual(bytes)));
  expect(unspell("a b")).toBeUndefined();
});

test("escaped text keeps any bytes; invalid bytes are found where Node's decoder finds them", () => {
  const hostile = fc.oneof(
    fc.uint8Array({ maxLength: 40 }),
    fc
      .array(fc.constantFrom(0xed, 0xa0, 0x80, 0xf4, 0x90, 0xe2, 0x82, 0xac, 0x41, 0xc0), { maxLength: 12 })
      .map((a) => Uint8Array.from(a)),
  );
  fc.assert(
    fc.property(hostile, (bytes) => {
      expect(bytesOfText(escapedText(bytes))).toEqual(bytes);
      const at = firstInvalid(bytes);
      expect(at === -1).toBe(textOf(bytes) !== undefined);
      if (at >= 0) expect(textOf(bytes.subarray(0, at))).toBeDefined();
    }),
    { numRuns: 500 },
  );
});

test("characters are counted additively", () => {
  const bytes = bytesOf("aé€😀");
  expect(countCharacters(bytes)).toBe(4);
  expect(countCharacters(bytes.subarray(0, 4)) + countCharacters(bytes.subarray(4))).toBe(4);
});

test("words are cut as GPT-2 cuts them", () => {
  expect(wordsOf("I'll say  hello, World42!!\n\n x")).toEqual([
    "I",
    "'ll",
    " say",
    " ",
    " hello",
    ",",
    " World",
    "42",
    "!!",
    "\n\n",
    " x",
  ]);
  expect(wordsOf("\ufeffa\u0085b")).toEqual(["\ufeff", "a", "\u0085", "b"]);
});

test.each([
  ["byte", byteTokenizer()],
  ["bpe", trained],
])("%s: any bytes come back exactly, also through tokenizer.json", (_, tokenizer) => {
  const again = readTokenizer(tokenizer.json(), "tokenizer.json");
  expect([again.kind, again.vocabulary, again.json()]).toEqual([
    tokenizer.kind,
    tokenizer.vocabulary,
    tokenizer.json(),
  ]);
  const texts = fc.oneof(
    fc.uint8Array({ maxLength: 60 }),
    fc.string({ unit: "binary" }).map(bytesOf),
    fc.constant(bytesOf(`${sentence}\ufeff`)),
  );
  fc.assert(
    fc.property(texts, (bytes) => {
      const tokens = tokenizer.encode(bytes);
      expect(decodeTokens(tokenizer, tokens)).toEqual(bytes);
      expect(again.encode(bytes)).toEqual(tokens);
    }),
    { numRuns: 100 },
  );
});

test("bytes are their own tokens", () => {
  expect([...byteTokenizer().encode(Uint8Array.of(0, 255, 65))]).toEqual([0, 255, 65]);
});

test("characters: one token each in the order of code points, read again from their file", () => {
  const tokenizer = charTokenizer(charactersOf(bytesOf("b😀a\nb7"), "x"));
  expect(decodeText(tokenizer, [0, 1, 2, 3, 4])).toBe("\n7ab😀");
  const again = readTokenizer(tokenizer.json(), "tokenizer.json");
  expect([again.kind, [...encodeText(again, "a😀b")], singleToken(again, "\n")]).toEqual(["char", [2, 4, 3], 0]);
});

test("what characters cannot say is refused with file, offset and cure", () => {
  const tokenizer = charTokenizer(["a", "b"]);
  expect(() => tokenizer.encode(bytesOf("abéa"), "notes.txt")).toThrow(
    "notes.txt has the character “é” (U+00E9) at byte 2, which is none of the 2 the tokeniser knows; leave it out, or train with --tokenizer byte, which knows every text.",
  );
  expect(() => tokenizer.encode(bytesOf("ab\n"), "notes.txt")).toThrow("the character U+000A at byte 2");
  expect(() => tokenizer.encode(Uint8Array.of(97, 0xff), "notes.txt")).toThrow(
    "notes.txt is no UTF-8: byte 0xff at offset 1 belongs to no character; convert the file, or take its bytes as they are with --tokenizer byte.",
  );
});

test("training merges the most frequent pair first, ties by the smaller tokens, and stops where no pair is left", () => {
  const { tokens, merges } = trainBpe(bytesOf("abab cdcd abab"), 1000);
  const spelt = tokens.slice(256).map((bytes) => textOf(bytes));
  expect(spelt).toEqual(["ab", "cd", "abab", " cd", " abab", " cdcd"]);
  expect(merges).toHaveLength(tokens.length - 256);
  expect(() => trainBpe(bytesOf("a"), 255)).toThrow(/at least the 256 bytes/);
});

test("a long word without a cut is merged in less than its square", () => {
  const tokenizer = bpeTokenizer(trainBpe(bytesOf("ab".repeat(64)), 262));
  const long = bytesOf("ab".repeat(20_000));
  const start = performance.now();
  expect(decodeTokens(tokenizer, tokenizer.encode(long))).toEqual(long);
  expect(performance.now() - start).toBeLessThan(4000);
});

test("added tokens are matched literally before anything else", () => {
  const bpe = trainBpe(bytesOf(sentence), 260);
  const end = { id: 260, content: "<|end|>" };
  const tokenizer = bpeTokenizer({ ...bpe, tokens: [...bpe.tokens, bytesOf(end.content)], added: [end] });
  const again = readTokenizer(tokenizer.json(), "x");
  for (const one of [tokenizer, again]) {
    const tokens = encodeText(one, "the<|end|><|end|");
    expect([...tokens].filter((token) => token === 260)).toHaveLength(1);
    expect(decodeText(one, tokens)).toBe("the<|end|><|end|");
  }
});

test.each([
  ["{", /no JSON/],
  ["[PAD]\n[UNK]\n", /^\S+ is no JSON \(.*\); give a tokenizer\.json\.$/],
  ["{}", /no tokenizer.json/],
  ['{"model":{"type":"WordPiece","vocab":{"a":0}}}', /holds a WordPiece model/],
  ['{"normalizer":{"type":"NFC"},"model":{"type":"BPE","vocab":{"a":0}}}', /normalises text/],
  ['{"pre_tokenizer":{"type":"Metaspace"},"model":{"type":"BPE","vocab":{"a":0}}}', /cuts text by "Metaspace"/],
  ['{"model":{"type":"BPE","vocab":{"a":1}}}', /“a” is 1/],
  ['{"model":{"type":"BPE","vocab":{"a":0,"b":0}}}', /“b” is 0/],
  ['{"model":{"type":"BPE","vocab":{"ab":0}}}', /not one character/],
  [
    '{"pre_tokenizer":{"type":"ByteLevel","add_prefix_space":true},"model":{"type":"BPE","vocab":{"a":0}}}',
    /adds a space/,
  ],
  [
    '{"pre_tokenizer":{"type":"ByteLevel","add_prefix_space":false},"model":{"type":"BPE","vocab":{"a":0}}}',
    /none for byte 0/,
  ],
  [
    '{"pre_tokenizer":{"type":"ByteLevel","add_prefix_space":false},"model":{"type":"BPE","vocab":{"a":0},"merges":["b c"]}}',
    /none of its tokens/,
  ],
])("a file that is something else is refused with one sentence: %s", (content, sentence) => {
  expect(() => readTokenizer(content, "t.json")).toThrow(sentence);
});

describe.skipIf(dataFolder === undefined)(`published vocabularies${needsData}`, () => {
  const at = (name: string) => readFileSync(path.join(dataFolder!, "tokenizers", name), "utf8");
  const gpt2 = () =>
    readGpt2(at("gpt2-encoder.json"), at("gpt2-vocab.bpe"), { vocabulary: "vocab.json", merges: "merges.txt" });

  test("GPT-2's files encode as GPT-2 does and come back exactly", () => {
    const tokenizer = gpt2();
    expect(tokenizer.vocabulary).toBe(50257);
    expect([...encodeText(tokenizer, "Hello world")]).toEqual([15496, 995]);
    expect([...encodeText(tokenizer, "The quick brown fox jumps over the lazy dog.<|endoftext|>")]).toEqual([
      464, 2068, 7586, 21831, 18045, 625, 262, 16931, 3290, 13, 50256,
    ]);
    const again = readTokenizer(tokenizer.json(), "x");
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array(), fc.string({ unit: "binary" }).map(bytesOf)), (bytes) => {
        const tokens = tokenizer.encode(bytes);
        expect(decodeTokens(tokenizer, tokens)).toEqual(bytes);
        expect(again.encode(bytes)).toEqual(tokens);
      }),
    );
  });

  test("a megabyte trains in seconds and comes back exactly", () => {
    const text = new Uint8Array(readFileSync(path.join(dataFolder!, "text", "tinyshakespeare.txt")));
    const tokenizer = bpeTokenizer(trainBpe(text, 1000));
    expect(tokenizer.vocabulary).toBe(1000);
    const tokens = tokenizer.encode(text);
    expect(tokens.length).toBeLessThan(text.length / 2.2);
    expect(Buffer.compare(decodeTokens(tokenizer, tokens), text)).toBe(0);
    expect(charactersOf(text, "x")).toHaveLength(65);
  });
});
