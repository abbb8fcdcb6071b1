import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";

const script = fileURLToPath(new URL("./memory.child.ts", import.meta.url));

describe("memory", () => {
  it("after 1,000 training steps is that after 100, within 5 %", () => {
    const { status, stdout, stderr } = spawnSync(process.execPath, ["--expose-gc", "--import", "tsx", script], {
      encoding: "utf8",
    });
    expect([status, stderr]).toEqual([0, ""]);
    const memory = JSON.parse(stdout) as number[];
    expect(memory).toHaveLength(10);
    expect(memory.at(-1)! / memory[0]!).toBeLessThan(1.05);
  });
});
