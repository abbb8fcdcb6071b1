import { basename, join, relative } from "node:path";
import { readComparison } from "../../artifacts/comparison.node.ts";
import { kindOf } from "../../artifacts/files.node.ts";
import { runPaths } from "../../artifacts/run.node.ts";
import { UsageError } from "../../base/errors.ts";
import { modelEntry } from "../../models/registry.ts";
import type { CommandSpec, Invocation, Result } from "../command.ts";
import { type CompareOutcome, compare } from "../compare/compare.ts";
import type { Contestant } from "../compare/contestants.ts";
import { showComparison } from "../compare/show.ts";
import { dataSource } from "../data.ts";
import { formatDuration } from "../output/index.ts";
import { duration } from "../parse.ts";
import { runtimeOptions } from "../runtime.ts";
import { interpolateCommand } from "./interpolate.ts";

const DATA = "digits-binary";
const SECONDS = 40;

/** What the tour compares: from counting pixels to a network whose digits one can read, each with the time it needs. */
function contestants(seconds: number): Contestant[] {
  const one = (name: string, share = 1, training: Contestant["training"] = {}): Contestant => ({
    name,
    entry: modelEntry(name),
    preset: "small",
    seconds: share * seconds,
    training,
  });
  return [
    one("bernoulli"),
    one("bernoulli-mixture", 0.25),
    one("conditional-table"),
    one("fvsbn", 0.25),
    one("made", 0.4),
    one("vae", 1, {
      set: ["hidden=400,200", "latent=12"],
      learningRate: 3e-3,
      clip: 100,
      steps: 4000,
      validateEvery: 250,
    }),
  ];
}

/** `sampo tour`. */
export const tourCommand: CommandSpec = {
  name: "tour",
  summary: "See everything once, in two minutes: train models on drawn digits, compare them, draw, write reports.",
  options: [
    {
      flags: "--out <folder>",
      description: "folder of the runs; a former tour in it is replaced",
      default: "runs/tour",
    },
    {
      flags: "--time <duration>",
      description: "train no model longer than this (40s)",
      parse: duration,
      default: SECONDS,
    },
    ...runtimeOptions,
  ],
  examples: ["tour", "tour --out runs/second --time 20s"],
  run: tour,
};

async function tour(invocation: Invocation): Promise<Result> {
  const { options, out } = invocation;
  const begun = performance.now();
  const folder = String(options.out);
  refuseOthers(folder);
  const given = {
    contestants: contestants(options.time as number),
    folder,
    seconds: options.time as number,
    data: { data: DATA },
    source: dataSource(DATA, {}),
    overwrite: true,
    seed: 0,
    importance: 50,
    limit: 500,
  };
  const outcome = await compare(given, invocation);
  const { bold } = out.colours;
  if (outcome.interrupted)
    return { text: showComparison(outcome.comparison, bold), json: { run: folder, ...outcome.comparison } };
  const film = await drawFilm(invocation, join(folder, "vae"), outcome);
  return summary(folder, outcome, film, (performance.now() - begun) / 1000, bold);
}

/** Throws where a folder holds a comparison that no tour made: a tour replaces what it finds. */
function refuseOthers(folder: string): void {
  const former = readComparison(folder);
  if (former && !/^sampo tour\b/.test(former.command))
    throw new UsageError(`${folder} holds a comparison (${former.command}); choose another folder with --out.`);
}

/** Digits that change into one another, along lines between the codes of the autoencoder. */
async function drawFilm(invocation: Invocation, run: string, { comparison }: CompareOutcome): Promise<string[]> {
  if (!comparison.leaderboard.some(({ model }) => model === "vae")) return [];
  invocation.out.info("Drawing digits that change into one another …");
  const film = join(runPaths(run).pictures, "film.png");
  const { device, threads } = invocation.options;
  const options = { device, threads, checkpoint: "auto", seed: 0, pairs: 16, steps: 24, film: true, out: film };
  await interpolateCommand.run!({ ...invocation, args: [run], options });
  return [film];
}

/** How this program was called: `sampo`, or through its file in a checkout. */
function self(): string {
  const script = process.argv[1] ?? "";
  return basename(script) === "sampo.mjs" ? `node ${relative(process.cwd(), script)}` : "sampo";
}

function summary(
  folder: string,
  { comparison, report }: CompareOutcome,
  film: readonly string[],
  seconds: number,
  bold: (text: string) => string,
): Result {
  const { leaderboard } = comparison;
  const vae = join(folder, "vae");
  const drawn = [
    ...leaderboard.map(({ run }) => join(runPaths(run).pictures, "samples.png")),
    ...["reconstructions", "interpolations", "completions"].map((name) => join(runPaths(vae).pictures, `${name}.png`)),
  ];
  const pictures = [...drawn.filter((path) => kindOf(path) === "file"), ...film];
  const next = [
    `${self()} sample ${vae} -n 64 --seed 1 --out samples.png`,
    `${self()} complete ${join(folder, "made")} --mask left-half --out completed.png`,
    `${self()} compare --data <folder of images> --binarize threshold --models bernoulli,made,vae --time 2m`,
  ];
  const text = [
    showComparison(comparison, bold),
    "",
    `Negative log-likelihood in nats per digit, on ${leaderboard[0]?.likelihood?.count ?? 0} digits none has seen. Took ${formatDuration(seconds)}.`,
    "",
    bold("Look at"),
    ...[report, ...pictures].map((path) => `  ${path}`),
    "",
    bold("Try next"),
    ...next.map((command) => `  ${command}`),
  ].join("\n");
  const rows = leaderboard.map(({ sketch: _, ...one }) => one);
  return {
    text,
    json: { run: folder, report, pictures, leaderboard: rows, excluded: comparison.excluded, seconds, next },
  };
}
