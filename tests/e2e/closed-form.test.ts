import { existsSync, readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { sampo, sampoJson, temporary, writeDigits } from "./support.ts";

const place = temporary("closed-form");
const run = place.at("mixture");
let data: string[];

beforeAll(async () => {
  data = ["--data", writeDigits(place.at("data"), "digits-binary"), "--binarize", "threshold"];
  const trained = await sampoJson<{ ended: string; step: number }>(
    ...["train", "bernoulli-mixture", ...data, "--set", "components=4", "--steps", "3", "--out", run],
  );
  expect(trained).toMatchObject({ ended: "steps", step: 3 });
}, 60_000);
afterAll(place.clean);

describe("a model that learns in closed form", () => {
  it("leaves a run like any other: metrics by round, checkpoints, report, pictures", () => {
    const lines = readFileSync(place.at("mixture", "metrics.jsonl"), "utf8").trim().split("\n");
    const records = lines.map((line) => JSON.parse(line) as { split: string; step: number; loss: number });
    const losses = records.filter(({ split }) => split === "train").map(({ loss }) => loss);
    expect(losses).toHaveLength(3);
    expect(losses[2]).toBeLessThan(losses[0]!);
    expect(records.at(-1)).toMatchObject({ split: "valid", step: 3 });
    const files = [
      "report.html",
      "checkpoints/last.safetensors",
      "checkpoints/best.safetensors",
      "pictures/samples.png",
    ];
    for (const file of files) expect(existsSync(place.at("mixture", file))).toBe(true);
  });

  it("goes on to the numbers of a run that never stopped", async () => {
    await sampoJson("train", "--resume", run, "--steps", "6");
    const whole = ["--set", "components=4", "--steps", "6", "--out", place.at("whole")];
    await sampoJson("train", "bernoulli-mixture", ...data, ...whole);
    const nats = async (folder: string) =>
      (await sampoJson<{ likelihood: { nats: number; kind: string } }>("evaluate", folder)).likelihood;
    const resumed = await nats(run);
    expect(resumed.kind).toBe("exact");
    expect(resumed.nats).toBe((await nats(place.at("whole"))).nats);
  });

  it("samples and completes", async () => {
    for (const command of [
      ["sample", run],
      ["complete", run, "--mask", "top-half"],
    ]) {
      const out = place.at(`${command[0]}.png`);
      const { code, stderr } = await sampo(...command, "--out", out);
      expect([code, stderr]).toEqual([0, ""]);
      expect(existsSync(out)).toBe(true);
    }
  });

  it("has no use for settings of gradient steps, and says so before it begins", async () => {
    const { code, stderr } = await sampo(
      "train",
      "bernoulli",
      ...data,
      "--learning-rate",
      "1",
      "--out",
      place.at("no"),
    );
    expect([code, stderr]).toEqual([2, expect.stringMatching(/fitted in closed form.*leave the learningRate out/)]);
    expect(existsSync(place.at("no"))).toBe(false);
  });
});
