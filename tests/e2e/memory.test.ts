import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";

const script = fileURLToPath(new URL("./memory.child.ts", import.meta.url));
/** Resident memory after 1,000 steps over that after 100, in a process of its own. */
function growth(): number {
  const { status, stdout, stderr } = spawnSync(process.execPath, ["--expose-gc", "--import", "tsx", script], {
    encoding: "utf8",
  });
  expect([status, stderr]).toEqual([0, ""]);
  const memory = JSON.parse(stdout) as number[];
  expect(memory).toHaveLength(10);
  return memory.at(-1)! / memory[0]!;
}

describe("memory", () => {
  it("after 1,000 training steps is that after 100, within 5 %", () => {
    expect(growth()).toBeLessThan(1.05);
  });
});
