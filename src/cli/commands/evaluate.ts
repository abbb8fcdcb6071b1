import { recordEvaluation } from "../../artifacts/evaluations.node.ts";
import { showBitsPerDim, showNegativeLogLikelihood } from "../../artifacts/index.ts";
import { fittedOf } from "../../artifacts/trained.node.ts";
import { type SplitName, splitNames } from "../../data/types.ts";
import {
  type ClassificationFigure,
  evaluateClassification,
  evaluateLikelihood,
  evaluateReconstruction,
  type LikelihoodFigure,
  type ReconstructionFigure,
  type TextFigure,
} from "../../evaluation/index.ts";
import { type AnyModel, type Capabilities, can } from "../../models/contract.ts";
import { key } from "../../random/index.ts";
import type { TrainingData } from "../../training/index.ts";
import type { CommandSpec, Invocation, Result } from "../command.ts";
import { formatMeasured, type Reporter, table } from "../output/index.ts";
import { wholeNumber } from "../parse.ts";
import { dataOfRun, type InUse, trainedOptions, withTrained } from "../trained.ts";

type One = "row" | "sequence" | "example";
type Figure = LikelihoodFigure & Partial<TextFigure>;

/** `sampo evaluate`. */
export const evaluateCommand: CommandSpec = {
  name: "evaluate",
  summary: "Measure a trained model: likelihood with its kind and standard error, reconstruction error, accuracy.",
  arguments: [["<run>", "run folder"]],
  options: [
    { flags: "--split <name>", description: "train, valid or test", choices: splitNames, default: "test" },
    { flags: "--importance <samples>", description: "importance samples per example (50)", parse: wholeNumber(1) },
    { flags: "--limit <examples>", description: "only the first so many examples", parse: wholeNumber(1) },
    { flags: "--seed <number>", description: "seed of the importance samples (0)", parse: wholeNumber(0) },
    ...trainedOptions,
  ],
  examples: ["evaluate runs/v --split test --importance 5000 --json"],
  run: evaluate,
};

async function evaluate({ args, options, out }: Invocation): Promise<Result> {
  return withTrained(args[0]!, options, out, async (use) => {
    const { model, run, checkpoint } = use.trained;
    const data = await dataOfRun(use.trained, out);
    const measured = await measure(use, data, options, out);
    keep(use.trained, { checkpoint, seed: seedOf(options), ...measured }, out);
    const fitted = fittedOf(use.trained);
    const json = {
      run: run.folder,
      model: model.name,
      checkpoint,
      ...(fitted ? { fitted: fitted.figures } : {}),
      ...measured,
    };
    const lines = [...(fitted ? [`Fitted: ${fitted.text}`] : []), describe(measured, oneOf(model), out.colours.bold)];
    return { text: lines.join("\n"), json };
  });
}

/** What one example is called. */
const oneOf = ({ data }: AnyModel): One =>
  (({ table: "row", sequences: "sequence" }) as const)[data.values as "table"] ?? "example";

const seedOf = (options: Invocation["options"]) => (options.seed as number | undefined) ?? 0;

/** The figures of a run on a split: likelihood where the model has one, reconstruction error where it has codes. */
export async function measure(
  { trained, on }: InUse,
  data: TrainingData,
  options: Invocation["options"],
  out: Reporter,
): Promise<{ likelihood?: Figure; reconstruction?: ReconstructionFigure; classification?: ClassificationFigure }> {
  const { model } = trained;
  const limit = options.limit as number | undefined;
  const common = {
    split: (options.split ?? "test") as SplitName,
    key: key(seedOf(options)),
    ...(limit === undefined ? {} : { limit }),
    progress: (fraction: number) => out.progress({ label: "evaluate", fraction }),
  };
  const importance = (options.importance as number | undefined) ?? 50;
  return {
    ...(can(model, "logProb")
      ? { likelihood: await evaluateLikelihood(model, on, data, { ...common, importance }) }
      : {}),
    ...(can(model, "classify") ? { classification: await evaluateClassification(model, on, data, common) } : {}),
    ...(isCoder(model) ? { reconstruction: await evaluateReconstruction(model, on, data, common) } : {}),
  };
}

/** Writes an evaluation into the run folder, so that its report shows it; a folder that cannot be written is no failure. */
export function keep(
  { run }: InUse["trained"],
  evaluation: Parameters<typeof recordEvaluation>[1],
  out: Reporter,
): void {
  try {
    recordEvaluation(run, evaluation);
  } catch (error) {
    out.warn(`The figures are not kept in the run folder. ${(error as Error).message}`);
  }
}

function isCoder(model: AnyModel): model is AnyModel & Pick<Capabilities, "encode" | "decode"> {
  return can(model, "encode") && can(model, "decode");
}

/** The figures of text, one a line. */
function describeText({ natsPerToken, stderrPerToken, bitsPerChar, perplexity, tokens }: Figure): string[] {
  const characters = bitsPerChar === undefined ? "" : `, ${bitsPerChar.toFixed(4)} bits per character`;
  return [
    formatMeasured(natsPerToken!, stderrPerToken!, `nats per token over ${tokens} tokens`),
    `${(natsPerToken! / Math.LN2).toFixed(4)} bits per token${characters}, perplexity ${perplexity!.toFixed(3)}`,
  ];
}

/** Classes of which the confusion is shown. */
const SHOWN = 12;

/** The figures of a classifier, with its confusion where there are few classes. */
function describeClasses(figure: ClassificationFigure, bold: (text: string) => string): string[] {
  const { target, classes, accuracy, accuracyStderr, logLoss, logLossStderr, confusion, majority, count } = figure;
  const percent = (share: number) => (100 * share).toFixed(1);
  const error = Number.isFinite(accuracyStderr) ? ` ± ${percent(accuracyStderr)}` : "";
  const lines = [
    `${percent(accuracy)}${error} % of ${count} rows with the right ${target} (${percent(majority)} % by always saying the most frequent)`,
    formatMeasured(logLoss, logLossStderr, `nats: log-loss of ${target}`),
  ];
  if (classes.length > SHOWN) return lines;
  const columns = [{ title: `true ${target}` }, ...classes.map((title) => ({ title, align: "right" as const }))];
  const rows = confusion.map((row, i) => [classes[i]!, ...row.map(String)]);
  return [...lines, table(columns, rows, bold)];
}

function describe(
  { likelihood, reconstruction, classification }: Awaited<ReturnType<typeof measure>>,
  one: One,
  bold: (text: string) => string,
): string {
  const lines: string[] = [];
  if (likelihood) {
    const { split, count, kind, via, protocol } = likelihood;
    lines.push(
      `${showNegativeLogLikelihood(likelihood)} nats per ${one}: negative log-likelihood on ${split} (${count} ${one}s), ${kind}, ${via}`,
    );
    if (likelihood.natsPerToken !== undefined) lines.push(...describeText(likelihood));
    else if (likelihood.bitsPerDim !== undefined)
      lines.push(`${showBitsPerDim({ kind, bitsPerDim: likelihood.bitsPerDim })} bits per dimension`);
    const { densities, natsPerStep, stderrPerStep, steps } = likelihood;
    if (natsPerStep !== undefined)
      lines.push(
        formatMeasured(
          natsPerStep,
          stderrPerStep!,
          `nats per step over ${steps} steps; lengths are given, not modelled`,
        ),
      );
    if (densities)
      lines.push(`A density in ${densities} real ${densities === 1 ? "column" : "columns"}, in the units of the data.`);
    lines.push(`Protocol: ${protocol}`);
  }
  if (classification) lines.push(...describeClasses(classification, bold));
  if (reconstruction) {
    const { meanSquaredError, stderr } = reconstruction;
    lines.push(`${formatMeasured(meanSquaredError, stderr, "mean squared reconstruction error per element")}`);
  }
  return lines.join("\n");
}
