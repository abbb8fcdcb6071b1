import { describeMachine, describeVersions } from "../../artifacts/environment.node.ts";
import { isPartial, kindOf, listFolder } from "../../artifacts/files.node.ts";
import {
  crossingSentence,
  type LearningCurveDocument,
  learningCurvePaths,
  writeLearningCurve,
} from "../../artifacts/learning-curve.node.ts";
import { commandLines } from "../../artifacts/manifest.ts";
import { UsageError } from "../../base/errors.ts";
import { type LearnedCurve, type Learner, learningCurves } from "../../evaluation/learning-curve/index.ts";
import { can } from "../../models/contract.ts";
import { modelSpec, type TrainingData } from "../../training/index.ts";
import type { Invocation, OptionSpec, Result } from "../command.ts";
import { openData } from "../data.ts";
import { onInterrupt } from "../interrupt.ts";
import { table } from "../output/index.ts";
import { numberList, wholeNumber } from "../parse.ts";
import { runtimeFor } from "../runtime.ts";
import { presetOf } from "../settings.ts";
import { type Contestant, configured } from "./contestants.ts";
import { curvePlot } from "./curve-plot.ts";

/** Options of `compare` that concern learning curves. */
export const learningCurveOptions: readonly OptionSpec[] = [
  {
    flags: "--learning-curve",
    description: "train classifiers on ever more rows of a table, over and over, and show where their curves cross",
  },
  {
    flags: "--repetitions <number>",
    description: "learning curve: random orders of the rows (20)",
    parse: wholeNumber(2),
  },
  {
    flags: "--sizes <list>",
    description: "learning curve: numbers of training rows, as 10,30,100,300",
    parse: numberList,
  },
  { flags: "--resplit", description: "learning curve: new test rows, 30 % of all, in every repetition" },
];

/** Where learning curves go when nothing is said. */
export const CURVES_FOLDER = "runs/learning-curve";
const REPETITIONS = 20;
/** Share of all rows that --resplit tests on, as in Ng & Jordan's experiments. */
const TEST = 0.3;
/** Test rows below which the choice of them matters as much as anything. */
const FEW = 200;

/** What is compared. */
export interface CurveGiven {
  readonly contestants: readonly Contestant[];
  readonly folder: string;
  readonly seed: number;
  readonly source: Parameters<typeof openData>[0];
}

/** Makes learning curves of classifiers, writes them and shows them. */
export async function learningCurveOf(given: CurveGiven, invocation: Invocation): Promise<Result> {
  const { options, out, commandLine } = invocation;
  const { folder, seed } = given;
  refuseStrangers(folder);
  const data = await openData(given.source, out);
  const learners = given.contestants.map((one) => learnerOf(one, data));
  const runtime = await runtimeFor(options, out);
  const controller = new AbortController();
  const stop = onInterrupt(() => controller.abort());
  const begun = performance.now();
  try {
    const curves = await learningCurves(
      learners.map(({ learner }) => learner),
      data,
      {
        repetitions: (options.repetitions as number | undefined) ?? REPETITIONS,
        ...(options.sizes === undefined ? {} : { sizes: options.sizes as number[] }),
        seed,
        runtime,
        ...(options.resplit === true ? { resplit: TEST } : {}),
        progress: (fraction, label) => out.progress({ label, fraction }),
        signal: controller.signal,
      },
    );
    const { name, protocol, hash } = data.dataset;
    const document: LearningCurveDocument = {
      format: 1,
      ...curves,
      data: { name, protocol, hash },
      seed,
      band: `Bands are 95 % Student t intervals of the mean over ${curves.repetitions} repetitions; both models see the same rows. Every subset begins with two rows of each class.`,
      note: noteOf(curves.testRows, curves.resplit),
      configurations: Object.fromEntries(learners.map(({ learner, configuration }) => [learner.name, configuration])),
      seconds: (performance.now() - begun) / 1000,
      command: commandLines({ command: [...commandLine] })[0]!,
      versions: describeVersions(),
      machine: describeMachine(),
    };
    const paths = await writeLearningCurve(folder, document);
    return { text: textOf(document, paths, out.colours.bold), json: { ...document, folder, files: paths } };
  } finally {
    stop();
  }
}

function noteOf(testRows: number, resplit: boolean): string {
  const clipped = "Probabilities below 2.2e-16 count as that in log-losses.";
  if (resplit) return `Every repetition draws its own ${testRows} test rows, so bands tell of them too. ${clipped}`;
  const few = testRows < FEW ? ` With ${testRows} test rows that counts: --resplit draws new ones each time.` : "";
  return `All are tested on the same ${testRows} rows: bands tell of the training rows, not of the choice of test rows.${few} ${clipped}`;
}

/** Throws where a folder holds something else than learning curves. */
function refuseStrangers(folder: string): void {
  const kind = kindOf(folder);
  if (kind === "nothing") return;
  if (kind !== "folder") throw new UsageError(`${folder} is a file; give the path of a new folder with --out.`);
  if (kindOf(learningCurvePaths(folder).json) === "file") return;
  const used = listFolder(folder).find((name) => !isPartial(name));
  if (used !== undefined)
    throw new UsageError(
      `${folder} is not empty (it holds ${used}); choose a new folder with --out, nothing was changed.`,
    );
}

function learnerOf(contestant: Contestant, data: TrainingData): { learner: Learner; configuration: unknown } {
  const { entry, preset, name } = contestant;
  const able = configured(contestant, modelSpec(data));
  if ("reason" in able) throw new UsageError(able.reason);
  const model = entry.make(able.configuration, modelSpec(data));
  if (!can(model, "classify"))
    throw new UsageError(`A learning curve is of models that classify, and ${name} does not; leave it out.`);
  return { learner: { name, model, training: presetOf(entry, preset).training }, configuration: able.configuration };
}

const marks = ["●", "○", "▲", "△", "■", "□"];

function textOf(
  document: LearningCurveDocument,
  { report, pictures, json }: ReturnType<typeof learningCurvePaths>,
  bold: (text: string) => string,
): string {
  const { sizes, models, crossings, repetitions, testRows, resplit } = document;
  const band = ({ mean, high }: LearnedCurve["error"], s: number) =>
    `${mean[s]!.toFixed(4)} ± ${(high[s]! - mean[s]!).toFixed(4)}`;
  const columns = [
    { title: "rows", align: "right" as const },
    ...models.flatMap(({ name }) => [
      { title: `${name} error`, align: "right" as const },
      { title: "log-loss", align: "right" as const },
    ]),
  ];
  const rows = sizes.map((size, s) => [
    String(size),
    ...models.flatMap(({ error, logLoss }) => [band(error, s), band(logLoss, s)]),
  ]);
  const plot = (figure: "error" | "logLoss", title: string) => {
    const legend = models.map(({ name }, i) => `${marks[i % marks.length]} ${name}`).join("  ");
    const curves = models.map((one, i) => ({ mark: marks[i % marks.length]!, values: one[figure].mean }));
    return `${bold(title)}  ${legend}\n${curvePlot(sizes, curves)}`;
  };
  const tested = resplit ? `${testRows} test rows drawn each time` : `the same ${testRows} test rows`;
  return [
    table(columns, rows, bold),
    `Means over ${repetitions} repetitions ± half their 95 % t interval, on ${tested}.`,
    plot("error", "Error by training rows"),
    plot("logLoss", "Log-loss by training rows"),
    crossings.map((one) => crossingSentence(one, sizes)).join("\n"),
    `Report: ${report}\nPictures: ${Object.values(pictures).flatMap(Object.values).join(", ")}\nNumbers: ${json}`,
  ].join("\n\n");
}
