import { readFileSync, writeFileSync } from "node:fs";
import sharp from "sharp";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readBif } from "../../src/bayes/index.ts";
import { networkNamed, SPRINKLER } from "../support/networks.ts";
import { sampo, sampoJson, temporary } from "./support.ts";

const place = temporary("bayes-learn");
const file = place.at("sprinkler.bif");
const rows = place.at("rows.csv");

beforeAll(async () => {
  writeFileSync(file, SPRINKLER);
  expect((await sampo("bayes", "sample", file, "-n", "3000", "--seed", "1", "--out", rows)).code).toBe(0);
});
afterAll(place.clean);

/** Expects one line on stderr, nothing on stdout. */
async function refuses(argv: readonly string[], sentence: RegExp): Promise<void> {
  const ended = await sampo("bayes", ...argv);
  expect(ended.stderr).toMatch(sentence);
  expect(ended.stderr).toMatch(/^error [^\n]+\n$/);
  expect(ended.stdout).toBe("");
}

describe("sampo bayes, learning and causes", () => {
  it.each(["weighting", "gibbs"])(
    "query by %s lies within its errors of exact, the same for a seed",
    async (method) => {
      type Found = Record<string, Record<string, number>> & {
        $sampling: { standardErrors: Record<string, Record<string, number>> };
      };
      const ask = (...more: string[]) =>
        sampoJson<Found>("bayes", "query", file, "--target", "Rain", "--given", "Grass=wet", ...more);
      const [exact, found, again] = [
        await ask(),
        await ask("--method", method, "--samples", "3000"),
        await ask("--method", method, "--samples", "3000"),
      ];
      const error = found.$sampling.standardErrors.Rain!.yes!;
      expect(Math.abs(found.Rain!.yes! - exact.Rain!.yes!)).toBeLessThan(4 * error);
      expect(found).toEqual(again);
      await refuses(
        ["query", file, "--method", method, "--joint", "--target", "Rain"],
        /--joint is for --method exact; --method .* has no use for it/,
      );
    },
  );

  it("learn --method ges: the class of the network, with the truth's BIC beside the score found", async () => {
    type Learnt = { bic: number; lines: string[][]; truth: { shd: number; bic: number } };
    const learn = ["bayes", "learn", "--data", rows, "--truth", file, "--method", "ges"];
    const { bic, truth } = await sampoJson<Learnt>(...learn);
    expect(truth.shd).toBeLessThanOrEqual(1);
    expect(bic).toBeGreaterThan(truth.bic - 20);
    await refuses(["learn", "--data", rows, "--method", "ges", "--score", "k2"], /Equivalent structures differ in K2/);
    await refuses(
      ["learn", "--data", rows, "--method", "pc", "--require", "Rain>Grass"],
      /--require is for --method hill-climb; --method pc has no use for it: leave it out/,
    );
  });

  it("learn: numbers that name states are taken for them where --columns says so", async () => {
    const codes = place.at("codes.csv");
    writeFileSync(
      codes,
      `a,b,c\n${Array.from({ length: 60 }, (_, i) => `${i % 3},${(i % 3) + 1},${i % 7}`).join("\n")}\n`,
    );
    await refuses(["learn", "--data", codes], /say --columns a:categorical/);
    const { arrows } = await sampoJson<{ arrows: string[][] }>(
      ...["bayes", "learn", "--data", codes, "--columns", "*:categorical", "--drop", "c"],
    );
    expect(arrows).toHaveLength(1);
  });

  it("do: the effect of setting, beside observing, with its back-door sets", async () => {
    const found = await sampoJson<{
      targets: { Grass: { do: { wet: number }; observed: { wet: number } } };
      effects: { backDoorSets: string[][]; byAdjustment: number; against: { effects: { wet: number } }[] }[];
    }>("bayes", "do", file, "--do", "Rain=yes", "--target", "Grass");
    // The sprinkler is on with 0.5 · 0.7 + 0.3 · 0.1 = 0.38.
    expect(found.targets.Grass.do.wet).toBeCloseTo(0.38 * 0.99 + 0.62 * 0.9, 12);
    expect(found.targets.Grass.observed.wet).not.toBeCloseTo(found.targets.Grass.do.wet, 3);
    expect(found.effects[0]!.backDoorSets).toEqual([["Season"], ["Sprinkler"]]);
    const effect = 0.38 * 0.99 + 0.62 * 0.9 - 0.38 * 0.9;
    expect(found.effects[0]!.against[0]!.effects.wet).toBeCloseTo(effect, 12);
    expect(found.effects[0]!.byAdjustment).toBeCloseTo(effect, 12);
    await refuses(
      ["do", file, "--do", "Rain=yes", "--target", "Grass", "--adjust", "Slippery"],
      /does not satisfy the back-door criterion/,
    );
    await refuses(["do", file, "--target", "Grass"], /--do X=state --target Y/);
    const both = ["do", file, "--do", "Rain=yes", "--target", "Grass"];
    await refuses([...both, "--do", "Rain=no"], /--do says both Rain=yes and Rain=no/);
    await refuses([...both, "--do", "Season=dry", "--adjust", "Season"], /--adjust is for one variable that is set/);
  });

  it("sample: rows given evidence, printed or as a file", async () => {
    const { rows: drawn } = await sampoJson<{ rows: Record<string, string>[] }>(
      "bayes",
      "sample",
      file,
      "-n",
      "20",
      "--given",
      "Slippery=yes",
    );
    expect(drawn).toHaveLength(20);
    expect(drawn.every(({ Slippery, Grass }) => Slippery === "yes" && Grass === "wet")).toBe(true);
    expect(readFileSync(rows, "utf8").split("\n")).toHaveLength(3002);
    const [parquet, lines] = [place.at("rows.parquet"), place.at("rows.jsonl")];
    for (const out of [parquet, lines])
      await sampoJson("bayes", "sample", file, "-n", "3000", "--seed", "1", "--out", out);
    const learn = async (data: string) => (await sampo("bayes", "learn", "--data", data)).stdout.replace(/ in .*/, "");
    expect(await learn(parquet)).toBe(await learn(rows));
    const [head, first] = readFileSync(rows, "utf8").split("\n");
    const [row] = readFileSync(lines, "utf8").split("\n");
    expect([Object.keys(JSON.parse(row!)), Object.values(JSON.parse(row!))]).toEqual([
      head!.split(","),
      first!.split(","),
    ]);
    await refuses(
      ["sample", file, "--out", place.at("rows.txt")],
      /rows of a table are written as .csv, .parquet, .jsonl/,
    );
    await refuses(["sample", file, "--given", "Slippery=yes,Grass=dry"], /probability zero/);
    await refuses(["sample", file, "-n", "100000000000"], /At most 53687091 samples of 5 variables are drawn at once/);
  });

  it("learn: arrows and tables that read back, and the distance to the truth", async () => {
    const out = place.at("learnt.bif");
    const found = await sampoJson<{ truth: { shd: number; edges: number }; rows: number }>(
      "bayes",
      "learn",
      "--data",
      rows,
      "--truth",
      file,
      "--out",
      out,
    );
    expect([found.rows, found.truth.edges]).toEqual([3000, 5]);
    expect(found.truth.shd).toBeLessThanOrEqual(2);
    expect(readBif(readFileSync(out, "utf8")).nodes.map(({ variable }) => variable.name)).toEqual(
      networkNamed("sprinkler").nodes.map(({ variable }) => variable.name),
    );
  });

  it("learn: probabilities of a given structure from rows with gaps, by EM", async () => {
    const lines = readFileSync(rows, "utf8").trim().split("\n").slice(0, 600);
    const gaps = place.at("gaps.csv");
    writeFileSync(gaps, lines.map((line, i) => (i % 4 === 3 ? line.replace(/^[^,]+/, "") : line)).join("\n"));
    const out = place.at("em.bif");
    const found = await sampoJson<{ rounds: number; converged: boolean }>(
      "bayes",
      "learn",
      "--data",
      gaps,
      "--structure",
      file,
      "--out",
      out,
    );
    expect(found.converged).toBe(true);
    const season = readBif(readFileSync(out, "utf8")).nodes.find(({ variable }) => variable.name === "Season")!;
    expect(Math.abs(season.table[0]! - 0.5)).toBeLessThan(0.08);
    await refuses(["learn", "--data", rows, "--require", "Rain>Grass,Grass>Rain"], /The required arrows make a cycle/);
    await refuses(["learn"], /--data rows.csv/);
    const none = place.at("none.csv");
    await refuses(["learn", "--data", none], /There is no file or folder .*none\.csv; check the path/);
    expect((await sampo("bayes", "learn", "--data", none)).code).toBe(2);
    await refuses(["learn", "--data", "irsi"], /Unknown data set "irsi"; did you mean "iris"/);
    await refuses(["learn", "--data", "digits"], /The data set digits is no table/);
    await refuses(["learn", "--data", place.folder], /is a folder; give a file of a table/);
  });

  it.each([
    ["query F --samples 100", /--samples is for --method weighting and --method gibbs; --method exact has no use/],
    ["query F --method weighting --burn-in 5", /--burn-in is for --method gibbs; --method weighting has no use/],
    ["query F --method weighting --thin 3", /--thin is for --method gibbs; --method weighting/],
    ["query F --method gibbs --max-memory 1", /--max-memory is for --method exact; --method gibbs/],
    ["query F --seed 1", /--seed is for .*; --method exact/],
    ["sample F --max-memory 1", /--max-memory is for --given; sampling without --given has no use/],
    ["learn --data R --method pc --score aic", /--score is for --method hill-climb and --method ges; --method pc/],
    ["learn --data R --method pc --restarts 3", /--restarts is for --method hill-climb; --method pc/],
    ["learn --data R --sample-size 5", /--sample-size is for --score bdeu; --score bic has no use/],
    ["learn --data R --prior none --prior-size 5", /--prior-size is for --prior bdeu; --prior none has no use/],
    ["learn --data R --structure F --method pc", /--method is for finding arrows; --structure has no use/],
    ["learn --data R --structure F --significance 0.1", /--significance is for --method pc; --structure/],
    ["learn --data R --structure F --start F", /--start is for --method hill-climb, and for EM .*; --structure/],
    ["learn --data R --method chow-liu --seed 3", /--seed is for --method hill-climb, and for EM/],
  ])("refuses options without a use: %s", async (line, sentence) => {
    const argv = line.split(" ").map((word) => ({ F: file, R: rows })[word] ?? word);
    await refuses(argv, sentence);
    expect((await sampo("bayes", ...argv)).code).toBe(2);
  });

  it("learn --method pc: lines where rows do not say which way", async () => {
    const { stdout } = await sampo("bayes", "learn", "--data", rows, "--method", "pc", "--out", place.at("pc.bif"));
    expect(stdout).toMatch(/^PC: \d arrows? and \d lines? between 5 variables/);
    const shown = (await sampo("bayes", "learn", "--data", rows, "--method", "pc")).stdout;
    const { lines } = await sampoJson<{ lines: string[][] }>("bayes", "learn", "--data", rows, "--method", "pc");
    expect(lines.length).toBeGreaterThan(0);
    for (const [a, b] of lines) {
      expect(shown).toContain(`  ${a} — ${b}`);
      expect(shown).not.toContain(`${a} → ${b}`);
    }
  });

  it("learn: Ctrl-C ends a search with the network so far, from which the same command goes on", async () => {
    const out = place.at("cut.bif");
    const learn = ["bayes", "learn", "--data", rows, "--out", out, "--restarts", "1000000"];
    const before = process.listenerCount("SIGINT");
    const press = setInterval(() => {
      if (process.listenerCount("SIGINT") > before) process.emit("SIGINT");
    }, 100);
    const whole = await sampo(...learn, "--json").finally(() => clearInterval(press));
    expect(whole.code).toBe(0);
    expect(whole.stderr).toBe("Stopping after this round with what there is; once more stops at once.\n");
    const { interrupted, logLikelihood } = JSON.parse(whole.stdout);
    expect(interrupted).toBe(true);
    const { nodes } = readBif(readFileSync(out, "utf8"));
    expect(nodes).toHaveLength(5);
    const on = await sampoJson("bayes", "learn", "--data", rows, "--start", out, "--restarts", "0");
    expect(on.interrupted).toBe(false);
    expect(on.logLikelihood).toBeGreaterThanOrEqual(Number(logLikelihood) - 1e-9);
  });

  it("draw: SVG and PNG", async () => {
    const found = await sampoJson<{ width: number }>("bayes", "draw", file, "--out", place.at("net.svg"));
    expect(readFileSync(place.at("net.svg"), "utf8")).toContain("<title>Rain → Grass</title>");
    await sampoJson("bayes", "draw", file, "--out", place.at("net.png"));
    expect((await sharp(place.at("net.png")).metadata()).width).toBe(2 * found.width);
    await refuses(["draw", file, "--out", "net.gif"], /\.svg or \.png/);
  });
});
