import { checkTableEnding, rowObjects, writeTable } from "../../../artifacts/tables.node.ts";
import { forwardSample, posteriorSample } from "../../../bayes/index.ts";
import { tableOfCells } from "../../../data/table/rows.ts";
import type { Column } from "../../../data/table/types.ts";
import { csvText } from "../../../data/table/write.ts";
import type { DiscreteRows, Evidence } from "../../../probability/tables/index.ts";
import { type Key, key } from "../../../random/index.ts";
import { type Belonging, refuseStrays } from "../../belongs.ts";
import type { CommandSpec, Invocation, Result } from "../../command.ts";
import { formatCount } from "../../output/index.ts";
import { wholeNumber } from "../../parse.ts";
import { drawMixed } from "./mixed-run.ts";
import {
  describeEvidence,
  evidenceOf,
  evidenceOptions,
  fileArgument,
  inferenceOptionsOf,
  memoryOptions,
  openMixed,
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
  const evidence = evidenceOf(invocation);
  refuseStrays(options, belongings, [Object.keys(evidence).length > 0 ? "--given" : "sampling without --given"]);
  const [count, seed] = [options.count as number, options.seed as number];
  const { columns, cells, how } = drawn(invocation, evidence, count, key(seed));
  const about = { count, seed, given: evidence, ...(how === undefined ? {} : { how }) };
  if (file === undefined)
    return {
      text: csvText(tableOfCells(columns, cells)).trimEnd(),
      json: { ...about, rows: rowObjects(columns, cells) },
    };
  await writeTable(file, columns, cells);
  const given = Object.keys(evidence).length > 0 ? ` given ${describeEvidence(evidence)}` : "";
  const by = how === undefined ? "" : `, by ${how}`;
  return {
    text: `${file}: ${formatCount(count)} rows of ${columns.length} variables${given}${by}, seed ${seed}`,
    json: { file, ...about },
  };
}

/** Rows [count, columns] of a network of tables or of a run with columns of any kind. */
function drawn(invocation: Invocation, evidence: Evidence, count: number, own: Key): Rows {
  const mixed = openMixed(invocation);
  if (mixed) return drawMixed(mixed.learnt, evidence, own, count);
  const network = openNetwork(invocation);
  const { maxBytes } = inferenceOptionsOf(invocation);
  const rows =
    Object.keys(evidence).length === 0
      ? forwardSample(network, own, count)
      : posteriorSample(network, evidence, own, count, maxBytes === undefined ? {} : { maxBytes });
  return { columns: columnsOf(rows), cells: cellsOf(rows), how: undefined };
}

/** Rows that were drawn, and how where that is not exact. */
interface Rows {
  readonly columns: readonly Column[];
  readonly cells: Float64Array;
  readonly how: string | undefined;
}

const columnsOf = ({ variables }: DiscreteRows) =>
  variables.map(({ name, states }): Column => ({ name, kind: "categorical", levels: states }));

/** The places of states [rows, variables]. */
function cellsOf({ count, columns }: DiscreteRows): Float64Array {
  const width = columns.length;
  return Float64Array.from({ length: count * width }, (_, i) => columns[i % width]![Math.floor(i / width)]!);
}
