import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { parseHTML } from "linkedom";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { drawTable, generatedColumns } from "../../src/data/table/generate.ts";
import { tableOfCells } from "../../src/data/table/rows.ts";
import { csvText } from "../../src/data/table/write.ts";
import { key } from "../../src/random/index.ts";
import { sampo, sampoJson, temporary } from "./support.ts";

const place = temporary("classifiers");
const { at } = place;
const data = ["--data", at("visits.csv"), "--target", "outcome"];

beforeAll(async () => {
  writeFileSync(at("visits.csv"), csvText(tableOfCells(generatedColumns, drawTable(key(2), 400).x)));
  for (const model of ["naive-bayes", "logistic-regression"])
    await sampoJson("train", model, ...data, "--out", at(model));
}, 60_000);
afterAll(place.clean);

describe("what was learnt", () => {
  it("is shown in tables, the same in the report", async () => {
    type Told = { parameters: number; tables: { title: string; head: string[]; rows: (string | number)[][] }[] };
    const { tables, parameters } = await sampoJson<Told>("show", at("logistic-regression"));
    expect(tables[0]!.title).toBe("Coefficients");
    expect(tables[0]!.rows).toHaveLength(parameters);
    const { stdout } = await sampo("show", at("naive-bayes"));
    expect(stdout).toMatch(/p\(class\)/);
    expect(stdout).toMatch(/weight, mean/);
    const report = readFileSync(`${at("logistic-regression")}/report.html`, "utf8");
    for (const [name] of tables[0]!.rows) expect(report).toContain(String(name));
  });
});

describe("naive Bayes on the command line", () => {
  it("fills the gaps of a file, the target's too, and changes nothing else", async () => {
    const given =
      "season,size,visits,height,weight,outcome\nspring,,3,1.70,,\n,large,,1.8,80,yes\nautumn,small,0,1.6,60,no\n";
    writeFileSync(at("gaps.csv"), given);
    await sampoJson("complete", at("naive-bayes"), "--input", at("gaps.csv"), "--out", at("filled.csv"));
    const rows = readFileSync(at("filled.csv"), "utf8")
      .trimEnd()
      .split("\n")
      .map((line) => line.split(","));
    expect(rows.flat().every((cell) => cell !== "")).toBe(true);
    expect(rows[3]).toEqual(["autumn", "small", "0", "1.6", "60", "no"]);
    for (const [n, line] of given.trimEnd().split("\n").entries())
      for (const [i, cell] of line.split(",").entries()) if (cell !== "") expect(rows[n]![i]).toBe(cell);
    expect(["yes", "no"]).toContain(rows[1]![5]);
    expect(Number.isInteger(Number(rows[2]![2]))).toBe(true);
  });

  it("adds the class and the probabilities of all to rows with gaps, and changes nothing else", async () => {
    const given = "weight,note,outcome,season\n80,keep,yes,spring\n,this,,\n";
    writeFileSync(at("ask.csv"), given);
    const asked = ["classify", at("naive-bayes"), "--input", at("ask.csv")];
    const told = await sampoJson<{ accuracy: number; known: number }>(...asked, "--out", at("said.csv"));
    expect(told.known).toBe(1);
    const lines = readFileSync(at("said.csv"), "utf8").split("\n");
    expect(lines[0]).toBe("weight,note,outcome,season,predicted outcome,p(no),p(yes)");
    const { rows } = await sampoJson<{ rows: Record<string, number | string>[] }>(...asked);
    for (const [n, line] of given.trimEnd().split("\n").slice(1).entries()) {
      expect(lines[n + 1]!.startsWith(`${line},`)).toBe(true);
      const [said, no, yes] = lines[n + 1]!.slice(line.length + 1).split(",");
      expect(Number(no) + Number(yes)).toBeCloseTo(1, 12);
      expect(said).toBe(Number(yes) > Number(no) ? "yes" : "no");
      expect(rows[n]).toEqual({ "predicted outcome": said, "p(no)": Number(no), "p(yes)": Number(yes) });
    }
    const counts = { yes: 0, no: 0 };
    for (const row of readFileSync(at("visits.csv"), "utf8").trimEnd().split("\n").slice(1))
      counts[row.split(",").at(-1) as "yes"]++;
    expect(rows[1]!["p(yes)"]).toBeCloseTo(counts.yes / 400, 1); // nothing but the shares of the classes is known
  });

  it("samples rows and rates them exactly", async () => {
    const { rows } = await sampoJson<{ rows: Record<string, unknown>[] }>("sample", at("naive-bayes"), "-n", "4");
    expect(rows).toHaveLength(4);
    expect(Object.keys(rows[0]!)).toEqual(generatedColumns.map(({ name }) => name));
  });

  it("refuses levels it has not seen, with a suggestion", async () => {
    writeFileSync(at("unseen.csv"), "season,size,visits,height,weight,outcome\nsprng,small,1,1.7,70,\n");
    const { code, stderr } = await sampo(
      "complete",
      at("naive-bayes"),
      "--input",
      at("unseen.csv"),
      "--out",
      at("x.csv"),
    );
    expect(code).toBeGreaterThan(0);
    expect(stderr).toMatch(/^error [^\n]*"sprng"[^\n]*spring[^\n]*\n$/);
    expect(existsSync(at("x.csv"))).toBe(false);
  });

  it("says of complement that it can only classify", async () => {
    const counts = ["--data", at("visits.csv"), "--drop", "season,size,height,weight", "--target", "outcome"];
    await sampoJson("train", "naive-bayes", ...counts, "--preset", "complement", "--out", at("complement"));
    const { code, stderr } = await sampo("sample", at("complement"));
    expect([code, stderr]).toEqual([2, "error A naive-bayes cannot sample; it can classify.\n"]);
  });
});

describe("logistic regression on the command line", () => {
  it.each([
    ["sample", [] as string[]],
    ["complete", ["--out", "never.csv"]],
  ])("says that it cannot %s", async (verb, more) => {
    const { code, stderr } = await sampo(verb, at("logistic-regression"), ...more);
    expect([code, stderr]).toEqual([2, `error A logistic-regression cannot ${verb}; it can classify.\n`]);
  });
});

describe("compare --learning-curve", () => {
  const models = ["--models", "naive-bayes,logistic-regression", "--learning-curve"];

  it("writes numbers, pictures and one report, and says where the curves cross", async () => {
    const curve = [...data, ...models, "--repetitions", "4", "--sizes", "10,40,200", "--out", at("curve")];
    const found = await sampoJson<{
      sizes: number[];
      repetitions: number;
      models: { name: string; error: { mean: number[]; low: number[]; high: number[] } }[];
      crossings: { first: string; second: string; figure: string; better: number }[];
      files: { report: string; json: string; pictures: Record<"error" | "logLoss", { svg: string; png: string }> };
    }>("compare", ...curve);
    expect(found.sizes).toEqual([10, 40, 200]);
    expect(found.models.map(({ name }) => name)).toEqual(["naive-bayes", "logistic-regression"]);
    for (const { error } of found.models)
      for (let s = 0; s < 3; s++) {
        expect(error.low[s]).toBeLessThanOrEqual(error.mean[s]!);
        expect(error.high[s]).toBeGreaterThanOrEqual(error.mean[s]!);
      }
    expect(found.crossings.map(({ figure }) => figure)).toEqual(["error", "logLoss"]);
    const { report, json, pictures } = found.files;
    expect(JSON.parse(readFileSync(json, "utf8")).models).toEqual(found.models);
    for (const { svg, png } of Object.values(pictures)) {
      expect(readFileSync(svg, "utf8")).toMatch(/^<svg/);
      expect([...readFileSync(png).subarray(1, 4)]).toEqual([..."PNG"].map((letter) => letter.charCodeAt(0)));
    }
    const { document } = parseHTML(readFileSync(report, "utf8"));
    expect(document.querySelectorAll("figure svg").length).toBe(2);
    expect(document.querySelector("[src^=http], link[href^=http]")).toBeNull();
    expect(document.querySelector("#crossings")?.textContent).toMatch(/naive-bayes, logistic-regression/);
    const { stdout, code } = await sampo("compare", ...curve);
    expect(code).toBe(0);
    expect(stdout).toMatch(/By error .+ training rows/);
    expect(stdout).toMatch(/● naive-bayes {2}○ logistic-regression/);
  }, 60_000);

  it.each([
    [
      "models that do not classify",
      ["--data", "digits-binary", "--models", "bernoulli", "--learning-curve"],
      /models that classify, and bernoulli does not/,
    ],
    ["no target", ["--data", at("visits.csv"), ...models], /naive-bayes predicts a column: say which with --target/],
    ["a folder of somebody", [...data, ...models, "--out", at()], /is not empty/],
    [
      "options of curves alone",
      [...data, "--models", "naive-bayes", "--resplit"],
      /--resplit is about learning curves/,
    ],
    [
      "too many rows",
      [...data, ...models, "--sizes", "10,1000", "--out", at("none")],
      /a learning curve to 1000 needs more/,
    ],
  ])("says in one sentence: %s", async (_, argv, sentence) => {
    const { code, stderr } = await sampo("compare", ...argv);
    expect(stderr).toMatch(sentence);
    expect(stderr).toMatch(/^error [^\n]+\n$/);
    expect(code).toBe(2);
    expect(existsSync(at("none"))).toBe(false);
  });
});
