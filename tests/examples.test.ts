import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, expect, test } from "vitest";

const root = fileURLToPath(new URL("..", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "sampo-examples-"));
afterAll(() => rmSync(folder, { recursive: true }));

async function runExample(name: string, ...args: string[]): Promise<string> {
  const command = ["--import", "tsx", join("examples", name), ...args];
  const { stdout } = await promisify(execFile)(process.execPath, command, { cwd: root });
  return stdout;
}

test("the first program prints the derivative and the ONNX model it became", async () => {
  const output = await runExample("first.ts");
  const numbers = /\[(.*?)\]/s.exec(output)![1]!.split(",").map(Number);
  const expected = [0, 1, 2].map((x) => Math.sin(x) + x * Math.cos(x));
  expect(numbers).toHaveLength(3);
  numbers.forEach((value, i) => {
    expect(value).toBeCloseTo(expected[i]!, 5);
  });
  expect(output).toMatch(/Sin\(/);
  expect(output).toMatch(/Cos\(/);
  expect(output).toContain("output value: float32[3]");
});

test("the VAE program learns embedded digits and draws samples", async () => {
  const file = join(folder, "samples.png");
  const output = await runExample("vae.ts", file);
  const losses = [...output.matchAll(/step \d+: ([\d.]+) nats/g)].map((match) => Number(match[1]));
  expect(losses).toHaveLength(5);
  expect(losses.at(-1)!).toBeLessThan(130);
  expect(losses.at(-1)!).toBeLessThan(losses[0]! - 30);
  expect(readFileSync(file).subarray(1, 4).toString()).toBe("PNG");
});
