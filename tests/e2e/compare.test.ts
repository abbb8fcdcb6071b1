import { existsSync, readFileSync } from "node:fs";
import { parseHTML } from "linkedom";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { sampo, sampoJson, start, temporary, writeDigits } from "./support.ts";

interface Board {
  readonly leaderboard: readonly {
    readonly rank: number;
    readonly model: string;
    readonly likelihood: { readonly kind: string; readonly nats: number; readonly stderr: number };
    readonly parameters: number;
    readonly seconds: number;
    readonly secondsPerEpoch: number;
    readonly samplesPerSecond: number;
    readonly curve: readonly { readonly seconds: number; readonly loss: number }[];
  }[];
  readonly excluded: readonly { readonly model: string; readonly reason: string }[];
  readonly pending: readonly string[];
  readonly report: string;
}

const place = temporary("compare");
const folder = place.at("board");
const models = ["bernoulli", "bernoulli-mixture", "conditional-table", "vae"];
let data: string[];
let board: Board;

beforeAll(async () => {
  data = ["--data", writeDigits(place.at("data"), "digits-binary"), "--binarize", "threshold"];
  board = await sampoJson("compare", ...data, "--models", models.join(), "--time", "1s", "--out", folder);
}, 60_000);
afterAll(place.clean);

describe("compare", () => {
  it("puts the models on one leaderboard, smallest figure first, with everything that belongs to it", () => {
    expect(board.leaderboard.map(({ model }) => model).sort()).toEqual([...models].sort());
    expect(board.leaderboard.map(({ rank }) => rank)).toEqual([1, 2, 3, 4]);
    const nats = board.leaderboard.map(({ likelihood }) => likelihood.nats);
    expect(nats).toEqual([...nats].sort((a, b) => a - b));
    for (const { model, likelihood, ...row } of board.leaderboard) {
      expect(likelihood.kind).toBe(model === "vae" ? "lower-bound" : "exact");
      expect(row.samplesPerSecond).toBeGreaterThan(0);
      expect(row.secondsPerEpoch).toBeGreaterThan(0);
      expect(row.parameters).toBeGreaterThan(143);
      expect(row.curve.length).toBeGreaterThan(0);
    }
  });

  it("says why a model cannot take part", async () => {
    const bytes = ["--data", writeDigits(place.at("bytes"), "digits"), "--out", place.at("other")];
    const { excluded, leaderboard, report } = await sampoJson<Board>(
      "compare",
      ...bytes,
      "--models",
      "fvsbn,bernoulli",
    );
    expect(leaderboard.map(({ model }) => model)).toEqual(["bernoulli"]);
    expect(excluded).toEqual([{ model: "fvsbn", reason: expect.stringMatching(/models binary data: binarise/) }]);
    expect(parseHTML(readFileSync(report, "utf8")).document.querySelector("#not-compared")?.textContent).toMatch(
      /fvsbn/,
    );
  });

  it("writes one page that holds the table, the curves and a grid of samples of each model", () => {
    const { document } = parseHTML(readFileSync(board.report, "utf8"));
    expect(document.querySelectorAll("#leaderboard tbody tr")).toHaveLength(4);
    const texts = (cells: Iterable<Element>) => Array.from(cells, ({ textContent }) => textContent);
    const head = texts(document.querySelectorAll("#leaderboard thead th"));
    const first = texts(document.querySelectorAll("#leaderboard tbody tr:first-child > *"));
    expect(first).toHaveLength(head.length);
    const of = (title: string) => first[head.indexOf(title)];
    expect(of("model")).toBe(`1. ${board.leaderboard[0]!.model}`);
    expect(of("parameters")).toBe(board.leaderboard[0]!.parameters.toLocaleString("en"));
    expect(of("kind, via")).toMatch(/^(exact|lower-bound), /);
    expect(document.querySelectorAll("svg.sampo-chart").length).toBeGreaterThan(0);
    expect(document.querySelectorAll("#pictures img")).toHaveLength(5);
  });

  it("trains nothing twice, and adds models to what is there", async () => {
    const more = ["--models", "bernoulli,conditional-table:markov", "--time", "1s", "--out", folder];
    const { stdout, stderr, code } = await sampo("compare", ...data, ...more);
    expect(code).toBe(0);
    expect(stderr).toMatch(/bernoulli is trained already/);
    expect(stderr).toMatch(/2\/2 {2}conditional-table-markov/);
    expect(stdout).toMatch(/1 {2}conditional-table-markov +\d/);
    expect(stdout).toMatch(/2 {2}bernoulli +\d/);
    expect(existsSync(place.at("board", "vae", "manifest.json"))).toBe(true);
  });

  it("refuses what it cannot do in one sentence", async () => {
    const refuses = async (wanted: RegExp, ...argv: string[]) => {
      const { code, stderr } = await sampo("compare", ...argv);
      expect([code, stderr]).toEqual([2, expect.stringMatching(wanted)]);
    };
    await refuses(/model "bernouli".*bernoulli/, ...data, "--models", "bernouli", "--out", place.at("no"));
    await refuses(/preset of vae "tiny"/, ...data, "--models", "vae:tiny", "--out", place.at("no"));
    await refuses(/which models/, ...data, "--out", place.at("no"));
    await refuses(/which data/, "--models", "vae", "--out", place.at("no"));
    await refuses(
      /holds another bernoulli.*seed 0.*--overwrite/,
      ...data,
      "--models",
      "bernoulli",
      "--seed",
      "1",
      "--out",
      folder,
    );
    await refuses(/already holds a run/, ...data, "--models", "bernoulli", "--out", place.at("board", "vae"));
    await refuses(/is not empty/, ...data, "--models", "bernoulli", "--out", place.at("data"));
    expect(existsSync(place.at("no"))).toBe(false);
  });

  it("keeps what is done when interrupted, says how to go on, and goes on", async () => {
    const argv = ["compare", ...data, "--models", "bernoulli,vae", "--time", "60s", "--out", place.at("stopped")];
    const { child, ended } = start(argv);
    let seen = "";
    const watch = (text: unknown) => {
      seen += String(text);
      if (!/2\/2 {2}vae[\s\S]*steps per epoch/.test(seen)) return;
      child.stderr?.off("data", watch);
      child.kill("SIGINT");
    };
    child.stderr?.on("data", watch);
    const { code, stdout } = await ended;
    expect(code).toBe(0);
    expect(stdout).toMatch(/1 {2}bernoulli/);
    expect(stdout).toMatch(/Still to come {2}vae/);
    expect(stdout).toMatch(/Go on with: sampo compare .*--models bernoulli,vae/);
    const resumed = await sampoJson<Board>(...argv.slice(0, -3), "1s", "--out", place.at("stopped"));
    expect(resumed.leaderboard).toHaveLength(2);
    expect(resumed.pending).toEqual([]);
  }, 60_000);
});
