import { checkTableEnding, writeTable } from "../../../artifacts/tables.node.ts";
import { forwardSample, posteriorSample } from "../../../bayes/index.ts";
import { tableOfCells } from "../../../data/table/rows.ts";
import type { Column } from "../../../data/table/types.ts";
import { csvText } from "../../../data/table/write.ts";
import type { DiscreteRows } from "../../../probability/tables/index.ts";
import { key } from "../../../random/index.ts";
import { type Belonging, refuseStrays } from "../../belongs.ts";
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

/** What each option belongs to. */
const belongings: readonly Belonging[] = [{ option: "--max-memory", to: ["--given"] }];

/** `sampo bayes sample`. */
export const sampleCommand: CommandSpec = {
  name: "sample",
  summary: "Rows drawn from a network, also given what was observed, exactly.",
  arguments: [fileArgument],
  options: [
    { flags: "-n, --count <number>", description: "rows", parse: wholeNumber(1), default: 10 },
    evidenceOptions[0]!,
    { flags: "--seed <number>", description: "seed", parse: wholeNumber(0), default: 0 },
    { flags: "--out <file>", description: "a .csv, .parquet or .jsonl file; printed as CSV without it" },
    ...memoryOptions,
    ...readingOptions,
  ],
  examples: ["bayes sample asia.bif -n 1000 --out rows.csv", "bayes sample asia.bif -n 5 --given dysp=yes --seed 1"],
  run: draw,
};

async function draw(invocation: Invocation): Promise<Result> {
  const { options } = invocation;
  const file = options.out as string | undefined;
  if (file !== undefined) checkTableEnding(file);
  const network = openNetwork(invocation);
  const evidence = evidenceOf(invocation);
  refuseStrays(options, belongings, [Object.keys(evidence).length > 0 ? "--given" : "sampling without --given"]);
  const [count, seed] = [options.count as number, options.seed as number];
  const { maxBytes } = inferenceOptionsOf(invocation);
  const rows =
    Object.keys(evidence).length === 0
      ? forwardSample(network, key(seed), count)
      : posteriorSample(network, evidence, key(seed), count, maxBytes === undefined ? {} : { maxBytes });
  if (file === undefined)
    return { text: csvOf(rows).trimEnd(), json: { count, seed, given: evidence, rows: recordsOf(rows) } };
  await writeTable(file, columnsOf(rows), cellsOf(rows));
  const given = Object.keys(evidence).length > 0 ? ` given ${describeEvidence(evidence)}` : "";
  return {
    text: `${file}: ${formatCount(count)} rows of ${network.nodes.length} variables${given}, seed ${seed}`,
    json: { file, count, seed, given: evidence },
  };
}

const columnsOf = ({ variables }: DiscreteRows) =>
  variables.map(({ name, states }): Column => ({ name, kind: "categorical", levels: states }));

/** The places of states [rows, variables]. */
function cellsOf({ count, columns }: DiscreteRows): Float64Array {
  const width = columns.length;
  return Float64Array.from({ length: count * width }, (_, i) => columns[i % width]![Math.floor(i / width)]!);
}

/** Rows as CSV with the names of states. */
const csvOf = (rows: DiscreteRows) => csvText(tableOfCells(columnsOf(rows), cellsOf(rows)));

function recordsOf({ variables, count, columns }: DiscreteRows) {
  return Array.from({ length: count }, (_, i) =>
    Object.fromEntries(variables.map(({ name, states }, v) => [name, states[columns[v]![i]!]!])),
  );
}
