import { comparisonPaths } from "../../artifacts/comparison.node.ts";
import { UsageError } from "../../base/errors.ts";
import type { CommandSpec, Invocation, Result } from "../command.ts";
import { type CompareOutcome, compare } from "../compare/compare.ts";
import { contestantsOf } from "../compare/contestants.ts";
import { CURVES_FOLDER, learningCurveOf, learningCurveOptions } from "../compare/learning-curve.ts";
import { showComparison } from "../compare/show.ts";
import { dataOptionNames, dataOptions, dataSource, opensTable } from "../data.ts";
import { duration, wholeNumber, words } from "../parse.ts";
import { runtimeOptions } from "../runtime.ts";

/** Where a comparison goes when nothing is said. */
const FOLDER = "runs/compare";

/** `sampo compare`. */
export const compareCommand: CommandSpec = {
  name: "compare",
  summary: "Train several models for the same time and show one leaderboard; goes on where it was stopped.",
  options: [
    { flags: "--data <name|path>", description: "data set, image folder, or file, as for train" },
    { flags: "--models <list>", description: "models, such as bernoulli,made,vae:burda", parse: words },
    { flags: "--preset <name>", description: "preset of models that name none (small)" },
    { flags: "--time <duration>", description: "training time of each model (2m)", parse: duration, default: 120 },
    { flags: "--seed <number>", description: "decides everything random (0)", parse: wholeNumber(0), default: 0 },
    { flags: "--out <folder>", description: "folder of the report and of the runs (runs/compare)" },
    { flags: "--overwrite", description: "train anew what has been trained in the folder" },
    {
      flags: "--importance <samples>",
      description: "importance samples per example (50)",
      parse: wholeNumber(1),
      default: 50,
    },
    { flags: "--limit <examples>", description: "measure on the first so many test examples", parse: wholeNumber(1) },
    ...learningCurveOptions,
    ...dataOptions,
    ...runtimeOptions,
  ],
  examples: [
    "compare --data mnist-binarized --models bernoulli,fvsbn,made,vae --time 2m --json",
    "compare --data digits-binary --models bernoulli,bernoulli-mixture,conditional-table --time 20s",
    "compare --data table --models naive-bayes,logistic-regression --learning-curve --repetitions 5",
    "compare --data visits.csv --target outcome --models naive-bayes,logistic-regression --preset ng-jordan --learning-curve --resplit",
  ],
  run: compareModels,
};

async function compareModels(invocation: Invocation): Promise<Result> {
  const { options, out } = invocation;
  const { data, models, preset, limit, ...rest } = options;
  const contestants = contestantsOf((models as string[] | undefined) ?? [], preset as string | undefined);
  if (data === undefined)
    throw new UsageError("Say which data to compare models on, for example: --data digits-binary");
  const tables = await opensTable(
    contestants.map(({ entry }) => entry),
    String(data),
    options,
  );
  const source = dataSource(String(data), options, undefined, tables);
  if (rest.learningCurve === true) {
    const own = String(rest.out ?? CURVES_FOLDER);
    return learningCurveOf({ contestants, folder: own, seed: rest.seed as number, source }, invocation);
  }
  const stray = ["repetitions", "sizes", "resplit"].find((name) => rest[name] !== undefined);
  if (stray) throw new UsageError(`--${stray} is about learning curves: say --learning-curve too.`);
  const folder = String(rest.out ?? FOLDER);
  const outcome = await compare(
    {
      contestants,
      folder,
      seconds: rest.time as number,
      seed: rest.seed as number,
      importance: rest.importance as number,
      ...(limit === undefined ? {} : { limit: limit as number }),
      data: { data, ...Object.fromEntries(dataOptionNames.map((name) => [name, rest[name]])) },
      source,
      overwrite: rest.overwrite === true,
    },
    invocation,
  );
  return resultOf(outcome, folder, out.colours.bold);
}

/** The outcome for people and as the document of --json. */
export function resultOf(
  { comparison, report, interrupted }: CompareOutcome,
  folder: string,
  bold: (text: string) => string,
): Result {
  const again =
    comparison.pending.length > 0 ? `\n${interrupted ? "Interrupted. " : ""}Go on with: ${comparison.command}` : "";
  const text = `${showComparison(comparison, bold)}\n\nReport: ${report}${again}`;
  const leaderboard = comparison.leaderboard.map(({ sketch: _, ...one }, place) => ({ rank: place + 1, ...one }));
  return { text, json: { ...comparison, leaderboard, folder, report, file: comparisonPaths(folder).json } };
}
