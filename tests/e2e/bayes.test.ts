import { existsSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { SPRINKLER } from "../support/networks.ts";
import { sampo, sampoJson, temporary } from "./support.ts";

const place = temporary("bayes");
const file = place.at("sprinkler.bif");

beforeAll(() => writeFileSync(file, SPRINKLER));
afterAll(place.clean);

/** Expects one line on stderr, nothing on stdout, and the exit code. */
async function refuses(argv: readonly string[], code: number, sentence: RegExp): Promise<void> {
  const ended = await sampo("bayes", ...argv);
  expect(ended.stderr).toMatch(sentence);
  expect(ended.stderr).toMatch(/^error [^\n]+\n$/);
  expect([ended.code, ended.stdout]).toEqual([code, ""]);
}

describe("sampo bayes", () => {
  it("query: one object of states for each target", async () => {
    const found = await sampoJson(
      "bayes",
      "query",
      file,
      "--target",
      "Rain,Grass",
      "--given",
      "Season=wet,Slippery=yes",
    );
    // p(rain, slippery | wet): slippery needs wet grass, which follows from rain or the sprinkler.
    const [withRain, without] = [0.8 * (0.1 * 0.99 + 0.9 * 0.9), 0.2 * (0.1 * 0.9)];
    const rain = withRain / (withRain + without);
    expect(found).toEqual({
      Rain: { yes: expect.closeTo(rain, 12), no: expect.closeTo(1 - rain, 12) },
      Grass: { wet: 1, dry: 0 },
    });
  });

  it("query: every variable where none is named; observed ones are certain", async () => {
    const found = await sampoJson<Record<string, Record<string, number>>>("bayes", "query", file, "--given", "Rain=no");
    expect(Object.keys(found)).toEqual(["Season", "Sprinkler", "Rain", "Grass", "Slippery"]);
    expect(found.Rain).toEqual({ yes: 0, no: 1 });
    expect(found.Season!.dry).toBeCloseTo(0.45 / (0.45 + 0.06 + 0.1), 12);
  });

  it("query: a joint distribution, soft evidence, and text for people", async () => {
    const joint = await sampoJson<{ joint: { states: Record<string, string>; probability: number }[] }>(
      ...["bayes", "query", file, "--target", "Rain", "--target", "Sprinkler", "--joint"],
    );
    expect(joint.joint.map(({ states }) => states)).toContainEqual({ Rain: "no", Sprinkler: "off" });
    expect(joint.joint.reduce((sum, { probability }) => sum + probability, 0)).toBeCloseTo(1, 12);
    const soft = await sampoJson<Record<string, Record<string, number>>>(
      ...["bayes", "query", file, "--target", "Season", "--soft", "Season=1:0:1"],
    );
    expect(soft.Season!.dry).toBeCloseTo(5 / 7, 12);
    const { stdout, stderr } = await sampo("bayes", "query", file, "--target", "Rain", "--given", "Season=dry");
    expect(stderr).toBe("");
    expect(stdout).toBe(
      "Given Season=dry (probability 0.5, -0.6931 nats):\n\nvariable  state  probability\nRain      yes            0.1\n          no             0.9\n",
    );
  });

  it("mpe and map: the most probable states, of everything or of some", async () => {
    const all = await sampoJson("bayes", "mpe", file, "--given", "Grass=wet");
    expect(all.states).toEqual({ Season: "dry", Sprinkler: "on", Rain: "no", Grass: "wet", Slippery: "yes" });
    expect(all.logJoint).toBeCloseTo(Math.log(0.5 * 0.7 * 0.9 * 0.9 * 0.7), 12);
    const some = await sampoJson("bayes", "map", file, "--target", "Rain", "--given", "Grass=wet");
    expect(some.states).toEqual({ Rain: "yes" });
    expect(some.probability).toBeGreaterThan(0.5);
    const { stdout } = await sampo("bayes", "map", file, "--target", "Rain", "--given", "Grass=wet");
    expect(stdout).toMatch(/^Most probable given Grass=wet \(probability 0\.\d+, -0\.\d+ nats\):/);
  });

  it("dsep: independent, or the path that connects", async () => {
    const apart = await sampoJson("bayes", "dsep", file, "--from", "Season", "--to", "Slippery", "--given", "Grass");
    expect(apart).toEqual({ separated: true, path: null });
    const argv = ["bayes", "dsep", file, "--from", "Rain", "--to", "Sprinkler", "--given", "Season,Slippery"];
    expect(await sampoJson(...argv)).toMatchObject({
      separated: false,
      path: { nodes: ["Rain", "Grass", "Sprinkler"], forward: [true, false] },
    });
    expect((await sampo(...argv)).stdout).toMatch(
      /not d-separated given Season, Slippery; an active path: Rain → Grass ← Sprinkler: the collider Grass is open/,
    );
  });

  it("show: the network, or one variable's table", async () => {
    expect(await sampoJson("bayes", "show", file)).toMatchObject({
      name: "sprinkler",
      edges: 5,
      parameters: { network: 2 + 3 + 3 + 4 + 2, independent: 6, joint: 47 },
      exact: { cliques: 3, largest: 12 },
    });
    const rain = await sampoJson("bayes", "show", file, "--variable", "Rain");
    expect(rain).toMatchObject({ parents: ["Season"], markovBlanket: ["Season", "Sprinkler", "Grass"] });
    expect((rain.table as unknown[])[1]).toEqual({ given: { Season: "wet" }, probabilities: [0.8, 0.2] });
    expect((await sampo("bayes", "show", file)).stdout).toMatch(/5 variables, 5 edges, 14 parameters\n\(6 if all/);
  });

  it("refuses with one sentence", async () => {
    await refuses(["query", file, "--target", "Rian"], 2, /Unknown variable "Rian"; did you mean "Rain"/);
    await refuses(["query", file, "--given", "Rain=yse"], 2, /Unknown state of Rain "yse"; did you mean "yes"/);
    await refuses(["query", file, "--given", "Rain"], 2, /expected name=state, got "Rain"/);
    await refuses(["query", file, "--given", "Rain=yes", "--given", "Rain=no"], 2, /both Rain=yes and Rain=no/);
    await refuses(["query", file, "--soft", "Rain=much"], 2, /expected name=likelihoods/);
    await refuses(["query", file, "--soft", "Rain=0:0"], 1, /error The evidence has probability zero/);
    await refuses(["query", file, "--soft", "Rain=1:2", "--soft", "Rain=2:1"], 2, /--soft names "Rain" twice/);
    const many = ["--method", "weighting", "--samples", "1000000000000"];
    await refuses(["query", file, ...many], 2, /At most 53687091 samples of 5 variables/);
    await refuses(["query", file, "--method", "exactly"], 2, /Allowed choices are exact/);
    const never = "Slippery=yes,Sprinkler=off,Rain=no";
    for (const command of ["query", "mpe"])
      await refuses([command, file, "--given", never], 1, /Rain=no has probability zero/);
    await refuses(["map", file], 2, /Say which variables: --target A,B/);
    await refuses(["dsep", file, "--from", "Rain"], 2, /Say which variables to separate/);
    await refuses(["query", file, "--max-memory", "0.00001"], 2, /more than the 10\.5 bytes allowed/);
    await refuses(["qurey", file], 2, /unknown command 'qurey' \(Did you mean query\?\)/);
  });

  it("refuses files that are none, with their line", async () => {
    await refuses(["show", place.at("none.bif")], 1, /does not exist; check the spelling/);
    const broken = place.at("broken.bif");
    writeFileSync(broken, SPRINKLER.replace("(wet) 0.8, 0.2", "(wet) 0.8, 0.3"));
    await refuses(["show", broken], 1, /broken\.bif, line 16: .* sum to 1\.1, not to one within 0\.0001/);
    expect((await sampo("bayes", "show", broken, "--tolerance", "0.2")).code).toBe(0);
    writeFileSync(broken, SPRINKLER.slice(0, 500));
    await refuses(["query", broken], 1, /broken\.bif, line \d+: the file ends within the table of "Rain"/);
    writeFileSync(
      broken,
      Uint8Array.from({ length: 1000 }, (_, i) => (i * 37) % 256),
    );
    await refuses(["query", broken], 1, /broken\.bif, line 1: expected a network, variable or probability block/);
  });

  it("asks a run of a network as it asks a file, and says which runs it cannot ask", async () => {
    const rows = [
      "weather,ground",
      ...Array(30).fill("wet,wet"),
      ...Array(10).fill("wet,dry"),
      ...Array(60).fill("dry,dry"),
    ];
    const [csv, run] = [place.at("ground.csv"), place.at("ground-run")];
    writeFileSync(csv, `${rows.join("\n")}\n`);
    const train = (model: string, data: string, out: string, ...more: string[]) =>
      sampo("train", model, "--data", data, "--quiet", "--out", out, ...more);
    const arrows = ["--set", "structure=given", "--set", "arrows=weather>ground", "--set", "sampleSize=1e-9"];
    expect((await train("bayesian-network", csv, run, ...arrows)).code).toBe(0);
    const found = await sampoJson("bayes", "query", run, "--target", "weather", "--given", "ground=dry");
    // 60 dry days against 10 wet ones whose ground is dry, as far as the training split has them.
    const { dry, wet } = found.weather as { dry: number; wet: number };
    expect(dry + wet).toBeCloseTo(1, 12);
    expect(dry / wet).toBeGreaterThan(4);
    expect(dry / wet).toBeLessThan(9);
    const drawn = await sampo("bayes", "draw", run, "--out", place.at("ground.svg"));
    expect([drawn.code, existsSync(place.at("ground.svg"))]).toEqual([0, true]);
    const other = place.at("independent-run");
    expect((await train("independent", csv, other)).code).toBe(0);
    await refuses(["query", other], 2, /is a run of independent; these questions are for a bayesian-network/);
    const [heights, real] = [place.at("heights.csv"), place.at("real-run")];
    const height = (i: number) => `${i % 2 ? "tall" : "small"},${1.5 + (i % 2) / 4 + (i % 7) / 50}`;
    writeFileSync(heights, `kind,height\n${Array.from({ length: 100 }, (_, i) => height(i)).join("\n")}\n`);
    expect((await train("bayesian-network", heights, real)).code).toBe(0);
    for (const command of ["mpe", "do"]) {
      const more = command === "do" ? ["--do", "kind=tall", "--target", "kind"] : [];
      await refuses([command, real, ...more], 2, /has the real column "height", .* ask it with sampo bayes query/);
    }
    await refuses(["query", real, "--joint", "--target", "kind"], 2, /has the real column "height"/);
    await refuses(["show", real, "--tolerance", "0.1"], 2, /--tolerance is for a .bif file; a run has no use/);
    expect((await sampo("bayes", "draw", real, "--out", place.at("real.svg"))).code).toBe(0);
    const svg = readFileSync(place.at("real.svg"), "utf8");
    for (const said of ["<title>kind → height</title>", ">mean<", ">deviation<"]) expect(svg).toContain(said);
    const connected = await sampoJson("bayes", "dsep", real, "--from", "kind", "--to", "height");
    expect(connected.separated).toBe(false);
    expect(readFileSync(path.join(real, "report.html"), "utf8")).toContain("<title>kind → height</title>");
  });

  describe("of a run with columns of numbers", () => {
    const [csv, run] = [place.at("sizes.csv"), place.at("sizes-run")];
    type Shown = { variables: { name: string; inWords: string }[]; parameters: { network: number } };
    type Row = { given: object; values: { mean: number; deviation: number } };
    const shares = async () => {
      const shown = await sampoJson<{ table: Row[] }>("bayes", "show", run, "--variable", "height");
      const kind = await sampoJson<{ table: { values: Record<string, number> }[] }>(
        ...["bayes", "show", run, "--variable", "kind"],
      );
      return { regimes: shown.table, kind: kind.table[0]!.values };
    };

    beforeAll(async () => {
      const row = (i: number) => `${i % 3 ? "tall" : "small"},${1.5 + (i % 3 ? 0.25 : 0) + (i % 7) / 50},${i % 4}`;
      writeFileSync(csv, `kind,height,visits\n${Array.from({ length: 210 }, (_, i) => row(i)).join("\n")}\n`);
      const set = ["--set", "structure=given", "--set", "arrows=kind>height,kind>visits", "--columns", "visits:count"];
      const { code, stderr } = await sampo("train", "bayesian-network", "--data", csv, "--out", run, "--quiet", ...set);
      expect([code, stderr]).toEqual([0, ""]);
    });

    it("show: columns with their conditionals in words, and one column's regressions", async () => {
      const { variables, parameters } = await sampoJson<Shown>("bayes", "show", run);
      expect(variables.map(({ name, inWords }) => [name, inWords.replace(/[\d.]+/g, "#")])).toEqual([
        ["kind", "small #, tall #"],
        ["height", "a normal in each of # states of kind"],
        ["visits", "a rate in each of # states of kind"],
      ]);
      expect(parameters.network).toBe(1 + 2 * 2 + 2 * 2);
      const { regimes } = await shares();
      expect(regimes.map(({ given }) => given)).toEqual([{ kind: "small" }, { kind: "tall" }]);
      expect(regimes[1]!.values.mean - regimes[0]!.values.mean).toBeCloseTo(0.25, 1);
      expect((await sampo("bayes", "show", run)).stdout).toMatch(/3 variables, 2 edges, 9 parameters\./);
    });

    it("query: states by Bayes' rule from a value; numbers by their mean and deviation; weighting near it", async () => {
      const { regimes, kind } = await shares();
      const joint = regimes.map(({ values: { mean, deviation } }, k) => {
        const density = Math.exp(-0.5 * ((1.7 - mean) / deviation) ** 2) / deviation;
        return [kind.small!, kind.tall!][k]! * density;
      });
      const small = joint[0]! / (joint[0]! + joint[1]!);
      const ask = ["bayes", "query", run, "--target", "kind,height,visits"];
      type Found = { kind: { small: number }; height: { mean: number; deviation: number }; visits: { mean: number } };
      const exact = await sampoJson<Found>(...ask, "--given", "height=1.7");
      expect(exact.kind.small).toBeCloseTo(small, 9);
      expect(exact.height).toEqual({ mean: 1.7, deviation: 0 });
      const { height } = await sampoJson<Found>(...ask);
      const [a, b] = regimes.map(({ values }) => values) as [Row["values"], Row["values"]];
      const mean = kind.small! * a.mean + kind.tall! * b.mean;
      const square = kind.small! * (a.deviation ** 2 + a.mean ** 2) + kind.tall! * (b.deviation ** 2 + b.mean ** 2);
      expect(height.mean).toBeCloseTo(mean, 9);
      expect(height.deviation).toBeCloseTo(Math.sqrt(square - mean * mean), 9);
      const weighted = await sampoJson<Found>(...ask, "--given", "height=1.7", "--method", "weighting");
      expect(Math.abs(weighted.kind.small - small)).toBeLessThan(0.03);
      expect((await sampo(...ask, "--given", "visits=2")).stdout).toMatch(/^Given visits=2 \(log density -\d/);
      await refuses(["query", run, "--method", "gibbs"], 2, /--method gibbs is for networks of tables/);
      await refuses(["query", run, "--given", "height=big"], 2, /"height" is real: give its value as a number/);
      await refuses(["query", run, "--given", "visits=1.5"], 2, /"visits" is a count, a whole number from 0 on/);
      await refuses(["query", run, "--given", "kind=tal"], 2, /Unknown state of kind "tal"; did you mean "tall"/);
      await refuses(["query", run, "--target", "hight"], 2, /Unknown column "hight"; did you mean "height"/);
    });

    it("sample: rows of all columns, also given a value", async () => {
      const { regimes, kind } = await shares();
      type Drawn = { rows: { kind: string; height: number; visits: number }[] };
      const { rows: free } = await sampoJson<Drawn>("bayes", "sample", run, "-n", "2000");
      const share = free.filter((row) => row.kind === "small").length / 2000;
      expect(Math.abs(share - kind.small!)).toBeLessThan(4 * Math.sqrt((kind.small! * kind.tall!) / 2000));
      const { rows: seen } = await sampoJson<Drawn>("bayes", "sample", run, "-n", "2000", "--given", "kind=tall");
      const { mean, deviation } = regimes[1]!.values;
      const average = seen.reduce((sum, row) => sum + row.height / 2000, 0);
      expect(Math.abs(average - mean)).toBeLessThan((4 * deviation) / Math.sqrt(2000));
      expect(seen.every((row) => row.kind === "tall" && Number.isInteger(row.visits))).toBe(true);
      const out = place.at("sizes-drawn.csv");
      expect((await sampo("bayes", "sample", run, "-n", "5", "--out", out)).code).toBe(0);
      expect(readFileSync(out, "utf8")).toMatch(/^kind,height,visits\n/);
    });
  });

  it("has help with examples for each", async () => {
    for (const command of ["query", "mpe", "map", "dsep", "show"]) {
      const { code, stdout } = await sampo("bayes", command, "--help");
      expect(code).toBe(0);
      expect(stdout).toMatch(new RegExp(`Examples:\\n {2}sampo bayes ${command} asia\\.bif`));
    }
  });
});
