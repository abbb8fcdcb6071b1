import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { encodeNpy } from "../../src/base/codec/npy.ts";
import { embedded } from "../../src/data/embedded.ts";
import { encodeIdx } from "../../src/data/readers/idx.ts";
import { sampo, sampoJson, temporary, writeDigits } from "./support.ts";

const { at, clean } = temporary("compress");
const [run, other] = [at("run"), at("other")];
const COUNT = 150;
const SIZE = 12;

/** Zeros and ones, images of twelve pixels a side. */
const bits = (() => {
  const { test } = embedded("digits-binary", { size: SIZE, counts: { train: 1, valid: 1, test: COUNT } }).splits;
  return (test.x as Uint8Array).slice();
})();

async function refused(argv: readonly string[], code: number, sentence: RegExp) {
  const ended = await sampo(...argv);
  expect(ended.code).toBe(code);
  expect(ended.stderr.trim()).toMatch(sentence);
  expect(ended.stderr.trim().split("\n")).toHaveLength(1);
  expect(existsSync(at("never.idx"))).toBe(false);
}

beforeAll(async () => {
  const images = writeDigits(at("data"), "digits-binary");
  for (const [folder, seed] of [
    [run, "0"],
    [other, "1"],
  ] as const) {
    const ended = await sampo("train", "fvsbn", "--data", images, "--steps", "60", "--seed", seed, "--out", folder);
    if (ended.code !== 0) throw new Error(ended.stderr);
  }
  writeFileSync(at("x.idx.gz"), gzipSync(encodeIdx([COUNT, SIZE, SIZE], bits)));
  await sampoJson("compress", run, "--input", at("x.idx.gz"), "--out", at("x.sampo"));
});

afterAll(clean);

describe("compress and decompress", () => {
  it("give an IDX file back bit for bit, on another engine, and say what it took", async () => {
    const out = at("again.sampo");
    const made = await sampoJson("compress", run, "--input", at("x.idx.gz"), "--out", out, "--compare");
    expect(made).toMatchObject({ count: COUNT, bitForBit: true, bytes: readFileSync(out).length });
    const { bitsPerDim, modelBitsPerDim, likelihoodBitsPerDim, codecs } = made as unknown as Record<string, number> & {
      codecs: { codec: string; bytes: number }[];
    };
    expect(Math.abs(modelBitsPerDim! / likelihoodBitsPerDim! - 1)).toBeLessThan(0.01);
    expect((bitsPerDim! - modelBitsPerDim!) * bits.length).toBeLessThan(8 * 450);
    expect(codecs.map(({ codec }) => codec)).toEqual(
      expect.arrayContaining(["gzip", "brotli", "gzip, 8 in a byte", "PNG", "WebP"]),
    );
    expect(codecs.every(({ bytes }) => bytes > 500)).toBe(true);
    expect(readFileSync(out)).toEqual(readFileSync(at("x.sampo")));
    await sampoJson("decompress", run, "--input", out, "--out", at("back.idx"), "--device", "wasm");
    expect(new Uint8Array(readFileSync(at("back.idx")))).toEqual(encodeIdx([COUNT, SIZE, SIZE], bits));
  });

  it("keep the type of an array and the two numbers it is made of", async () => {
    const float = { type: "float32", shape: [COUNT, SIZE, SIZE], data: Float32Array.from(bits) } as const;
    const black = { type: "uint8", shape: [COUNT, SIZE, SIZE, 1], data: bits.map((bit) => 255 * bit) } as const;
    for (const [array, how] of [
      [float, []],
      [black, ["--binarize", "threshold"]],
    ] as const) {
      writeFileSync(at("in.npy"), encodeNpy(array));
      const { bitForBit } = await sampoJson("compress", run, "--input", at("in.npy"), "--out", at("n.sampo"), ...how);
      expect(bitForBit).toBe(true);
      await sampoJson("decompress", run, "--input", at("n.sampo"), "--out", at("out.npy"));
      expect(readFileSync(at("out.npy"))).toEqual(readFileSync(at("in.npy")));
      if (array === float)
        await refused(
          ["decompress", run, "--input", at("n.sampo"), "--out", at("out.idx")],
          2,
          /stored float32 numbers; write them as \.npy/,
        );
    }
  });

  it("keep them for the first examples of a file too", async () => {
    const black = bits.map((bit) => 255 * bit);
    writeFileSync(at("some.idx"), encodeIdx([COUNT, SIZE, SIZE], black));
    const argv = ["--input", at("some.idx"), "-n", "3", "--binarize", "threshold", "--out", at("some.sampo")];
    expect(await sampoJson("compress", run, ...argv)).toMatchObject({ count: 3, bitForBit: true });
    await sampoJson("decompress", run, "--input", at("some.sampo"), "--out", at("some-back.idx"));
    const first = black.subarray(0, 3 * SIZE * SIZE);
    expect(new Uint8Array(readFileSync(at("some-back.idx")))).toEqual(encodeIdx([3, SIZE, SIZE], first));
  });

  it("say that grey pixels come back binarised", async () => {
    const grey = bits.map((bit, i) => (bit === 1 ? 200 + (i % 50) : i % 90));
    writeFileSync(at("grey.idx"), encodeIdx([COUNT, SIZE, SIZE], grey));
    const argv = ["--input", at("grey.idx"), "--binarize", "threshold", "--out", at("grey.sampo")];
    expect(await sampoJson("compress", run, ...argv)).toMatchObject({ bitForBit: false });
    await sampoJson("decompress", run, "--input", at("grey.sampo"), "--out", at("grey-back.idx"));
    expect(new Uint8Array(readFileSync(at("grey-back.idx")))).toEqual(encodeIdx([COUNT, SIZE, SIZE], bits));
  });

  it("take bytes as the model was trained on them, and say so; zeros and ones need nothing", async () => {
    const grey = bits.map((bit, i) => (bit === 1 ? 200 + (i % 50) : i % 90));
    writeFileSync(at("own.idx"), encodeIdx([COUNT, SIZE, SIZE], grey));
    const how = ["--data", at("own.idx"), "--binarize", "threshold", "--steps", "1", "--out", at("bytes-run")];
    expect((await sampo("train", "fvsbn", ...how)).code).toBe(0);
    const argv = ["compress", at("bytes-run"), "--input", at("own.idx"), "--out", at("own.sampo")];
    const ended = await sampo(...argv);
    expect(ended.code).toBe(0);
    expect(ended.stderr).toMatch(/own\.idx are made zeros and ones by threshold, as for the training/);
    const argued = ["compress", at("bytes-run"), "--input", at("x.idx.gz"), "--out", at("own.sampo")];
    expect(await sampoJson(...argued, "--binarize", "threshold")).toMatchObject({ bitForBit: true });
  });

  it("never write over what they read", async () => {
    const before = readFileSync(at("x.idx.gz"));
    await refused(["compress", run, "--input", at("x.idx.gz"), "--out", at("x.idx.gz")], 2, /would be lost/);
    expect(readFileSync(at("x.idx.gz"))).toEqual(before);
    writeFileSync(at("x.npy"), readFileSync(at("x.sampo")));
    await refused(["decompress", run, "--input", at("x.npy"), "--out", at("x.npy")], 2, /would be lost/);
    expect(readFileSync(at("x.npy"))).toEqual(readFileSync(at("x.sampo")));
  });

  it("say what is coded where a model averages several orders", async () => {
    const folder = at("orders");
    const small = ["--set", "masks=4", "--set", "orders=4", "--set", "hidden=[8]"];
    const ended = await sampo("train", "made", "--data", at("x.idx.gz"), "--steps", "5", ...small, "--out", folder);
    expect(ended.stderr).not.toMatch(/error/);
    const { stdout } = await sampo("compress", folder, "-n", "9", "--out", at("o.sampo"), "--compare");
    expect(stdout).toMatch(/p\(x\) as coded: in one order[\s\S]*p\(x\): mean of the probabilities in 4 orders/);
  });

  it("refuse a file that is truncated, altered, of another model, or none at all", async () => {
    const file = readFileSync(at("x.sampo"));
    const attempt = (bytes: Uint8Array) => {
      writeFileSync(at("bad.sampo"), bytes);
      return ["decompress", run, "--input", at("bad.sampo"), "--out", at("never.idx")];
    };
    await refused(attempt(file.subarray(0, file.length - 9)), 1, /bad\.sampo is truncated or was altered/);
    const altered = Uint8Array.from(file);
    altered[Math.floor(file.length / 2)]! ^= 4;
    await refused(attempt(altered), 1, /bad\.sampo is truncated or was altered/);
    await refused(attempt(Uint8Array.from(Buffer.from("some text of mine"))), 1, /is not a file that compress wrote/);
    const foreign = ["decompress", other, "--input", at("x.sampo"), "--out", at("never.idx")];
    await refused(foreign, 2, /x\.sampo was compressed by another model \(fvsbn [0-9a-f]{8}, and this is fvsbn/);
    await refused(["decompress", run, "--input", at("x.sampo"), "--out", at("never.txt")], 2, /write \.idx, \.npy/);
    await refused(["decompress", run, "--out", at("never.idx")], 2, /Say which file to decompress/);
  });

  it("give a text back byte for byte, and refuse one with an unknown character", async () => {
    const lines = Array.from({ length: 60 }, (_, i) => `${i} the wolf ran over ${i % 7} hills;\r\n`).join("");
    writeFileSync(at("play.txt"), lines);
    const small = ["layers=1", "heads=1", "headWidth=8"].flatMap((option) => ["--set", option]);
    const trained = await sampo(
      "train",
      "gpt",
      "--data",
      at("play.txt"),
      "--context",
      "16",
      "--steps",
      "5",
      ...small,
      "--out",
      at("g"),
    );
    expect(trained.stderr).not.toMatch(/Error/);
    await refused(["compress", at("g"), "--input", at("play.txt"), "-n", "5"], 2, /leave --count out/);
    const over = ["compress", at("g"), "--input", at("play.txt"), "--out", at("play.txt")];
    await refused(over, 2, /would be lost/);
    const made = await sampoJson("compress", at("g"), "--input", at("play.txt"), "--out", at("play.sampo"));
    expect(made).toMatchObject({ textBytes: lines.length, bytes: readFileSync(at("play.sampo")).length });
    await sampoJson("decompress", at("g"), "--input", at("play.sampo"), "--out", at("back.txt"), "--threads", "1");
    expect(readFileSync(at("back.txt"), "utf8")).toBe(lines);
    writeFileSync(at("odd.txt"), "a wolf § ran");
    await refused(["compress", at("g"), "--input", at("odd.txt"), "--out", at("never.idx")], 2, /odd\.txt.*§/);
    await refused(["compress", at("g"), "--out", at("never.idx")], 2, /Say which text to compress/);
  });
});
