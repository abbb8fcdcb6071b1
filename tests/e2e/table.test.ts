import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { decodeNpy } from "../../src/base/codec/npy.ts";
import { drawTable, generatedColumns } from "../../src/data/table/generate.ts";
import { publishedNames } from "../../src/data/table/published.ts";
import { readTableFiles } from "../../src/data/table/read.node.ts";
import { tableOfCells } from "../../src/data/table/rows.ts";
import { csvText } from "../../src/data/table/write.ts";
import { key } from "../../src/random/index.ts";
import { dataFolder, needsData } from "../support/data.ts";
import { sampo, sampoJson, temporary } from "./support.ts";

const place = temporary("table");
afterAll(() => place.clean());

/** A CSV file of rows of the generated table. */
function written(name: string, count: number, seed: number): string {
  const file = place.at(name);
  writeFileSync(file, csvText(tableOfCells(generatedColumns, drawTable(key(seed), count).x)));
  return file;
}

describe("a table through the verbs", () => {
  let run: string;
  let data: string;
  beforeAll(async () => {
    data = written("people.csv", 600, 1);
    run = place.at("run");
    const trained = await sampo("train", "independent", "--data", data, "--target", "outcome", "--out", run);
    expect(trained.stderr).toMatch(/Fitted/);
    expect(trained.code).toBe(0);
  });

  it("is trained, with what was found out about the columns in the manifest", () => {
    const { spec, protocol } = JSON.parse(readFileSync(path.join(run, "manifest.json"), "utf8")).data;
    expect(spec.columns.map(({ kind }: { kind: string }) => kind)).toEqual([
      ...["categorical", "categorical", "count", "real", "real", "categorical"],
    ]);
    expect([spec.target, spec.classes]).toEqual([5, ["no", "yes"]]);
    expect(protocol).toMatch(/80 \/ 10 \/ 10 % \(480 \/ 60 \/ 60\).*cells missing/);
  });

  it("is evaluated: likelihood with its kind, accuracy, log-loss, confusion", async () => {
    const { likelihood, classification } = await sampoJson<Record<string, Record<string, unknown>>>("evaluate", run);
    expect(likelihood).toMatchObject({ kind: "exact", count: 60, densities: 2 });
    expect(likelihood!.bitsPerDim).toBeUndefined();
    expect(classification).toMatchObject({ target: "outcome", classes: ["no", "yes"], count: 60 });
    expect(classification!.accuracy).toBe(classification!.majority);
    const { stdout } = await sampo("evaluate", run);
    expect(stdout).toMatch(/nats per row.*60 rows/);
    expect(stdout).toMatch(/density in 2 real columns/);
    expect(stdout).toMatch(/true outcome +no +yes/);
  });

  it.each([".csv", ".parquet", ".jsonl"])("is sampled into %s, the same for the same seed", async (ending) => {
    const [one, two] = [place.at(`one${ending}`), place.at(`two${ending}`)];
    for (const file of [one, two]) expect((await sampo("sample", run, "-n", "50", "--out", file)).code).toBe(0);
    expect(readFileSync(one)).toEqual(readFileSync(two));
    if (ending === ".jsonl") {
      const rows = readFileSync(one, "utf8")
        .trim()
        .split("\n")
        .map((line) => JSON.parse(line));
      expect(Object.keys(rows[0])).toEqual(generatedColumns.map(({ name }) => name));
      return;
    }
    const { table } = await readTableFiles([one]);
    expect([table.count, table.columns.map(({ name }) => name)]).toEqual([
      50,
      generatedColumns.map(({ name }) => name),
    ]);
  });

  it("is completed; everything that was there stays, letter by letter", async () => {
    const gaps = place.at("gaps.csv");
    const text =
      'height,note,season,size,visits\r\n1.70,"a, ""b""",,small,3.0\r\n?, x ,"winter", large ,\r\n\r\n01.5e0,,summer,NA,7';
    writeFileSync(gaps, text);
    const filled = place.at("filled.csv");
    const done = await sampo("complete", run, "--input", gaps, "--out", filled);
    expect(done.stderr).toMatch(/no column "weight".*"outcome"/);
    expect(done.code).toBe(0);
    const lines = readFileSync(filled, "utf8").split("\r\n");
    expect(lines[0]).toBe("height,note,season,size,visits,weight,outcome");
    expect(lines[1]).toMatch(/^1\.70,"a, ""b""",(spring|summer|autumn|winter),small,3\.0,[\d.]+,(no|yes)$/);
    expect(lines[2]).toMatch(/^[\d.]+, x ,"winter", large ,\d+,[\d.]+,(no|yes)$/);
    expect(lines.at(-1)).toMatch(/^01\.5e0,,summer,(small|medium|large),7,[\d.]+,(no|yes)$/);
  });

  it("is completed and classified up to a count", async () => {
    const five = (text: string) => text.split("\n").slice(0, 6).join("\n");
    const given = readFileSync(data, "utf8");
    const filled = place.at("filled5.csv");
    await sampo("complete", run, "--input", data, "-n", "5", "--out", filled);
    expect(readFileSync(filled, "utf8").split("\n")).toHaveLength(7);
    const all = place.at("filled600.csv");
    await sampo("complete", run, "--input", data, "--out", all);
    expect(readFileSync(filled, "utf8")).toBe(`${five(readFileSync(all, "utf8"))}\n`);
    const { rows } = await sampoJson<{ rows: unknown[] }>("classify", run, "--input", data, "-n", "5");
    expect(rows).toHaveLength(5);
    expect(readFileSync(data, "utf8")).toBe(given);
  });

  it("is encoded alike into CSV, into NPY and in print", async () => {
    const mixture = place.at("mixture");
    const named = generatedColumns.filter(({ levels }) => levels).map(({ name }) => name);
    const table = ["--data", data, "--drop", named.join(","), "--columns", "*:real"];
    const trained = await sampo("train", "gaussian-mixture", ...table, "--set", "components=2", "--out", mixture);
    expect(trained.code, trained.stderr).toBe(0);
    const [csv, npy] = [place.at("codes.csv"), place.at("codes.npy")];
    for (const out of [csv, npy])
      expect(await sampoJson("encode", mixture, "--input", data, "-n", "9", "--out", out)).toMatchObject({
        shape: [9, 2],
      });
    const { codes } = await sampoJson<{ codes: number[][] }>("encode", mixture, "--input", data, "-n", "9");
    expect(Array.from(decodeNpy(readFileSync(npy)).data, Number)).toEqual(codes.flat());
    expect(
      readFileSync(csv, "utf8")
        .trim()
        .split("\n")
        .map((line) => line.split(",").map(Number)),
    ).toEqual(codes);
    const refused = await sampo("encode", mixture, "--input", data, "--binarize", "threshold");
    expect([refused.code, refused.stderr]).toEqual([2, expect.stringMatching(/--binarize is for images; rows are/)]);
  });

  it("says how many components a criterion has chosen, in the end, in evaluations and in the report", async () => {
    const chosen = place.at("chosen");
    const columns = generatedColumns.filter(({ kind }) => kind !== "real").map(({ name }) => name);
    const given = ["--data", data, "--drop", columns.join(","), "--set", "components=4", "--set", "select=bic"];
    const trained = await sampo("train", "gaussian-mixture", ...given, "--out", chosen);
    expect(trained.code, trained.stderr).toBe(0);
    expect(trained.stderr).toContain("the data decide how many parameters there are");
    const lines = readFileSync(place.at("chosen", "metrics.jsonl"), "utf8").trim().split("\n");
    const steps = lines.map((line) => JSON.parse(line)).filter(({ split }) => split === "train");
    expect(steps.map(({ step }) => step)).toEqual([1, 2, 3, 4]);
    const bics: number[] = steps.map(({ bic }) => bic);
    const bic = Math.min(...bics);
    const components = bics.indexOf(bic) + 1;
    const text = `${components === 1 ? "one component" : `${components} components`}, BIC ${bic.toFixed(1)}`;
    expect(trained.stdout).toContain(`Fitted in 4 steps: ${text}.`);
    expect(await sampoJson("evaluate", chosen)).toMatchObject({ fitted: { components, bic } });
    expect((await sampo("evaluate", chosen)).stdout).toContain(`Fitted: ${text}`);
    const report = readFileSync(place.at("chosen", "report.html"), "utf8");
    expect(report).toContain(text);
    expect(report).not.toContain("Latent map");
  });

  it("says what is wrong with rows that do not fit", async () => {
    const bad = place.at("bad.csv");
    writeFileSync(bad, "season,size\nwinter,smal\n");
    const level = await sampo("complete", run, "--input", bad, "--out", place.at("x.csv"));
    expect(level.stderr).toMatch(/bad\.csv, row 2, column "size": Unknown level "smal"; did you mean "small"/);
    writeFileSync(bad, "saison,sizes\nwinter,small\n");
    const names = await sampo("complete", run, "--input", bad, "--out", place.at("x.csv"));
    expect(names.stderr).toMatch(/first row must name the columns season, size/);
    const ending = await sampo("sample", run, "--out", "x.png");
    expect([ending.code, ending.stderr]).toEqual([2, expect.stringMatching(/\.csv, \.parquet, \.jsonl/)]);
  });

  it("goes on with a run, and finds nothing left to do", async () => {
    const again = await sampo("train", "--resume", run);
    expect([again.code, again.stderr]).toEqual([0, expect.stringMatching(/Fitted/)]);
  });

  it("takes part in a comparison; models that do not take tables are said to", async () => {
    const compared = await sampoJson<{ leaderboard: { model: string }[]; excluded: { reason: string }[] }>(
      ...[
        "compare",
        "--data",
        data,
        "--target",
        "outcome",
        "--models",
        "independent,vae",
        "--out",
        place.at("compare"),
      ],
    );
    expect(compared.leaderboard.map(({ model }) => model)).toEqual(["independent"]);
    expect(compared.excluded[0]!.reason).toMatch(/vae does not model rows of a table/);
  });
});

describe("opening tables", () => {
  const train = (...more: string[]) =>
    sampo("train", "independent", "--out", place.at("other"), "--overwrite", ...more);

  it("takes --label for --target, a schema, columns to drop, a column of splits", async () => {
    const file = place.at("s.csv");
    const rows = Array.from({ length: 30 }, (_, i) => `${i % 4},${i % 3},${["train", "val", "test"][i % 3]},${i}`);
    writeFileSync(file, `a,b,part,id\n${rows.join("\n")}\n`);
    writeFileSync(place.at("schema.json"), '{"a": {"kind": "ordinal", "levels": ["3", "2", "1", "0"]}}');
    const { code, stderr } = await train(
      ...["--data", file, "--label", "b", "--drop", "id", "--columns", place.at("schema.json"), "--split-by", "part"],
    );
    expect([code, stderr]).toEqual([0, expect.stringMatching(/Fitted/)]);
    const { spec, protocol } = JSON.parse(readFileSync(place.at("other", "manifest.json"), "utf8")).data;
    expect(spec.columns).toEqual([
      { name: "a", kind: "ordinal", levels: ["3", "2", "1", "0"] },
      { name: "b", kind: "categorical", levels: ["0", "1", "2"] },
    ]);
    expect(protocol).toMatch(/splits as its column "part" says \(10 \/ 10 \/ 10\)/);
  });

  it("takes files beside it as splits, with columns in another order, packed or not", async () => {
    writeFileSync(place.at("t.train.csv"), "a,b\n1,x\n2,y\n3,x\n4,y\n");
    writeFileSync(place.at("t.valid.csv"), "b,a\nx,2\n");
    writeFileSync(place.at("t.test.csv"), "a,b\n3,z\n");
    expect((await train("--data", place.at("t.train.csv"))).code).toBe(0);
    const { spec, protocol } = JSON.parse(readFileSync(place.at("other", "manifest.json"), "utf8")).data;
    expect(spec.columns[1].levels).toEqual(["x", "y", "z"]);
    expect(protocol).toMatch(/splits as given \(4 \/ 1 \/ 1\)/);
    writeFileSync(place.at("packed.csv.gz"), gzipSync("a,b\n1,x\n2,y\n3,x\n4,y\n"));
    expect((await train("--data", place.at("packed.csv.gz"))).code).toBe(0);
  });

  it.each([
    ["latin.csv", Buffer.from("a,b\n1,caf\xe9\n2,x\n", "latin1"), /row 2, column 2.*UTF-8/],
    ["cut.csv.gz", gzipSync("a,b\n1,2\n3,4\n").subarray(0, 20), /damaged or truncated/],
    ["few.csv", Buffer.from("a,b\n1,2\n"), /1 row is too few/],
    ["names.csv", Buffer.from("a,b\n"), /no row of data: its only row reads like the names/],
  ])("refuses %s in one sentence", async (name, content, sentence) => {
    writeFileSync(place.at(name), content);
    const { code, stderr } = await train("--data", place.at(name));
    expect([code, stderr]).toEqual([1, expect.stringMatching(sentence)]);
  });

  it("refuses what concerns tables for other models, and other data for models of tables", async () => {
    const rows = await sampo("train", "vae", "--data", "digits-binary", "--rows", "5", "--out", place.at("no"));
    expect([rows.code, rows.stderr]).toEqual([2, expect.stringMatching(/Only models of tables/)]);
    const table = await sampo("train", "vae", "--data", "table", "--out", place.at("no"));
    expect([table.code, table.stderr]).toEqual([2, expect.stringMatching(/vae does not model rows of a table/)]);
    const text = await train("--data", place.at("t.train.csv"), "--binarize", "static");
    expect([text.code, text.stderr]).toEqual([2, expect.stringMatching(/columns as they are/)]);
  });

  it.skipIf(dataFolder === undefined)(`opens published tables and other data as tables${needsData}`, async () => {
    const before = process.env.SAMPO_DATA;
    process.env.SAMPO_DATA = dataFolder;
    try {
      for (const [name, columns] of [
        ["iris", ["sepal length", "sepal width", "petal length", "petal width", "species"]],
        ["wine", [...publishedNames.wine!]],
        ["wdbc", publishedNames.wdbc!.slice(1)],
        ["nltcs", Array.from({ length: 16 }, (_, i) => `x${i + 1}`)],
      ] as const) {
        expect((await train("--data", name)).code).toBe(0);
        const { spec } = JSON.parse(readFileSync(place.at("other", "manifest.json"), "utf8")).data;
        expect(spec.columns.map((column: { name: string }) => column.name)).toEqual(columns);
      }
    } finally {
      if (before === undefined) delete process.env.SAMPO_DATA;
      else process.env.SAMPO_DATA = before;
    }
  });
});

describe("memory", () => {
  const script = fileURLToPath(new URL("./table-stream.child.ts", import.meta.url));
  const child = (...args: number[]) => {
    const options = ["--max-old-space-size=32", "--import", "tsx", script, ...args.map(String)];
    const { status, stdout } = spawnSync(process.execPath, options, { encoding: "utf8" });
    expect(status).toBe(0);
    return JSON.parse(stdout) as Record<string, unknown>;
  };

  it("of a stream of 16 MiB fits into a heap of 32", () => {
    const read = child(16, 2 ** 30);
    expect(read.count).toBeGreaterThan(300_000);
    expect(read.kinds).toEqual(["count", "categorical", "real", "count", "categorical", "real"]);
  }, 60_000);

  it("is not exhausted by a stream without end: it is refused in a sentence", () => {
    const { refused, rows } = child(0, 2 ** 23);
    expect(refused).toMatch(/too large for this machine's memory: after [\d,]+ rows its 6 columns need more than/);
    expect(rows).toBeLessThan(100_000);
  }, 60_000);
});
