import { UsageError } from "../../base/errors.ts";
import { splitNames } from "../../data/types.ts";
import type { CommandSpec, Invocation, Result } from "../command.ts";
import { wholeNumber } from "../parse.ts";
import { classifyTable } from "../rows/index.ts";
import { trainedOptions, withTrained } from "../trained.ts";

/** `sampo classify`. */
export const classifyCommand: CommandSpec = {
  name: "classify",
  summary: "Predict the target of rows: the most probable class and the probabilities of all, with gaps or without.",
  arguments: [["<run>", "run folder"]],
  options: [
    { flags: "--input <file>", description: "rows of your own: CSV, Parquet, NPZ or ARFF, with or without the target" },
    {
      flags: "--split <name>",
      description: "rows of the run's data: train, valid or test (test)",
      choices: splitNames,
    },
    {
      flags: "-n, --count <number>",
      description: "only the first so many (10 where they are printed)",
      parse: wholeNumber(1),
    },
    { flags: "--out <file>", description: "CSV, Parquet or JSONL with columns added; without it they are printed" },
    ...trainedOptions,
  ],
  examples: ["classify runs/nb --input people.csv --out classes.csv", "classify runs/lr --split test -n 5 --json"],
  run: ({ args, options, out }: Invocation): Promise<Result> =>
    withTrained(args[0]!, options, out, async (use) => {
      const { data, name } = use.trained.model;
      if (data.values !== "table")
        throw new UsageError(
          `Rows of tables are classified, and this ${name} models ${data.values === "sequences" ? "sequences of them" : `${data.values} numbers`}.`,
        );
      return classifyTable(use, options, out);
    }),
};
