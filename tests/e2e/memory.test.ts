import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";

const script = fileURLToPath(new URL("./memory.child.ts", import.meta.url));
/** A small young generation, so that what the collector keeps in reserve weighs less in the resident memory. */
const flags = ["--expose-gc", "--max-semi-space-size=1", "--import", "tsx"];
/**
 * Single runs differ by several per cent: resident memory sometimes jumps once by 6 to 10 MiB and then stays, for a cause not
 * found yet. So this looks for a leak, which would show in every try; it does not show that every run stays within 5 %.
 */
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
  it("does not grow with the training steps: in one of four tries 1,000 steps hold at most 5 % more than 100", () => {
    const seen: number[] = [];
    do seen.push(growth());
    while (seen.at(-1)! >= 1.05 && seen.length < TRIES);
    expect(Math.min(...seen)).toBeLessThan(1.05);
  });
});
