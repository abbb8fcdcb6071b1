import { bindTrained, openTrained } from "../../artifacts/trained.node.ts";
import { UsageError } from "../../base/errors.ts";
import { splitNames } from "../../data/types.ts";
import { evaluateLikelihood, evaluateReconstruction } from "../../evaluation/index.ts";
import { can } from "../../models/contract.ts";
import { key } from "../../random/index.ts";
import type { CommandSpec, Invocation, Result } from "../command.ts";
import { type DataSource, openData } from "../data.ts";
import { formatMeasured } from "../output/index.ts";
import { wholeNumber } from "../parse.ts";
import { runtimeFor, runtimeOptions } from "../runtime.ts";

/** `sampo evaluate`. */
export const evaluateCommand: CommandSpec = {
  name: "evaluate",
  summary: "Measure a trained model: likelihood with its kind and standard error, reconstruction error.",
  arguments: [["<run>", "run folder"]],
  options: [
    { flags: "--split <name>", description: "train, valid or test", choices: splitNames, default: "test" },
    { flags: "--importance <samples>", description: "importance samples per example (50)", parse: wholeNumber(1) },
    { flags: "--limit <examples>", description: "only the first so many examples", parse: wholeNumber(1) },
    { flags: "--checkpoint <name>", description: "best or last", choices: ["auto", "best", "last"], default: "auto" },
    { flags: "--seed <number>", description: "seed of the importance samples (0)", parse: wholeNumber(0) },
    ...runtimeOptions,
  ],
  examples: ["evaluate runs/v --split test --importance 5000 --json"],
  run: evaluate,
};

async function evaluate({ args, options, out }: Invocation): Promise<Result> {
  const trained = openTrained(args[0]!, options.checkpoint as "auto");
  const { model, run } = trained;
  const data = await openData(run.manifest.data.source as unknown as DataSource, out);
  if (data.dataset.hash !== run.manifest.data.hash)
    throw new UsageError(
      `The data ${data.dataset.name} is no longer what ${run.folder} was trained on (its hash differs).`,
    );
  const runtime = await runtimeFor(options, out);
  const on = bindTrained(trained, runtime);
  const limit = options.limit as number | undefined;
  const common = {
    split: options.split as "test",
    key: key((options.seed as number | undefined) ?? 0),
    ...(limit === undefined ? {} : { limit }),
    progress: (fraction: number) => out.progress({ label: "evaluate", fraction }),
  };
  const importance = (options.importance as number | undefined) ?? 50;
  const likelihood = can(model, "logProb")
    ? await evaluateLikelihood(model, on, data, { ...common, importance })
    : undefined;
  const reconstruction =
    can(model, "encode") && can(model, "decode")
      ? await evaluateReconstruction(model as never, on, data, common)
      : undefined;
  await runtime.dispose();
  const json = { run: run.folder, model: model.name, checkpoint: trained.checkpoint, likelihood, reconstruction };
  const lines = [
    likelihood &&
      `${likelihood.kind === "lower-bound" ? "≤ " : ""}${formatMeasured(likelihood.nats, likelihood.stderr, "nats")} negative log-likelihood on ${likelihood.split} (${likelihood.count} examples), ${likelihood.kind}: ${likelihood.via}`,
    likelihood?.bitsPerDim !== undefined &&
      `${likelihood.kind === "lower-bound" ? "≤ " : ""}${likelihood.bitsPerDim.toFixed(4)} bits/dim`,
    reconstruction &&
      `${formatMeasured(reconstruction.meanSquaredError, reconstruction.stderr, "mean squared reconstruction error per element")}`,
    likelihood && `Protocol: ${likelihood.protocol}`,
  ];
  return { text: lines.filter(Boolean).join("\n"), json };
}
