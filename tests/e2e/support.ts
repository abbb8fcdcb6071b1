import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { run } from "../../src/cli/main.ts";

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
export function start(argv: readonly string[], options: { cwd?: string; nodeOptions?: readonly string[] } = {}) {
  const child = spawn(process.execPath, [...(options.nodeOptions ?? []), bin, ...argv], {
    cwd: options.cwd,
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
