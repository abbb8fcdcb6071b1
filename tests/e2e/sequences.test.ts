import { readFileSync, writeFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { sampo, sampoJson, temporary } from "./support.ts";

const place = temporary("sequences");
afterAll(() => place.clean());

/** Sequences of two regimes, in rows that name them, with a few gaps. */
function written(): string {
  const lines = Array.from({ length: 60 }, (_, n) =>
    Array.from({ length: 2 + ((n * 7) % 9) }, (__, t) => {
      const high = Math.floor((n + t) / 4) % 2;
      const x = (n + t) % 11 === 5 ? "" : (Math.sin(13 * n + 7 * t) + 5 * high).toFixed(2);
      return `s${n},${x},${high ? "on" : "off"}`;
    }),
  );
  const file = place.at("steps.csv");
  writeFileSync(file, `who,x,light\n${lines.flat().join("\n")}\n`);
  return file;
}

describe("sequences of rows through the verbs", () => {
  const run = place.at("hmm");
  let file: string;
  beforeAll(async () => {
    file = written();
    const trained = await sampo("train", "hmm", "--data", file, "--sequence", "who", "--set", "states=2", "--out", run);
    expect(trained.stderr).toMatch(/Converged/);
    expect(trained.code).toBe(0);
  }, 60_000);

  it("are evaluated by sequence and by step", async () => {
    const { likelihood } = await sampoJson<{ likelihood: Record<string, number> }>("evaluate", run);
    expect(likelihood).toMatchObject({ kind: "exact", count: 6, densities: 1 });
    expect(likelihood.natsPerStep! * likelihood.steps!).toBeCloseTo(likelihood.nats! * 6, 8);
    expect((await sampo("evaluate", run)).stdout).toMatch(/nats per sequence.*\n.*nats per step over/);
  });

  it("are drawn in the form of the file, and the draws can be learnt from", async () => {
    const drawn = place.at("drawn.csv");
    expect((await sampo("sample", run, "-n", "20", "--out", drawn)).code).toBe(0);
    expect(readFileSync(drawn, "utf8")).toMatch(/^who,x,light\n0,-?[\d.e-]+,(on|off)\n/);
    const again = await sampo("data", "show", drawn, "--sequence", "who");
    expect(again.stdout).toMatch(/sequences of rows of 2 columns, sequences: 16 train, 2 valid, 2 test/);
  });

  it("are completed, letter by letter as they were elsewhere", async () => {
    const [given, filled] = [readFileSync(file, "utf8").split("\n"), place.at("filled.csv")];
    expect((await sampo("complete", run, "--input", file, "--out", filled)).stdout).toMatch(
      /60 sequences.*gaps filled/,
    );
    const done = readFileSync(filled, "utf8").split("\n");
    expect(done.length).toBe(given.length);
    done.forEach((line, i) => {
      if (given[i]!.includes(",,")) expect(line).toMatch(/^s\d+,-?[\d.e-]+,(on|off)$/);
      else expect(line).toBe(given[i]);
    });
  });

  it("have states: of the chain, and of every step by Viterbi with the posterior", async () => {
    const { stationary, shown, mixingTime } = await sampoJson<{
      stationary: number[];
      shown: Record<string, number>[];
      mixingTime: number;
    }>("states", run);
    expect(stationary[0]! + stationary[1]!).toBeCloseTo(1, 10);
    expect(mixingTime).toBeGreaterThan(0);
    const on = shown.findIndex((state) => state["p(light = on)"]! > 0.9);
    const out = place.at("states.csv");
    expect((await sampo("states", run, "--input", file, "--out", out)).code).toBe(0);
    const [header, ...rows] = readFileSync(out, "utf8").trim().split("\n");
    expect(header).toBe("who,x,light,state,p(state 0),p(state 1)");
    for (const row of rows) expect(Number(row.split(",")[3]) === on).toBe(row.split(",")[2] === "on");
  });

  it("surprise by step and by column, in sum as evaluation says; gaps say nothing", async () => {
    interface Found {
      readonly nats: number;
      readonly natsPerStep: number;
      readonly steps: number;
      readonly surprise: (number | null)[][][];
    }
    const { likelihood } = await sampoJson<{ likelihood: Record<string, number> }>("evaluate", run);
    const found = await sampoJson<Found>("surprise", run, "--split", "test");
    expect(found).toMatchObject({ unit: "nats", count: 6, steps: likelihood.steps });
    expect(found.nats).toBeCloseTo(likelihood.nats!, 4);
    const total = found.surprise.flat(2).reduce((sum: number, value) => sum + (value ?? 0), 0);
    expect(total).toBeCloseTo(6 * found.nats, 6);
    const out = place.at("surprise.csv");
    expect((await sampo("surprise", run, "--input", file, "--out", out)).stdout).toMatch(
      /surprise of 60 sequences of .*nats per step over 360 steps/,
    );
    const [header, ...rows] = readFileSync(out, "utf8").trim().split("\n");
    expect(header).toBe("who,x,light,nats,nats of x,nats of light");
    for (const row of rows) {
      const [, x, , nats, ofX, ofLight] = row.split(",");
      expect(ofX === "").toBe(x === "");
      expect(Number(nats)).toBeCloseTo(Number(ofX) + Number(ofLight), 5);
    }
    expect((await sampo("surprise", run, "-n", "1")).stdout).toMatch(
      /^who +step +x +light +nats +nats of x +nats of light\n/,
    );
  });

  it("may be rows of any length, of a chain", async () => {
    const rows = Array.from({ length: 40 }, (_, n) => "abcabcabca".slice(n % 3, 3 + (n % 7)).split(""));
    const wide = place.at("wide.csv");
    writeFileSync(wide, `${rows.map((row) => row.join(",")).join("\n")}\n`);
    const chain = place.at("chain");
    const trained = await sampo("train", "markov-chain", "--data", wide, "--sequence-rows", "--out", chain);
    expect(trained.code).toBe(0);
    expect((await sampo("states", chain)).stdout).toMatch(/after \\ next +a +b +c/);
    expect((await sampo("sample", chain, "-n", "2")).stdout).toMatch(/^[abc](,[abc])*\n[abc](,[abc])*\n$/);
    const { stdout } = await sampo("surprise", chain, "-n", "1");
    expect(stdout).toMatch(
      /^sequence +step +value +nats\n0 +0 +[abc] +\d\.\d{3}\n(.*\n)*.*nats per step over \d+ steps\n$/,
    );
  }, 60_000);

  it("are refused in a sentence where they do not fit", async () => {
    const wrong = async (...words: string[]) => (await sampo(...words, "--out", place.at("no"))).stderr;
    expect(await wrong("train", "hmm", "--data", file, "--sequence", "whom")).toMatch(/did you mean "who"/);
    expect(await wrong("train", "pca", "--data", file, "--sequence", "who")).toMatch(/these do: markov-chain, hmm/);
    expect(await wrong("train", "hmm", "--data", file, "--sequence", "who", "--target", "x")).toMatch(
      /predict no column/,
    );
    const no = place.at("no");
    expect((await sampo("surprise", run, "--order", "1")).stderr).toMatch(/one after the other: leave --order out/);
    expect((await sampo("surprise", run, "--out", `${no}.png`)).stderr).toMatch(/written as \.csv, \.parquet, \.jsonl/);
    expect((await sampo("compress", run, "--input", file, "--out", no)).stderr).toMatch(
      /^error Sequences of rows are not compressed: .*\.\n$/,
    );
  });
});
