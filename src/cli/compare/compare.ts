import { join } from "node:path";
import { type Compared, type Comparison, readComparison, writeComparison } from "../../artifacts/comparison.node.ts";
import { describeMachine, describeVersions } from "../../artifacts/environment.node.ts";
import { isPartial, kindOf, listFolder } from "../../artifacts/files.node.ts";
import { commandLines } from "../../artifacts/manifest.ts";
import { openRun, runPaths } from "../../artifacts/run.node.ts";
import { SampoError, UsageError } from "../../base/errors.ts";
import { ranked } from "../../evaluation/index.ts";
import { key } from "../../random/index.ts";
import { examples, modelSpec, type TrainingData } from "../../training/index.ts";
import type { Invocation, Result } from "../command.ts";
import { trainCommand } from "../commands/train.ts";
import { openData } from "../data.ts";
import { onInterrupt } from "../interrupt.ts";
import { withTrained } from "../trained.ts";
import { type Contestant, configured } from "./contestants.ts";
import { type MeasureOptions, measured } from "./measure.ts";

/** What is compared, and how. */
export interface CompareGiven extends MeasureOptions {
  readonly contestants: readonly Contestant[];
  /** Where the comparison and the run folders go. */
  readonly folder: string;
  /** Seconds of training each model is given. */
  readonly seconds: number;
  /** Options of train that say which data. */
  readonly data: Readonly<Record<string, unknown>>;
  readonly source: Parameters<typeof openData>[0];
  /** Train anew what has been trained in the folder. */
  readonly overwrite: boolean;
}

/** A comparison as far as it came, and where its report is. */
export interface CompareOutcome {
  readonly comparison: Comparison;
  readonly report: string;
  readonly interrupted: boolean;
}

/**
 * Trains each contestant for the same time, unless that has been done in the folder, measures it, and writes the
 * leaderboard after each. Ctrl-C ends it after the step under way; what is done is kept.
 */
export async function compare(given: CompareGiven, invocation: Invocation): Promise<CompareOutcome> {
  const { contestants, folder, seconds, seed } = given;
  const { out, commandLine } = invocation;
  const data = await openData(given.source, out);
  const before = readComparison(folder);
  if (!before) refuseStrangeFolder(folder);
  let interrupted = false;
  const stop = onInterrupt(() => {
    interrupted = true;
  });
  const leaderboard: Compared[] = [];
  const excluded: { model: string; reason: string }[] = [];
  const { name, protocol, hash } = data.dataset;
  const standing = (): Comparison => ({
    format: 1,
    data: { name, protocol, hash },
    seconds,
    seed,
    leaderboard: ranked(leaderboard),
    excluded,
    pending: contestants
      .map((one) => one.name)
      .filter((one) => ![...leaderboard, ...excluded].some(({ model }) => model === one)),
    command: commandLines({ command: [...commandLine] })[0]!,
    versions: describeVersions(),
    machine: describeMachine(),
  });
  try {
    if (!before) await writeComparison(folder, standing(), realExamples(data));
    for (const [i, contestant] of contestants.entries()) {
      out.info(`${i + 1}/${contestants.length}  ${contestant.name}: ${contestant.entry.title}`);
      const found = await one(given, contestant, data, before, invocation, () => interrupted);
      if (found === "interrupted") interrupted = true;
      else if ("reason" in found) excluded.push({ model: contestant.name, reason: found.reason });
      else leaderboard.push(found);
      if (interrupted) break;
      if (i < contestants.length - 1) await writeComparison(folder, standing(), realExamples(data));
    }
    const comparison = standing();
    return { comparison, report: await writeComparison(folder, comparison, realExamples(data)), interrupted };
  } finally {
    stop();
  }
}

/** Throws where a folder holds something that is no comparison: a run, or files of somebody. */
function refuseStrangeFolder(folder: string): void {
  const kind = kindOf(folder);
  if (kind === "nothing") return;
  if (kind !== "folder") throw new UsageError(`${folder} is a file; give the path of a new folder.`);
  const used = listFolder(folder).find((name) => !isPartial(name));
  if (used === undefined) return;
  const about =
    kindOf(runPaths(folder).manifest) === "file" ? "already holds a run" : `is not empty (it holds ${used})`;
  throw new UsageError(`${folder} ${about}; choose a new folder with --out, nothing was changed.`);
}

/** One contestant trained and measured; or why not. */
async function one(
  given: CompareGiven,
  contestant: Contestant,
  data: TrainingData,
  before: Comparison | undefined,
  invocation: Invocation,
  interrupted: () => boolean,
): Promise<Compared | { readonly reason: string } | "interrupted"> {
  const { options, out } = invocation;
  const able = configured(contestant, modelSpec(data));
  if ("reason" in able) {
    out.warn(`${contestant.name} cannot take part. ${able.reason}`);
    return able;
  }
  const folder = join(given.folder, contestant.name);
  const reuse = trainedBefore(folder, given, contestant, able.configuration, data);
  try {
    if ((await train(folder, given, contestant, reuse, invocation)) === "interrupted" || interrupted())
      return "interrupted";
    const { device, threads } = options;
    const use = { checkpoint: "auto", device, threads };
    const { importance, limit, seed } = given;
    const settings = { importance, ...(limit === undefined ? {} : { limit }), seed };
    const known = before?.leaderboard.find(({ model }) => model === contestant.name);
    return await withTrained(folder, use, out, (inUse) =>
      measured(inUse, contestant, data, { ...settings, before: reuse ? known : undefined }, out),
    );
  } catch (error) {
    if (!(error instanceof SampoError)) throw error;
    out.warn(`${contestant.name} drops out. ${error.message}`);
    return { reason: error.message };
  }
}

/** The run of an earlier comparison in this folder, if there is one to go on with; throws where it is another one. */
function trainedBefore(
  folder: string,
  { overwrite, seed }: CompareGiven,
  { name, entry, preset }: Contestant,
  configuration: Record<string, unknown>,
  { dataset }: TrainingData,
) {
  if (overwrite || kindOf(runPaths(folder).manifest) !== "file") return undefined;
  const run = openRun(folder);
  const { manifest } = run;
  const same =
    manifest.model === entry.name &&
    manifest.preset === preset &&
    JSON.stringify(manifest.configuration) === JSON.stringify(configuration) &&
    manifest.data.hash === dataset.hash &&
    manifest.seed === seed;
  if (same) return run;
  throw new UsageError(
    `${folder} holds another ${name} (on ${manifest.data.name}, preset ${manifest.preset ?? "none"}, seed ${manifest.seed}); choose another --out, or replace it with --overwrite.`,
  );
}

/** Shares of the time that count as all of it. */
const ENOUGH = 0.98;

/** Trains for the time that is left; nothing where a run has had its time or has ended by itself. */
async function train(
  folder: string,
  { seconds: forEach, seed, overwrite, data }: CompareGiven,
  { name, entry, preset, seconds = forEach, training = {} }: Contestant,
  run: ReturnType<typeof trainedBefore>,
  invocation: Invocation,
): Promise<"done" | "interrupted"> {
  const { device, threads } = invocation.options;
  const call = (args: string[], options: Record<string, unknown>): Promise<Result> =>
    trainCommand.run!({ ...invocation, args, options: { device, threads, ...options } });
  const ended = run && ["finished", "diverged"].includes(run.manifest.status);
  if (run && (ended || run.manifest.seconds >= ENOUGH * seconds)) {
    invocation.out.info(`${name} is trained already: ${folder}`);
    return "done";
  }
  const result = run
    ? await call([], { resume: folder, time: seconds - run.manifest.seconds })
    : await call([entry.name], { ...data, preset, seed, time: seconds, out: folder, overwrite, ...training });
  return (result.json as { ended: string }).ended === "interrupted" ? "interrupted" : "done";
}

/** Real examples to see beside samples, evenly over the split: files may be sorted. */
function realExamples(data: TrainingData) {
  const { test } = data.dataset.splits;
  const step = Math.max(1, Math.floor(test.count / 64));
  const indices = Uint32Array.from({ length: Math.min(64, test.count) }, (_, i) => i * step);
  const plain = { encoding: undefined, conditional: false, learning: {} };
  return examples(plain as never, data, "test", indices, { key: key(0), epoch: 0 }).x;
}
