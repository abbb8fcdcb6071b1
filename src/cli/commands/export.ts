import { exportTrained } from "../../artifacts/export.node.ts";
import { evaluateLikelihood } from "../../evaluation/index.ts";
import { can } from "../../models/contract.ts";
import { key } from "../../random/index.ts";
import type { CommandSpec, Invocation, Result } from "../command.ts";
import { wholeNumber } from "../parse.ts";
import { dataOfRun, trainedOptions, withTrained } from "../trained.ts";

/** `sampo export`. */
export const exportCommand: CommandSpec = {
  name: "export",
  summary: "Write a trained model as ONNX files for any runtime, with weights and a model card.",
  arguments: [["<run>", "run folder"]],
  options: [
    { flags: "--out <folder>", description: "where the files go", default: "exported" },
    {
      flags: "--importance <samples>",
      description: "evaluate the test likelihood for the card",
      parse: wholeNumber(1),
    },
    ...trainedOptions,
  ],
  examples: ["export runs/v --out exported/"],
  run: exportRun,
};

async function exportRun({ args, options, out }: Invocation): Promise<Result> {
  return withTrained(args[0]!, options, out, async ({ trained, on }) => {
    const folder = options.out as string;
    const importance = options.importance as number | undefined;
    const likelihoods =
      importance !== undefined && can(trained.model, "logProb")
        ? [
            await evaluateLikelihood(trained.model, on, await dataOfRun(trained, out), {
              split: "test",
              key: key(0),
              importance,
              progress: (fraction) => out.progress({ label: "evaluate", fraction }),
            }),
          ]
        : [];
    out.progress({ label: "export" });
    const exported = await exportTrained(trained, on, folder, likelihoods);
    const lines = exported.functions.map(
      ({ file, doc, largestDifference }) =>
        `${file}  ${doc} (loaded back: differs by ${largestDifference.toExponential(1)})`,
    );
    return {
      text: [`${folder}:`, ...lines, "parameters.safetensors", "README.md"].join("\n"),
      json: { run: args[0], ...exported },
    };
  });
}
