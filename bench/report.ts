import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { cpus, loadavg } from "node:os";
import type { Comparison } from "./harness.ts";
import type { Peer } from "./peer.ts";

/** What a table of times is worthless without. */
export interface Versions {
  readonly machine: string;
  readonly node: string;
  readonly onnxruntime: string;
  readonly peer: string;
  readonly load: number;
}

function packageVersion(name: string): string {
  const entry = createRequire(import.meta.url).resolve(`${name}/package.json`);
  return (JSON.parse(readFileSync(entry, "utf8")) as { version: string }).version;
}

/** Versions of everything that runs, and how busy the machine is before we start. */
export function versions(peer: Peer | undefined): Versions {
  const processors = cpus();
  return {
    machine: `${processors.length} × ${processors[0]?.model ?? "unknown processor"}`,
    node: process.version,
    onnxruntime: packageVersion("onnxruntime-node"),
    peer: peer?.version ?? "none (no Python with torch found)",
    load: Math.round(100 * loadavg()[0]!) / 100,
  };
}

const nameWidth = 30;
const columns = { "ours ms": 11, "peer ms": 11, ratio: 7, least: 7 };

/** The versions, then the head of the table. */
export function printHeader(facts: Versions): void {
  console.log(
    `${facts.machine}, load ${facts.load}; Node ${facts.node}, onnxruntime ${facts.onnxruntime}; ${facts.peer}`,
  );
  const head = Object.entries(columns).map(([name, width]) => name.padStart(width));
  console.log(`${"workload".padEnd(nameWidth)}${head.join("")}  settings`);
}

const number = (value: number | undefined, width: number, digits: number) =>
  (value === undefined ? "–" : value.toFixed(digits)).padStart(width);

function settings({ ours, peer, parameters, losses, problems }: Comparison): string {
  const parts = [`threads ${ours.threads}${peer ? ` / ${peer.threads} ${peer.variant}` : ""}`];
  if (ours.prepareSeconds !== undefined) parts.push(`prepared in ${ours.prepareSeconds.toFixed(1)} s`);
  if (peer?.compileSeconds !== undefined) parts.push(`peer compiled in ${peer.compileSeconds.toFixed(1)} s`);
  if (parameters !== undefined) parts.push(`${parameters.toLocaleString("en-US")} parameters`);
  if (losses) parts.push(`loss ${losses[0].toFixed(3)} → ${losses[1].toFixed(3)}`);
  return [...parts, ...problems.map((problem) => `PROBLEM: ${problem}`)].join(", ");
}

/** One workload as a line of the table. */
export function printRow(result: Comparison): void {
  const { ours, peer, ratio, leastRatio } = result;
  const digits = ours.ms < 1 ? 4 : 2;
  const cells = [
    number(ours.ms, 11, digits),
    number(peer?.ms, 11, digits),
    number(ratio, 7, 2),
    number(leastRatio, 7, 2),
  ];
  console.log(`${result.name.padEnd(nameWidth)}${cells.join("")}  ${settings(result)}`);
}
