import { UsageError } from "../../../base/errors.ts";
import { describePath, dSeparation } from "../../../bayes/index.ts";
import type { CommandSpec, Invocation, Result } from "../../command.ts";
import { words } from "../../parse.ts";
import { fileArgument, namesOf, openStructure, readingOptions } from "./question.ts";

const names = (flags: string, description: string) => ({ flags, description, parse: words, repeated: true });

/** `sampo bayes dsep`. */
export const dsepCommand: CommandSpec = {
  name: "dsep",
  summary: "Whether the graph makes variables independent given others; if not, a path that connects them.",
  arguments: [fileArgument],
  options: [
    names("--from <names>", "variables on one side, separated by commas"),
    names("--to <names>", "variables on the other side"),
    names("--given <names>", "variables that are observed"),
    ...readingOptions,
  ],
  examples: ["bayes dsep asia.bif --from smoke --to dysp --given bronc,either"],
  run: separate,
};

async function separate(invocation: Invocation): Promise<Result> {
  const dag = openStructure(invocation);
  const { from, to, given } = invocation.options;
  const [left, right, observed] = [namesOf(from), namesOf(to), namesOf(given)];
  if (left.length === 0 || right.length === 0)
    throw new UsageError("Say which variables to separate: --from A --to B, and --given C,D for what is observed.");
  const found = dSeparation(dag, left, right, observed);
  const sides = `${left.join(", ")} and ${right.join(", ")}`;
  const under = observed.length > 0 ? ` given ${observed.join(", ")}` : "";
  if (found.separated)
    return {
      text: `${sides} are d-separated${under}: independent in every distribution of this graph.`,
      json: { separated: true, path: null },
    };
  const text = `${sides} are not d-separated${under}; an active path: ${describePath(found.path)}`;
  return { text, json: { separated: false, path: found.path, explanation: describePath(found.path) } };
}
