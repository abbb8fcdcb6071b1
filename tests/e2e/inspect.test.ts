import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { decodeNpy } from "../../src/base/codec/npy.ts";
import { sampo, sampoJson, temporary, writeDigits } from "./support.ts";

/* Surprise and causality on the command line: pictures, numbers and texts, and what is refused. */

const { at, clean } = temporary("inspect");
const [images, lines] = [() => at("data", "images.npy"), () => at("play.txt")];
const small = ["layers=1", "heads=1", "headWidth=8"].flatMap((option) => ["--set", option]);

beforeAll(async () => {
  mkdirSync(at("."), { recursive: true });
  writeDigits(at("data"), "digits-binary", 200);
  writeFileSync(lines(), "KING:\nTo be, or not to be.\n\nFOOL:\nOr not, my lord?\n\n".repeat(30));
  for (const argv of [
    ["fvsbn", "--data", images(), "--steps", "40", "--out", at("f")],
    ["vae", "--data", images(), "--steps", "2", "--set", "hidden=8", "--set", "latent=2", "--out", at("v")],
    ["ngram", "--data", lines(), "--set", "order=4", "--out", at("n")],
    ["gpt", "--data", lines(), "--context", "16", "--steps", "2", ...small, "--out", at("g")],
  ]) {
    const ended = await sampo("train", ...argv, "--quiet");
    if (ended.code !== 0) throw new Error(ended.stderr);
  }
}, 120_000);

afterAll(clean);

async function refused(argv: readonly string[], sentence: RegExp) {
  const ended = await sampo(...argv);
  expect([ended.code, ended.stderr.trim()]).toEqual([2, expect.stringMatching(sentence)]);
  expect(ended.stderr.trim().split("\n")).toHaveLength(1);
  expect(existsSync(at("never.png"))).toBe(false);
}

const isPng = (path: string) => readFileSync(path).subarray(1, 4).toString() === "PNG";

interface Maps {
  readonly maps: readonly { row: number; column: number; before: number; seen: number }[];
}

describe("surprise", () => {
  it("writes examples beside their maps, and totals that are the likelihood's", async () => {
    const found = await sampoJson("surprise", at("f"), "--split", "test", "-n", "5", "--out", at("s.png"));
    const { likelihood } = await sampoJson<{ likelihood: { nats: number; bitsPerDim: number } }>(
      "evaluate",
      at("f"),
      "--split",
      "test",
      "--limit",
      "5",
    );
    expect(found).toMatchObject({ count: 5, order: 0, orders: 1, unit: "nats", file: at("s.png") });
    expect(Number(found.nats) / likelihood.nats).toBeCloseTo(1, 5);
    expect(Number(found.bitsPerDim) / likelihood.bitsPerDim).toBeCloseTo(1, 5);
    expect(isPng(at("s.png"))).toBe(true);
    const { stdout } = await sampo("surprise", at("f"), "-n", "2", "--out", at("s.svg"));
    expect(readFileSync(at("s.svg"), "utf8")).toMatch(/^<svg .*nats per pixel/);
    expect(stdout).toMatch(/s\.svg: surprise of 2 examples of the test split of .*nats each in the mean/);
  });

  it("writes the nats of every variable of one's own images", async () => {
    const json = await sampoJson<{ examples: { nats: number; most: { place: number; nats: number } }[] }>(
      "surprise",
      at("f"),
      "--input",
      images(),
      "-n",
      "3",
      "--out",
      at("s.npy"),
    );
    const { shape, data } = decodeNpy(new Uint8Array(readFileSync(at("s.npy"))), "s.npy");
    expect(shape).toEqual([3, 1, 12, 12]);
    json.examples.forEach(({ nats, most }, i) => {
      const own = Array.from(data as Float32Array).slice(i * 144, (i + 1) * 144);
      expect(own.reduce((a, b) => a + b, 0)).toBeCloseTo(nats, 3);
      expect([own.indexOf(Math.max(...own)), Math.max(...own)]).toEqual([most.place, most.nats]);
    });
  });

  it("of a text is a table with its totals, colours where there are any, a page or a table as a file", async () => {
    const text = ["--text", "To be, or nqt"];
    const found = await sampoJson<Record<string, number> & { tokens: { token: string; nats: number }[] }>(
      "surprise",
      at("n"),
      "--text",
      "To be, or not to be",
    );
    expect(found.tokens.map(({ token }) => token).join("")).toBe("To be, or not to be");
    expect(found.tokens.reduce((sum, { nats }) => sum + nats, 0)).toBeCloseTo(found.nats!, 4);
    expect(found.bitsPerChar).toBeCloseTo(found.nats! / 19 / Math.LN2, 5);
    const plain = await sampo("surprise", at("g"), "--text", "To be");
    expect(plain.stdout).toMatch(/^token +nats +probability\n"T" +\d/);
    expect(plain.stdout).toMatch(/nats in all, .* nats per token over 5 tokens/);
    await refused(["surprise", at("n"), ...text], /The text has the character “q”/);
    await sampo("surprise", at("n"), "--input", lines(), "-n", "50", "--out", at("s.html"));
    expect(readFileSync(at("s.html"), "utf8")).toMatch(/nats per token.*<span style="background:rgb\(/is);
    await sampo("surprise", at("n"), "-n", "20", "--out", at("s.csv"));
    expect(
      readFileSync(at("s.csv"), "utf8")
        .trim()
        .match(/,\d+,\d+\.\d{6}$/gm),
    ).toHaveLength(20);
  });

  it("refuses what has none, in one sentence", async () => {
    const out = ["--out", at("never.png")];
    await refused(["surprise", at("v"), ...out], /A vae has no surprise of single variables: it does not predict/);
    await refused(["surprise", at("f"), "--text", "a", ...out], /was not trained on text: leave --text out/);
    await refused(["surprise", at("f"), "--order", "1", ...out], /no order 1.*just number 0/);
    await refused(["surprise", at("f"), "--out", at("never.txt")], /write \.png, \.svg, \.npy, \.csv/);
    await refused(["surprise", at("f"), "--oder", "1"], /unknown option '--oder'.*--order/i);
    await refused(["surprise", at("n"), "--text", "a", "--split", "test"], /exclude each other/);
    await refused(["surprise", at("n"), "--text", ""], /empty/);
    await refused(["surprise", at("n"), "--size", "8"], /trained on text: leave --size out/);
    await refused(["surprise", at("n"), ...out], /write \.html, \.csv/);
  });
});

describe("causality", () => {
  it("maps what nine predictions see, or those that are asked for", async () => {
    const { maps } = await sampoJson<Maps>("causality", at("f"), "--out", at("c.png"));
    expect([maps.length, isPng(at("c.png"))]).toEqual([9, true]);
    for (const { row, column, before, seen } of maps) {
      expect(before).toBe(row * 12 + column);
      expect(seen).toBe(before);
    }
    const asked = ["--at", "0,0", "--at", "3,7", "-n", "2", "--out", at("c.npy")];
    const two = await sampoJson<Maps>("causality", at("f"), ...asked);
    expect(two.maps).toMatchObject([
      { row: 0, column: 0, before: 0, seen: 0, strongest: null },
      { row: 3, column: 7, before: 43, seen: 43 },
    ]);
    const { shape, data } = decodeNpy(new Uint8Array(readFileSync(at("c.npy"))), "c.npy");
    expect(shape).toEqual([2, 1, 12, 12]);
    expect(Array.from(data as Float32Array).flatMap((value, i) => (value > 0 ? [i] : []))).toEqual(
      Array.from({ length: 43 }, (_, i) => 144 + i),
    );
    const { stdout } = await sampo("causality", at("f"), "--at", "3,7", "--out", at("c.svg"));
    expect(stdout).toContain("row 3, column 7: sees 43 of 43 before it");
    expect(readFileSync(at("c.svg"), "utf8")).toContain("before it, but unseen");
  });

  it("of a text says which tokens a prediction depends on", async () => {
    const found = await sampoJson<{ at: number; tokens: { token: string; strength: number; seen: boolean }[] }>(
      "causality",
      at("g"),
      "--text",
      "To be, or not to be.",
      "--at",
      "9",
    );
    expect(found.at).toBe(9);
    expect(found.tokens.map(({ token }) => token).join("")).toBe("To be, or");
    expect(found.tokens.every(({ strength, seen }) => seen && strength > 0)).toBe(true);
    const long = await sampoJson<typeof found>("causality", at("g"), "--text", "To be, or not to be.");
    expect(long.tokens.map(({ token }) => token).join("")).toBe("e, or not to be.");
    const page = await sampo("causality", at("g"), "--text", "To be", "--out", at("c.html"));
    expect(page.stdout).toMatch(/c\.html: What the prediction of the token after it depends on: 5 of the 5 tokens/);
    expect(readFileSync(at("c.html"), "utf8")).toContain("<span style=");
  });

  it("refuses what has none and places that are none", async () => {
    const out = ["--out", at("never.png")];
    await refused(["causality", at("v"), ...out], /A vae has no causality to look at/);
    await refused(["causality", at("n")], /A ngram has no causality to look at: what it predicts from is a table/);
    await refused(["causality", at("f"), "--at", "12,0", ...out], /--at 12,0: expected row,column below 12,12/);
    await refused(["causality", at("f"), "--at", "3", ...out], /--at 3: expected row,column/);
    await refused(["causality", at("f"), "--at", "1,2,1", ...out], /--at 1,2,1: expected row,column/);
    await refused(["causality", at("g"), "--text", "To be", "--at", "0"], /expected the number of a token from 1 to 5/);
  });
});

it("reports show both, and the surprise of a text", () => {
  const page = readFileSync(at("f", "report.html"), "utf8");
  expect(page).toMatch(/<strong>Surprise\.<\/strong>.*<strong>Causality\.<\/strong>/s);
  expect(isPng(at("f", "pictures", "surprise.png")) && isPng(at("f", "pictures", "causality.png"))).toBe(true);
  expect(readFileSync(at("v", "report.html"), "utf8")).not.toContain("Surprise");
  expect(readFileSync(at("g", "report.html"), "utf8")).toMatch(/The beginning of the test text.*<span style=/s);
});
