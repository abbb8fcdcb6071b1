import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { sampo, sampoJson, temporary, writeDigits } from "./support.ts";

const { at, clean } = temporary("complete");

beforeAll(async () => {
  const images = writeDigits(at("data"), "digits-binary");
  for (const model of ["fvsbn", "eonade", "bernoulli-mixture"]) {
    const ended = await sampo("train", model, "--data", images, "--steps", "1", "--out", at(model));
    if (ended.code !== 0) throw new Error(ended.stderr);
  }
});

afterAll(clean);

describe("complete", () => {
  it.each([
    ["fvsbn", "top-half", "the exact conditional"],
    ["fvsbn", "bottom-half", "an approximation of the conditional (sampling-importance-resampling, 32 particles)"],
    ["eonade", "bottom-half", "the exact conditionals of the orders that begin with what is observed"],
    ["bernoulli-mixture", "bottom-half", "the exact conditional"],
  ])("says what %s draws from, given the %s", async (model, mask, drawnFrom) => {
    const argv = ["complete", at(model), "-n", "3", "--mask", mask, "--out", at("c.npy")];
    expect(await sampoJson(...argv)).toMatchObject({ drawnFrom: [drawnFrom] });
    expect((await sampo(...argv)).stdout).toContain(`; drawn from ${drawnFrom}`);
  });
});
