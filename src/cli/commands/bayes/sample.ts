import { writeFileAtomic } from "../../../artifacts/files.node.ts";
import { forwardSample, posteriorSample } from "../../../bayes/index.ts";
import { csvText } from "../../../data/table/write.ts";
import type { DiscreteRows } from "../../../probability/tables/index.ts";
import { key } from "../../../random/index.ts";
import type { CommandSpec, Invocation, Result } from "../../command.ts";
import { formatCount } from "../../output/index.ts";
import { wholeNumber } from "../../parse.ts";
import {
  describeEvidence,
  evidenceOf,
  evidenceOptions,
  fileArgument,
  inferenceOptionsOf,
  memoryOptions,
  openNetwork,
  readingOptions,
} from "./question.ts";

/** `sampo bayes sample`. */
export const sampleCommand: CommandSpec = {
  name: "sample",
  summary: "Rows drawn from a network, also given what was observed, exactly.",
  arguments: [fileArgument],
  options: [
    { flags: "-n, --count <number>", description: "rows", parse: wholeNumber(1), default: 10 },
    evidenceOptions[0]!,
    { flags: "--seed <number>", description: "seed", parse: wholeNumber(0), default: 0 },
    { flags: "--out <file>", description: "a CSV file; printed without it" },
    ...memoryOptions,
    ...readingOptions,
  ],
  examples: ["bayes sample asia.bif -n 1000 --out rows.csv", "bayes sample asia.bif -n 5 --given dysp=yes --seed 1"],
  run: draw,
};

async function draw(invocation: Invocation): Promise<Result> {
  const { options } = invocation;
  const network = openNetwork(invocation);
  const evidence = evidenceOf(invocation);
  const [count, seed] = [options.count as number, options.seed as number];
  const { maxBytes } = inferenceOptionsOf(invocation);
  const rows =
    Object.keys(evidence).length === 0
      ? forwardSample(network, key(seed), count)
      : posteriorSample(network, evidence, key(seed), count, maxBytes === undefined ? {} : { maxBytes });
  const text = csvOf(rows);
  const file = options.out as string | undefined;
  if (file === undefined)
    return { text: text.trimEnd(), json: { count, seed, given: evidence, rows: recordsOf(rows) } };
  writeFileAtomic(file, text);
  const given = Object.keys(evidence).length > 0 ? ` given ${describeEvidence(evidence)}` : "";
  return {
    text: `${file}: ${formatCount(count)} rows of ${network.nodes.length} variables${given}, seed ${seed}`,
    json: { file, count, seed, given: evidence },
  };
}

/** Rows as CSV with the names of states. */
function csvOf({ variables, count, columns }: DiscreteRows): string {
  return csvText({
    columns: variables.map(({ name, states }) => ({ name, kind: "categorical", levels: states })),
    count,
    values: columns.map((column) => Float64Array.from(column)),
    missing: columns.map(() => undefined),
  });
}

function recordsOf({ variables, count, columns }: DiscreteRows) {
  return Array.from({ length: count }, (_, i) =>
    Object.fromEntries(variables.map(({ name, states }, v) => [name, states[columns[v]![i]!]!])),
  );
}
