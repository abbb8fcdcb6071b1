import { excerpt, learntTables } from "../../artifacts/learnt.node.ts";
import { UsageError } from "../../base/errors.ts";
import { parametersOf } from "../../models/bound.ts";
import type { CommandSpec, Invocation, Result } from "../command.ts";
import { type Reporter, table } from "../output/index.ts";
import { trainedOptions, withTrained } from "../trained.ts";

/** `sampo show`. */
export const showCommand: CommandSpec = {
  name: "show",
  summary: "Show what a model has learnt: coefficients, means, shares, directions.",
  arguments: [["<run>", "run folder"]],
  options: trainedOptions,
  examples: ["show runs/logistic", "show runs/pca --json"],
  run: show,
};

function show({ args, options, out }: Invocation): Promise<Result> {
  return withTrained(args[0]!, options, out, async ({ trained: { model, run, checkpoint }, on }) => {
    const tables = learntTables(model, on.params);
    if (tables.length === 0)
      throw new UsageError(
        `The parameters of ${model.name} mean nothing one by one: look at what it draws (sampo sample) and at its report.`,
      );
    const parameters = parametersOf(model, on.params);
    const text = [...tables.map((one) => asText(excerpt(one), out)), `${parameters} parameters`].join("\n\n");
    return { text, json: { run: run.folder, model: model.name, checkpoint, parameters, tables } };
  });
}

function asText({ title, head, rows, numbers = [], note }: ReturnType<typeof excerpt>, out: Reporter): string {
  const columns = head.map((name, i) =>
    numbers.includes(i) ? { title: name, align: "right" as const } : { title: name },
  );
  const shown = table(columns, rows, out.colours.bold);
  return [out.colours.bold(title), shown, ...(note === undefined ? [] : [note])].join("\n");
}
