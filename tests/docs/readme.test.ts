import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { renderReadme } from "../../scripts/readme.ts";
import { run } from "../../src/cli/main.ts";
import { dataFolder, needsData } from "../support/data.ts";

const readme = readFileSync(new URL("../../README.md", import.meta.url), "utf8");

/** The `sampo` command lines of all shell snippets, without comments. */
const commands = [...readme.matchAll(/```sh\n([\s\S]*?)```/g)]
  .flatMap(([, block]) => block!.split("\n"))
  .map((line) => line.replace(/\s+#.*$/, "").trim())
  .filter((line) => line.startsWith("sampo "));

/** The same command with little to do: seconds of training, few importance samples, few examples. */
function shortened(command: string): string[] {
  const short = command
    .replace(/ --time \S+/, "")
    .replace(/^sampo (train|compare) .*/, "$& --time 2s")
    .replace(/--tokens \d+/, "--tokens 20")
    .replace(/--importance \d+/, "--importance 3")
    .replace(/^sampo evaluate .*/, "$& --limit 50");
  return short.split(/\s+/).slice(1);
}

const realData = /--data (mnist|tiny-shakespeare|names|cifar10|nltcs|plants|baudio|jester|dna|mushrooms)/;
/** Run folders that need data sets which are files, by the commands that make them. */
const onFiles = commands.filter((line) => realData.test(line)).flatMap((line) => / --out (\S+)/.exec(line)?.[1] ?? []);
const needsFiles = (command: string) =>
  realData.test(command) || command.split(/\s+/).some((word) => onFiles.includes(word));

describe("README", () => {
  const home = process.cwd();
  const folder = mkdtempSync(join(tmpdir(), "sampo-readme-"));
  beforeAll(() => {
    process.chdir(folder);
    if (dataFolder !== undefined) vi.stubEnv("SAMPO_DATA", dataFolder);
  });
  afterAll(() => {
    vi.unstubAllEnvs();
    process.chdir(home);
    rmSync(folder, { recursive: true, force: true });
  });

  it("holds the examples and tables that its generator makes (npm run readme)", () => {
    expect(renderReadme(readme)).toBe(readme);
  });

  it("has commands", () => expect(commands.length).toBeGreaterThan(5));

  for (const command of commands) {
    const skipped = needsFiles(command) && dataFolder === undefined;
    it.skipIf(skipped)(
      `runs: ${command}${skipped ? needsData : ""}`,
      async () => {
        const written = { out: "", err: "" };
        const stdout = { write: (text: string) => (written.out += text) };
        const stderr = { write: (text: string) => (written.err += text) };
        const code = await run(shortened(command), { stdout, stderr });
        expect(written.err).not.toMatch(/\berror\b/);
        expect(code).toBe(0);
        expect(written.out).not.toBe("");
      },
      240_000,
    );
  }
});
