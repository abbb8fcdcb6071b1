import { likelihoodsOf } from "../../artifacts/evaluations.node.ts";
import { showNegativeLogLikelihood } from "../../artifacts/index.ts";
import { writeRunReport } from "../../artifacts/run-report.node.ts";
import { can } from "../../models/contract.ts";
import type { CommandSpec, Invocation, Result } from "../command.ts";
import { wholeNumber } from "../parse.ts";
import { dataOfRun, trainedOptions, withTrained } from "../trained.ts";
import { keep, measure } from "./evaluate.ts";

/** `sampo report`. */
export const reportCommand: CommandSpec = {
  name: "report",
  summary: "Draw a run's pictures and write its report.html anew, with its likelihood on test.",
  arguments: [["<run>", "run folder"]],
  options: [
    { flags: "--importance <samples>", description: "importance samples per example (50)", parse: wholeNumber(1) },
    { flags: "--limit <examples>", description: "measure only the first so many test examples", parse: wholeNumber(1) },
    { flags: "--no-likelihood", description: "measure nothing; show what evaluate has measured so far" },
    ...trainedOptions,
  ],
  examples: ["report runs/v", "report runs/v --no-likelihood"],
  run: report,
};

async function report({ args, options, out }: Invocation): Promise<Result> {
  return withTrained(args[0]!, options, out, async (use) => {
    const { trained } = use;
    const { run, checkpoint, model } = trained;
    const data = await dataOfRun(trained, out);
    const asked = options.importance !== undefined || options.limit !== undefined;
    const missing = can(model, "logProb") && likelihoodsOf(run, checkpoint).length === 0;
    if (options.likelihood !== false && (asked || missing))
      keep(trained, { checkpoint, seed: 0, ...(await measure(use, data, options, out)) }, out);
    out.progress({ label: "report" });
    const path = await writeRunReport({ trained, on: use.on, data });
    const likelihoods = likelihoodsOf(run, checkpoint);
    const lines = likelihoods.map(
      (figure) =>
        `${showNegativeLogLikelihood(figure)} nats per example on ${figure.split} (${figure.count} examples), ${figure.via}`,
    );
    return { text: [...lines, `Report: ${path}`].join("\n"), json: { run: run.folder, report: path, likelihoods } };
  });
}
