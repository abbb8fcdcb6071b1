import { parseArgs } from "node:util";
import { type Comparison, compare, type Plan, type Workload } from "./harness.ts";
import { findPython, Peer } from "./peer.ts";
import { printHeader, printRow, versions } from "./report.ts";
import { allWorkloads } from "./workloads/index.ts";

const usage = `npm run bench -- [--only NAME] [--json] [--peer PYTHON | --no-peer] [--seconds 1] [--rounds 4] [--threads N]
Times our workloads and, in alternation, the same ones in PyTorch (SAMPO_PEER_PYTHON, --peer or python3 with torch).`;

const { values } = parseArgs({
  options: {
    only: { type: "string" },
    json: { type: "boolean", default: false },
    peer: { type: "string" },
    "no-peer": { type: "boolean", default: false },
    seconds: { type: "string", default: "1" },
    rounds: { type: "string", default: "4" },
    threads: { type: "string" },
    help: { type: "boolean", default: false },
  },
});

function selected(only: string | undefined): Workload[] {
  const chosen = allWorkloads().filter(({ name }) => !only || name === only || name.startsWith(`${only}/`));
  if (chosen.length > 0) return chosen;
  const known = allWorkloads().map(({ name }) => name);
  throw new Error(`Unknown workload "${only}". Known: ${known.join(", ")}.`);
}

async function startPeer(): Promise<Peer | undefined> {
  const python = values["no-peer"] ? undefined : findPython(values.peer);
  if (values.peer && !python) throw new Error(`${values.peer} is not a Python with torch.`);
  return python ? Peer.start(python) : undefined;
}

async function main(): Promise<void> {
  if (values.help) return console.log(usage);
  const threads = values.threads ? [Number(values.threads)] : [1, 2];
  const plan: Plan = { seconds: Number(values.seconds), rounds: Number(values.rounds), threads };
  const workloads = selected(values.only);
  const peer = await startPeer();
  const facts = versions(peer);
  if (!values.json) printHeader(facts);
  const results: Comparison[] = [];
  try {
    for (const workload of workloads) {
      const result = await compare(workload, peer, plan);
      results.push(result);
      if (!values.json) printRow(result);
    }
  } finally {
    await peer?.stop();
  }
  if (values.json) console.log(JSON.stringify({ ...facts, plan, results }, null, 2));
  if (results.some((result) => result.problems.length > 0)) process.exitCode = 1;
}

await main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 2;
});
