import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, describe, expect, it } from "vitest";

const root = fileURLToPath(new URL("../..", import.meta.url));
const read = (path: string) => readFileSync(join(root, path), "utf8");
const folder = mkdtempSync(join(tmpdir(), "sampo-programs-"));
afterAll(() => rmSync(folder, { recursive: true }));

describe("docs/programs.md", () => {
  it("shows the example as it is", () => {
    expect(read("docs/programs.md")).toContain(`\`\`\`ts\n${read("examples/eight-schools.ts").trim()}\n\`\`\``);
  });

  it("runs: posterior table, cross-validation, variational bound and the picture", async () => {
    const file = join(folder, "schools.svg");
    const command = ["--import", "tsx", "examples/eight-schools.ts", file];
    const { stdout } = await promisify(execFile)(process.execPath, command, { cwd: root });
    const mu = /^mu +(\S+) +(\S+)/m.exec(stdout)!.slice(1).map(Number);
    expect(Math.abs(mu[0]! - 4.397)).toBeLessThan(0.3);
    expect(Math.abs(mu[1]! - 3.318)).toBeLessThan(0.3);
    expect(stdout).toMatch(/left out and predicted: -30\.\d ± 1\.\d nats/);
    expect(stdout).toMatch(/4 × 1000 × 8 numbers/);
    expect(stdout).toMatch(/variational bound -31\.\d\d nats, Pareto k 0\.\d\d/);
    expect(readFileSync(file, "utf8")).toMatch(/^<svg [\s\S]*theta\[0\][\s\S]*<\/svg>\s*$/);
  }, 180_000);
});
