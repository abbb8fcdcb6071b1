import fs from "node:fs";
import { basename } from "node:path";
import { InvalidArgumentError } from "commander";
import { readText } from "../../../artifacts/files.node.ts";
import { openTrained } from "../../../artifacts/trained.node.ts";
import { DataError, UsageError } from "../../../base/errors.ts";
import {
  type Dag,
  dagFrom,
  dagOf,
  type InferenceOptions,
  type Network,
  readBif,
  type SoftEvidence,
} from "../../../bayes/index.ts";
import { type Learnt, learntOfParams, tabulated } from "../../../models/bayesian-network/conditionals.ts";
import { type NetworkConfig, networkOptions } from "../../../models/bayesian-network/options.ts";
import type { Evidence } from "../../../probability/tables/index.ts";
import { refuseStrays } from "../../belongs.ts";
import type { Invocation, OptionSpec } from "../../command.ts";
import { formatBytes } from "../../output/index.ts";
import { realNumber, words } from "../../parse.ts";
import { columnsOf } from "../../rows/index.ts";

/** The largest file that is read: far above any published network. */
const MAX_FILE = 2 ** 28;

/** The argument that every subcommand takes. */
export const fileArgument = [
  "<file>",
  "network in the Interchange Format (.bif), or the run folder of a bayesian-network (do, map, mpe: of columns with levels)",
] as const;

/** How a file is read. */
export const readingOptions: readonly OptionSpec[] = [
  {
    flags: "--tolerance <number>",
    description: "how far from one a row of probabilities may sum; it is then normalised (0.0001)",
    parse: realNumber(0),
  },
];

/** What was observed. */
export const evidenceOptions: readonly OptionSpec[] = [
  {
    flags: "--given <name=state,…>",
    description: "states that were observed, or values of columns of numbers; repeatable",
    parse: observations,
    repeated: true,
  },
  {
    flags: "--soft <name=likelihoods>",
    description: "uncertain evidence: the likelihood of what was seen for each state, as smoke=0.8:0.2; repeatable",
    parse: likelihoods,
    repeated: true,
  },
];

/** Bounds of exact inference. */
export const memoryOptions: readonly OptionSpec[] = [
  {
    flags: "--max-memory <MiB>",
    description: "refuse exact inference whose tables would take more (1024)",
    parse: realNumber(0),
  },
];

/** Which variables are asked for. */
export const targetOption: OptionSpec = {
  flags: "--target <names>",
  description: "variables, separated by commas; repeatable",
  parse: words,
  repeated: true,
};

type Pair = readonly [name: string, value: string];

function pair(text: string): Pair {
  const at = text.indexOf("=");
  const [name, value] = [text.slice(0, at).trim(), text.slice(at + 1).trim()];
  if (at < 0 || name === "" || value === "") throw new InvalidArgumentError(`expected name=state, got "${text}".`);
  return [name, value];
}

function observations(text: string): Pair[] {
  return words(text).map(pair);
}

function likelihoods(text: string): readonly [string, number[]] {
  const [name, value] = pair(text);
  const numbers = value.split(":").map((part) => (part.trim() === "" ? Number.NaN : Number(part)));
  if (numbers.some((number) => !(number >= 0 && number < Number.POSITIVE_INFINITY)))
    throw new InvalidArgumentError(`expected name=likelihoods such as smoke=0.8:0.2, got "${text}".`);
  return [name, numbers];
}

/** The network of a command's file or run folder. */
export function openNetwork(invocation: Invocation): Network {
  const { args, options } = invocation;
  const run = openLearnt(invocation);
  if (run) return tabulated(run.learnt, run.name);
  const file = args[0]!;
  const size = fs.statSync(file, { throwIfNoEntry: false })?.size ?? 0;
  if (size > MAX_FILE)
    throw new DataError(`${file} holds ${formatBytes(size)}; networks of at most ${formatBytes(MAX_FILE)} are read.`);
  const tolerance = options.tolerance as number | undefined;
  return readBif(readText(file), { source: basename(file), ...(tolerance === undefined ? {} : { tolerance }) });
}

/** A run of a Bayesian network: what it has learnt, and the law of its counts. */
interface LearntRun {
  readonly name: string;
  readonly learnt: Learnt;
  readonly counts: NetworkConfig["counts"];
}

/** A run that is asked by its columns; undefined for a network of tables, from a file or a run. */
export function openMixed(invocation: Invocation): LearntRun | undefined {
  const run = openLearnt(invocation);
  return run?.learnt.columns.every(({ levels }) => levels) ? undefined : run;
}

/** The network that a run has learnt, its columns of any kind; undefined where the argument is no folder. */
export function openLearnt({ args, options }: Invocation): LearntRun | undefined {
  const folder = args[0]!;
  if (!fs.statSync(folder, { throwIfNoEntry: false })?.isDirectory()) return undefined;
  const { model, params } = openTrained(folder);
  refuseStrays(options, [{ option: "--tolerance", to: ["a .bif file"] }], ["a run"]);
  if (model.name !== "bayesian-network")
    throw new UsageError(`${folder} is a run of ${model.name}; these questions are for a bayesian-network.`);
  const { counts } = networkOptions.parse(model.config);
  return { name: basename(folder), learnt: learntOfParams(params, columnsOf(model)), counts };
}

/** The arrows of a command's file or run folder. */
export function openStructure(invocation: Invocation): Dag {
  const run = openLearnt(invocation);
  if (!run) return dagOf(openNetwork(invocation));
  const { columns, parents } = run.learnt;
  return dagFrom(columns.map(({ name }, i) => [name, parents[i]!] as const));
}

/** The observations of a command line, or the states that another option names. */
export function evidenceOf({ options }: Invocation, option: "given" | "do" = "given"): Evidence {
  const evidence = new Map<string, string>();
  for (const [name, state] of ((options[option] as Pair[][] | undefined) ?? []).flat()) {
    const before = evidence.get(name);
    if (before !== undefined && before !== state)
      throw new UsageError(`--${option} says both ${name}=${before} and ${name}=${state}; keep one.`);
    evidence.set(name, state);
  }
  return Object.fromEntries(evidence);
}

/** Soft evidence and bounds of a command line. */
export function inferenceOptionsOf({ options }: Invocation): InferenceOptions {
  const said = (options.soft as [string, number[]][] | undefined) ?? [];
  const names = said.map(([name]) => name);
  const twice = names.find((name, i) => names.indexOf(name) < i);
  if (twice !== undefined)
    throw new UsageError(`--soft names "${twice}" twice; multiply its likelihoods and say them once.`);
  const soft: SoftEvidence = Object.fromEntries(said);
  const memory = options.maxMemory as number | undefined;
  return { soft, ...(memory === undefined ? {} : { maxBytes: memory * 2 ** 20 }) };
}

/** Names given by an option that takes lists and may be repeated. */
export function namesOf(value: unknown): string[] {
  return ((value as string[][] | undefined) ?? []).flat();
}

/** Evidence in words: `smoke=yes, xray=no`. */
export function describeEvidence(evidence: Evidence): string {
  return Object.entries(evidence)
    .map(([name, state]) => `${name}=${state}`)
    .join(", ");
}

/** A probability for people: six significant digits. */
export function formatProbability(value: number): string {
  return String(Number(value.toPrecision(6)));
}
