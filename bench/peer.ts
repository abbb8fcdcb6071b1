import { type ChildProcessWithoutNullStreams, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { createInterface, type Interface } from "node:readline";
import { fileURLToPath } from "node:url";
import type { Timing } from "./measure.ts";

const script = fileURLToPath(new URL("peers/run.py", import.meta.url));

/** What the peer answers: the fastest of its variants, or the one that was asked for. */
export interface PeerTiming extends Timing {
  readonly variant: string;
  readonly threads: number;
  readonly parameters?: number | null;
  readonly compileSeconds?: number;
  readonly tried?: readonly PeerTiming[];
}

/** A Python with PyTorch: the one named, else SAMPO_PEER_PYTHON, else python3; undefined when it lacks torch. */
export function findPython(named?: string): string | undefined {
  const python = named ?? process.env.SAMPO_PEER_PYTHON ?? "python3";
  return spawnSync(python, ["-c", "import torch"]).status === 0 ? python : undefined;
}

/** PyTorch in a process of its own that answers one request at a time and rests in between. */
export class Peer {
  readonly version: string;
  readonly workloads: readonly string[];
  private readonly child: ChildProcessWithoutNullStreams;
  private readonly lines: AsyncIterator<string>;

  private constructor(child: ChildProcessWithoutNullStreams, lines: AsyncIterator<string>, hello: Hello) {
    this.child = child;
    this.lines = lines;
    this.version = hello.peer;
    this.workloads = hello.workloads;
  }

  static async start(python: string): Promise<Peer> {
    const child = spawn(python, [script, "--serve"]);
    child.stderr.pipe(process.stderr);
    const reader: Interface = createInterface({ input: child.stdout });
    const lines = reader[Symbol.asyncIterator]();
    return new Peer(child, lines, await nextLine<Hello>(lines));
  }

  /** The fastest variant and thread setting of a workload, each tried for some seconds. */
  best(name: string, threads: readonly number[], seconds: number): Promise<PeerTiming> {
    return this.ask({ name, threads, seconds });
  }

  /** One more measurement of a setting that `best` found. */
  again(name: string, setting: PeerTiming, seconds: number): Promise<PeerTiming> {
    return this.ask({ name, variant: setting.variant, threads: [setting.threads], seconds });
  }

  async stop(): Promise<void> {
    this.child.stdin.end();
    await once(this.child, "exit");
  }

  private ask(request: object): Promise<PeerTiming> {
    this.child.stdin.write(`${JSON.stringify(request)}\n`);
    return nextLine<PeerTiming>(this.lines);
  }
}

interface Hello {
  readonly peer: string;
  readonly workloads: readonly string[];
}

async function nextLine<T>(lines: AsyncIterator<string>): Promise<T> {
  const { value, done } = await lines.next();
  if (done) throw new Error("The peer stopped before it answered; its last words are above.");
  return JSON.parse(value) as T;
}
