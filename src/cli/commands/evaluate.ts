import { showBitsPerDim, showNegativeLogLikelihood } from "../../artifacts/index.ts";
import { type SplitName, splitNames } from "../../data/types.ts";
import {
  evaluateLikelihood,
  evaluateReconstruction,
  type LikelihoodFigure,
  type ReconstructionFigure,
} from "../../evaluation/index.ts";
import { type AnyModel, type Capabilities, can } from "../../models/contract.ts";
import { key } from "../../random/index.ts";
import type { CommandSpec, Invocation, Result } from "../command.ts";
import { formatMeasured } from "../output/index.ts";
import { wholeNumber } from "../parse.ts";
import { dataOfRun, trainedOptions, withTrained } from "../trained.ts";

/** `sampo evaluate`. */
export const evaluateCommand: CommandSpec = {
  name: "evaluate",
  summary: "Measure a trained model: likelihood with its kind and standard error, reconstruction error.",
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
  return withTrained(args[0]!, options, out, async ({ trained, on }) => {
    const { model, run, checkpoint } = trained;
    const data = await dataOfRun(trained, out);
    const limit = options.limit as number | undefined;
    const common = {
      split: options.split as SplitName,
      key: key((options.seed as number | undefined) ?? 0),
      ...(limit === undefined ? {} : { limit }),
      progress: (fraction: number) => out.progress({ label: "evaluate", fraction }),
    };
    const importance = (options.importance as number | undefined) ?? 50;
    const likelihood = can(model, "logProb")
      ? await evaluateLikelihood(model, on, data, { ...common, importance })
      : undefined;
    const reconstruction = isCoder(model) ? await evaluateReconstruction(model, on, data, common) : undefined;
    const json = { run: run.folder, model: model.name, checkpoint, likelihood, reconstruction };
    return { text: describe(likelihood, reconstruction), json };
  });
}

function isCoder(model: AnyModel): model is AnyModel & Pick<Capabilities, "encode" | "decode"> {
  return can(model, "encode") && can(model, "decode");
}

function describe(likelihood?: LikelihoodFigure, reconstruction?: ReconstructionFigure): string {
  const lines: string[] = [];
  if (likelihood) {
    const { split, count, kind, via, protocol } = likelihood;
    lines.push(
      `${showNegativeLogLikelihood(likelihood)} nats per example: negative log-likelihood on ${split} (${count} examples), ${kind}, ${via}`,
    );
    if (likelihood.bitsPerDim !== undefined)
      lines.push(`${showBitsPerDim({ kind, bitsPerDim: likelihood.bitsPerDim })} bits per dimension`);
    lines.push(`Protocol: ${protocol}`);
  }
  if (reconstruction) {
    const { meanSquaredError, stderr } = reconstruction;
    lines.push(`${formatMeasured(meanSquaredError, stderr, "mean squared reconstruction error per element")}`);
  }
  return lines.join("\n");
}
