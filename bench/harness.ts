import type { Executable } from "../src/runtime/index.ts";
import { measure, median, type Step, type Timing } from "./measure.ts";
import type { Peer, PeerTiming } from "./peer.ts";

/** A workload made ready for one thread setting. */
export interface Work {
  readonly step: Step;
  /** Number of trained values; must equal the peer's. */
  readonly parameters?: number;
  /** The training loss of the last step. */
  readonly loss?: () => number;
  /** What preparing cost: tracing, emitting and creating the session. */
  readonly prepareSeconds?: number;
  /** What is run: bench/profile.ts reads its model. */
  readonly executable?: Executable;
  readonly release?: () => unknown;
}

/** A named workload; `prepare` is called once for each thread setting. */
export interface Workload {
  readonly name: string;
  prepare(threads: number): Promise<Work>;
}

/** Ours, at its best thread setting. */
interface OurTiming extends Timing {
  readonly threads: number;
  readonly prepareSeconds?: number | undefined;
}

/** Ours and the peer's, measured in alternation. */
export interface Comparison {
  readonly name: string;
  readonly ours: OurTiming;
  readonly peer?: PeerTiming;
  /** Ours divided by the peer's: the median over the rounds, so that a drifting machine cancels out. */
  readonly ratio?: number;
  /** The same for the fastest step each side ever made: least disturbed by whatever else runs. */
  readonly leastRatio?: number;
  readonly ratios?: readonly number[];
  readonly parameters?: number | undefined;
  /** Training loss after the first steps and after the last: it must fall. */
  readonly losses?: readonly [number, number];
  readonly problems: readonly string[];
}

/** How long to measure: seconds for each turn, turns for each side, thread settings to try. */
export interface Plan {
  readonly seconds: number;
  readonly rounds: number;
  readonly threads: readonly number[];
}

interface Candidate {
  readonly threads: number;
  readonly work: Work;
  readonly timing: Timing;
  /** The loss of the very first step, where there is a loss. */
  readonly firstLoss: number | undefined;
}

async function candidate(workload: Workload, threads: number, seconds: number): Promise<Candidate> {
  const work = await workload.prepare(threads);
  await work.step();
  const firstLoss = work.loss?.();
  return { threads, work, firstLoss, timing: await measure(work.step, seconds) };
}

async function bestOfOurs(workload: Workload, plan: Plan): Promise<Candidate> {
  const tried: Candidate[] = [];
  for (const threads of plan.threads) tried.push(await candidate(workload, threads, plan.seconds));
  tried.sort((a, b) => a.timing.ms - b.timing.ms);
  for (const loser of tried.slice(1)) await loser.work.release?.();
  return tried[0]!;
}

/** Turns of ours and of the peer's, one after the other: A B A B. */
async function alternate(best: Candidate, workload: Workload, peer: Peer, setting: PeerTiming, plan: Plan) {
  const ours: Timing[] = [];
  const theirs: PeerTiming[] = [];
  for (let round = 0; round < plan.rounds; round++) {
    ours.push(await measure(best.work.step, plan.seconds));
    theirs.push(await peer.again(workload.name, setting, plan.seconds));
  }
  return { ours, theirs };
}

function pooled<T extends Timing>(turns: readonly T[]): T {
  return {
    ...turns[0]!,
    ms: median(turns.map((turn) => turn.ms)),
    cpu: median(turns.map((turn) => turn.cpu)),
    min: Math.min(...turns.map((turn) => turn.min)),
    p90: Math.max(...turns.map((turn) => turn.p90)),
    runs: turns.reduce((sum, turn) => sum + turn.runs, 0),
  };
}

function problemsOf(work: Work, losses: readonly [number, number] | undefined, peer?: PeerTiming): string[] {
  const problems: string[] = [];
  if (peer?.parameters != null && work.parameters !== peer.parameters)
    problems.push(`we train ${work.parameters} parameters, the peer ${peer.parameters}`);
  if (losses && !(losses[1] < losses[0])) problems.push(`the loss went from ${losses[0]} to ${losses[1]}`);
  return problems;
}

function lossesOf(best: Candidate): readonly [number, number] | undefined {
  return best.firstLoss === undefined ? undefined : [best.firstLoss, best.work.loss!()];
}

function peerFacts(setting: PeerTiming, turns: { ours: Timing[]; theirs: PeerTiming[] }) {
  const ratios = turns.ours.map((turn, i) => turn.ms / turns.theirs[i]!.ms);
  const [ours, theirs] = [pooled(turns.ours), pooled(turns.theirs)];
  return { peer: { ...setting, ...theirs }, ratios, ratio: median(ratios), leastRatio: ours.min / theirs.min };
}

/** Measures one workload on both sides, or on ours alone when there is no peer. */
export async function compare(workload: Workload, peer: Peer | undefined, plan: Plan): Promise<Comparison> {
  const best = await bestOfOurs(workload, plan);
  const setting = peer?.workloads.includes(workload.name)
    ? await peer.best(workload.name, plan.threads, plan.seconds)
    : undefined;
  const turns = peer && setting ? await alternate(best, workload, peer, setting, plan) : undefined;
  const losses = lossesOf(best);
  await best.work.release?.();
  return {
    name: workload.name,
    ours: {
      ...pooled(turns?.ours ?? [best.timing]),
      threads: best.threads,
      prepareSeconds: best.work.prepareSeconds,
    },
    parameters: best.work.parameters,
    ...(losses && { losses }),
    ...(turns && setting && peerFacts(setting, turns)),
    problems: problemsOf(best.work, losses, setting),
  };
}
