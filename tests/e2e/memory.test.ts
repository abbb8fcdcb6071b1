import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";

const script = fileURLToPath(new URL("./memory.child.ts", import.meta.url));
/** A small young generation keeps the engine of JavaScript itself from growing while the training is watched. */
const flags = ["--expose-gc", "--max-semi-space-size=1", "--import", "tsx"];
/** The just-in-time compiler now and then takes some MiB at once; a leak would show in every try. */
const TRIES = 4;

/** Resident memory after 1,000 steps over that after 100, in a process of its own. */
function growth(): number {
  const { status, stdout, stderr } = spawnSync(process.execPath, [...flags, script], { encoding: "utf8" });
  expect([status, stderr]).toEqual([0, ""]);
  const memory = JSON.parse(stdout) as number[];
  expect(memory).toHaveLength(10);
  return memory.at(-1)! / memory[0]!;
}

describe("memory", () => {
  it("after 1,000 training steps is that after 100, within 5 %", () => {
    const seen: number[] = [];
    do seen.push(growth());
    while (seen.at(-1)! >= 1.05 && seen.length < TRIES);
    expect(Math.min(...seen)).toBeLessThan(1.05);
  });
});
