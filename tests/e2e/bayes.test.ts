import { existsSync, readFileSync, writeFileSync } from "node:fs";
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
    await refuses(["query", real], 2, /has the real column "height"/);
    expect((await sampo("bayes", "draw", real, "--out", place.at("real.svg"))).code).toBe(0);
    const svg = readFileSync(place.at("real.svg"), "utf8");
    for (const said of ["<title>kind → height</title>", ">mean<", ">deviation<"]) expect(svg).toContain(said);
    const connected = await sampoJson("bayes", "dsep", real, "--from", "kind", "--to", "height");
    expect(connected.separated).toBe(false);
  });

  it("has help with examples for each", async () => {
    for (const command of ["query", "mpe", "map", "dsep", "show"]) {
      const { code, stdout } = await sampo("bayes", command, "--help");
      expect(code).toBe(0);
      expect(stdout).toMatch(new RegExp(`Examples:\\n {2}sampo bayes ${command} asia\\.bif`));
    }
  });
});
