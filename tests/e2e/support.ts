import { type ChildProcess, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { encodeNpy } from "../../src/base/codec/npy.ts";
import { run } from "../../src/cli/main.ts";
import { embedded } from "../../src/data/embedded.ts";

/** The command as a user starts it. */
export const bin = fileURLToPath(new URL("../../bin/sampo.mjs", import.meta.url));

/** What a command wrote and how it ended. */
export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a command line in this process. */
export async function sampo(...argv: string[]): Promise<Ended> {
  let stdout = "";
  let stderr = "";
  const streams = {
    stdout: { write: (text: string) => (stdout += text) },
    stderr: { write: (text: string) => (stderr += text) },
  };
  const code = await run(argv, streams);
  return { code, stdout, stderr };
}

/** Runs a command line with --json and parses what it prints. */
export async function sampoJson<T = Record<string, unknown>>(...argv: string[]): Promise<T> {
  const ended = await sampo(...argv, "--json");
  if (ended.code !== 0) throw new Error(`sampo ${argv.join(" ")} ended with ${ended.code}: ${ended.stderr}`);
  return JSON.parse(ended.stdout) as T;
}

/** Starts a command line as a process of its own. */
export function start(
  argv: readonly string[],
  options: { cwd?: string; nodeOptions?: readonly string[]; user?: number } = {},
) {
  const { cwd, nodeOptions = [], user } = options;
  const child = spawn(process.execPath, [...nodeOptions, bin, ...argv], {
    cwd,
    ...(user === undefined ? {} : { uid: user, gid: user }),
    stdio: ["ignore", "pipe", "pipe"],
  });
  return { child, ended: ending(child) };
}

function ending(child: ChildProcess): Promise<Ended & { signal: NodeJS.Signals | null }> {
  let stdout = "";
  let stderr = "";
  child.stdout?.on("data", (text) => (stdout += String(text)));
  child.stderr?.on("data", (text) => (stderr += String(text)));
  return new Promise((resolve) => child.on("close", (code, signal) => resolve({ code, signal, stdout, stderr })));
}

/** A new folder that `clean` takes away. */
export function temporary(name: string): { folder: string; at: (...parts: string[]) => string; clean: () => void } {
  const folder = mkdtempSync(path.join(tmpdir(), `sampo-${name}-`));
  return {
    folder,
    at: (...parts) => path.join(folder, ...parts),
    clean: () => rmSync(folder, { recursive: true, force: true }),
  };
}

/** Writes `count` generated digits of 12 × 12 pixels and their labels as NPY files; gives the path of the images. */
export function writeDigits(folder: string, name: "digits" | "digits-binary", count = 300): string {
  const { train } = embedded(name, { size: 12, counts: { train: count, valid: 1, test: 1 } }).splits;
  mkdirSync(folder, { recursive: true });
  const data = train.x as Uint8Array;
  const labels = Uint8Array.from(train.labels!);
  writeFileSync(path.join(folder, "images.npy"), encodeNpy({ type: "uint8", shape: [count, 12, 12], data }));
  writeFileSync(path.join(folder, "labels.npy"), encodeNpy({ type: "uint8", shape: [count], data: labels }));
  return path.join(folder, "images.npy");
}
