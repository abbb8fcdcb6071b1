import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { afterAll, beforeAll, expect, it } from "vitest";
import { decodeSafetensors } from "../../src/base/codec/safetensors.ts";
import { readTokenizer } from "../../src/data/text/index.ts";
import { sampo, sampoJson, temporary } from "./support.ts";

/* Text from the file to the sample: training, resuming, evaluation, sampling and completion, and what is refused. */

const place = temporary("text");
const { at } = place;
const play = () => at("play.txt");
const size = ["--set", "layers=1", "--set", "heads=2", "--set", "headWidth=8", "--batch-size", "4"];
const gpt = (folder: string, ...more: string[]) =>
  sampo("train", "gpt", "--data", play(), "--context", "16", ...size, ...more, "--out", at(folder), "--quiet");

beforeAll(async () => {
  mkdirSync(at("."), { recursive: true });
  writeFileSync(play(), "KING:\nTo be, or not to be; that is it.\n\nFOOL:\nOr not, my lord?\n\n".repeat(30));
  const ngram = await sampo("train", "ngram", "--data", play(), "--set", "order=4", "--out", at("ngram"), "--quiet");
  const ended = [ngram, await gpt("gpt", "--steps", "8")];
  expect(ended.map(({ code, stderr }) => [code, stderr])).toEqual(ended.map(() => [0, ""]));
});

afterAll(() => place.clean());

const last = (folder: string) =>
  decodeSafetensors(new Uint8Array(readFileSync(at(folder, "checkpoints", "last.safetensors")))).tensors;

it("a run keeps its tokeniser, with its hash in the manifest", () => {
  const tokenizer = readTokenizer(readFileSync(at("gpt", "tokenizer.json"), "utf8"), "x");
  const manifest = JSON.parse(readFileSync(at("gpt", "manifest.json"), "utf8")) as Record<string, unknown>;
  expect(readFileSync(at("ngram", "report.html"), "utf8")).toContain("A text drawn from the model");
  expect(manifest.tokenizer).toMatchObject({ kind: "char", vocabulary: tokenizer.vocabulary });
});

it("stopped and resumed, windows come as they would have", async () => {
  expect((await gpt("half", "--steps", "4")).code).toBe(0);
  expect((await sampo("train", "--resume", at("half"), "--steps", "8", "--quiet")).code).toBe(0);
  expect(last("half")).toEqual(last("gpt"));
});

it("evaluates in nats and bits per token and character", async () => {
  const { likelihood } = (await sampoJson("evaluate", at("ngram"), "--split", "valid")) as {
    likelihood: Record<string, number | string>;
  };
  expect(likelihood.kind).toBe("exact");
  expect(likelihood.natsPerToken).toBeLessThan(0.5);
  expect(likelihood.bitsPerChar).toBeCloseTo(Number(likelihood.natsPerToken) / Math.LN2, 12);
  expect(likelihood.perplexity).toBeCloseTo(Math.exp(Number(likelihood.natsPerToken)), 12);
  expect(Number(likelihood.nats)).toBeCloseTo(64 * Number(likelihood.natsPerToken), 9);
});

interface Sampled {
  readonly samples: readonly { readonly text: string; readonly tokens: number; readonly ended: string }[];
}

it("samples from a prompt, the same for a seed, up to a stop", async () => {
  const words = ["--prompt", "KING:\\n", "--tokens", "40", "--temperature", "0.5", "--top-p", "0.9"];
  const sample = async (...more: string[]) => (await sampoJson("sample", at("ngram"), ...words, ...more)) as Sampled;
  const { samples } = await sample("-n", "2");
  expect(samples.map(({ tokens, ended }) => [tokens, ended])).toEqual([
    [40, "length"],
    [40, "length"],
  ]);
  expect(samples[0]!.text.startsWith("KING:\nTo be")).toBe(true);
  expect((await sample()).samples[0]).toEqual(samples[0]);
  const stopped = (await sample("--stop", ";")).samples[0]!;
  expect(stopped.text).toBe(samples[0]!.text.split(";")[0]);
  const printed = await sampo("sample", at("gpt"), "--prompt", "KING", "--tokens", "50", "--top-k", "3");
  expect([printed.code, printed.stdout.trimEnd().slice(0, 4)]).toEqual([0, "KING"]);
});

it("completes: from a beginning, and between what is given", async () => {
  const { stdout } = await sampo("complete", at("ngram"), "--prompt", "To b_, or n_t", "--blank", "_");
  const [file, same] = [at("filled.txt"), ["--prompt", "To b_, or n_t", "--blank", "_", "--out"]];
  expect((await sampo("complete", at("ngram"), ...same, file)).code).toBe(0);
  expect(readFileSync(file, "utf8")).toBe(stdout);
  expect((await sampo("complete", at("ngram"), ...same, at("filled.png"))).stderr).toMatch(/write \.txt/);
  expect(stdout.trim()).toBe("To be, or not");
  const onwards = await sampo("complete", at("ngram"), "--prompt", "To be, or", "--tokens", "4");
  expect(onwards.stdout.trimEnd().length).toBeGreaterThan(9);
});

it("trains with byte pairs, and from a tokeniser's file", async () => {
  const train = (tokenizer: string, folder: string) =>
    sampo(...["train", "ngram", "--data", play(), "--tokenizer", tokenizer, "--context", "8", "--out", at(folder)]);
  expect((await train("bpe:280", "bpe")).code).toBe(0);
  expect((await train(at("bpe", "tokenizer.json"), "again")).code).toBe(0);
  expect(last("again")).toEqual(last("bpe"));
  const { likelihood } = (await sampoJson("evaluate", at("bpe"))) as { likelihood: Record<string, number> };
  expect(likelihood.bitsPerChar).toBeLessThan(likelihood.bitsPerToken!);
});

it.each([
  [["sample", "gpt", "--prompt", "Ω"], /has the character “Ω” \(U\+03A9\) at byte 0, which is none of the \d+/],
  [["sample", "gpt", "--prompt", "to be, or not to be"], /has 19 tokens, and the model looks back on 16: leave out/],
  [["sample", "gpt", "--top-p", "2"], /--top-p is a probability/],
  [["sample", "gpt", "--mean"], /writes text: leave --mean out/],
  [["complete", "gpt"], /Say which text to complete/],
  [["complete", "gpt", "--prompt", "KING", "--mask", "top-half"], /--mask is for images and rows/],
  [["complete", "bpe", "--prompt", "a_", "--blank", "_"], /tokens are byte pairs/],
])("refuses with one sentence: %j", async ([command, folder, ...rest], sentence) => {
  const { code, stderr } = await sampo(command!, at(folder!), ...rest);
  expect([code, stderr]).toEqual([2, expect.stringMatching(sentence)]);
  expect(stderr.trim().split("\n")).toHaveLength(1);
});

it("refuses text that is no UTF-8, a vae on text, and a tokeniser that was changed", async () => {
  writeFileSync(at("broken.txt"), Buffer.from([65, 0xff, 66]));
  const broken = await sampo("train", "ngram", "--data", at("broken.txt"), "--out", at("none"));
  expect([broken.code, broken.stderr]).toEqual([1, expect.stringContaining("byte 0xff at offset 1")]);
  const vae = await sampo("train", "vae", "--data", play(), "--out", at("none"));
  expect([vae.code, vae.stderr]).toEqual([2, expect.stringContaining("tokens of text")]);
  expect(existsSync(at("none"))).toBe(false);
  const file = at("half", "tokenizer.json");
  writeFileSync(file, readFileSync(file, "utf8").replace("null", " null"));
  const changed = await sampo("sample", at("half"), "--prompt", "K");
  expect([changed.code, changed.stderr]).toEqual([1, expect.stringContaining("its hash differs")]);
});
