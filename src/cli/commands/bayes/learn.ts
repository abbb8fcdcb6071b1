import fs from "node:fs";
import { basename } from "node:path";
import { writeFileAtomic } from "../../../artifacts/files.node.ts";
import { guarded } from "../../../artifacts/problems.node.ts";
import { UsageError } from "../../../base/errors.ts";
import {
  type Network,
  type Records,
  recordsFor,
  recordsOf,
  scoreNames,
  variablesOf,
  writeBif,
} from "../../../bayes/index.ts";
import { wishesOf } from "../../../data/open-table.node.ts";
import { readTableFiles } from "../../../data/table/read.node.ts";
import type { CommandSpec, Invocation, Result } from "../../command.ts";
import { realNumber, wholeNumber, words } from "../../parse.ts";
import { asJson, comparison, inWords, learnt } from "./lesson.ts";
import { openNetwork, readingOptions } from "./question.ts";
import { structures } from "./structures.ts";

const arrows = (flags: string, description: string) => ({ flags, description, parse: words, repeated: true });

/** `sampo bayes learn`. */
export const learnCommand: CommandSpec = {
  name: "learn",
  summary:
    "A network from rows: its arrows, or those of a file, and its probabilities; by EM where values are missing.",
  options: [
    { flags: "--data <file>", description: "rows of names of states: CSV, Parquet, ARFF" },
    {
      flags: "--columns <kinds>",
      description: "what columns hold, where numbers are names of states: age:categorical,size:ordinal(S|M|L)",
    },
    { flags: "--drop <columns>", description: "columns to leave out", parse: words },
    {
      flags: "--structure <file.bif>",
      description: "take the arrows and states of this network, learn only its probabilities",
    },
    {
      flags: "--method <name>",
      description: "how arrows are found",
      choices: Object.keys(structures),
      default: "hill-climb",
    },
    { flags: "--score <name>", description: "what hill-climb and ges maximise", choices: scoreNames, default: "bic" },
    { flags: "--sample-size <number>", description: "equivalent sample size of BDeu (10)", parse: realNumber(0) },
    {
      flags: "--max-parents <number>",
      description: "most parents of a variable (4)",
      parse: wholeNumber(0),
      default: 4,
    },
    {
      flags: "--restarts <number>",
      description: "further climbs from changed structures",
      parse: wholeNumber(0),
      default: 20,
    },
    arrows("--require <a>b,…>", "arrows that must be there; repeatable"),
    arrows("--forbid <a>b,…>", "arrows that must not be there; repeatable"),
    { flags: "--significance <number>", description: "level of the tests of PC", parse: realNumber(0), default: 0.01 },
    {
      flags: "--prior <name>",
      description: "imagined rows: none, one in each cell, or --prior-size spread evenly",
      choices: ["none", "k2", "bdeu"],
      default: "bdeu",
    },
    { flags: "--prior-size <number>", description: "imagined rows of --prior bdeu", parse: realNumber(0), default: 1 },
    { flags: "--truth <file.bif>", description: "say how far the arrows found are from this network's" },
    { flags: "--seed <number>", description: "seed", parse: wholeNumber(0), default: 0 },
    { flags: "--out <file.bif>", description: "the network learnt" },
    ...readingOptions,
  ],
  examples: [
    "bayes learn --data rows.csv --out learnt.bif",
    "bayes learn --data rows.csv --method pc --truth asia.bif --json",
    "bayes learn --data with-gaps.csv --structure asia.bif --prior k2 --out learnt.bif",
  ],
  run: learn,
};

async function learn(invocation: Invocation): Promise<Result> {
  const { options } = invocation;
  const data = options.data as string | undefined;
  if (data === undefined) throw new UsageError("Say which rows to learn from: --data rows.csv.");
  const file = (name: "structure" | "truth") =>
    options[name] === undefined ? undefined : openNetwork({ ...invocation, args: [options[name] as string] });
  const [given, truth] = [file("structure"), file("truth")];
  const records = await recordsAt(data, given ?? truth, options);
  const lesson = learnt(records, given, invocation);
  const compared = truth ? comparison(lesson.found, truth, records) : undefined;
  const out = options.out as string | undefined;
  if (out !== undefined) writeFileAtomic(out, writeBif(lesson.network));
  return { text: inWords(lesson, compared, out), json: asJson(basename(data), lesson, compared, out) };
}

/** The rows of a file, for the variables of a network where one is known. */
async function recordsAt(data: string, known: Network | undefined, options: Invocation["options"]): Promise<Records> {
  guarded(`read ${data}`, data, () => fs.statSync(data));
  const { table } = await readTableFiles([data], {
    ...(options.columns === undefined ? {} : { columns: await wishesOf(options.columns as string) }),
    ...(options.drop === undefined ? {} : { drop: options.drop as string[] }),
  });
  return known ? recordsFor(table, variablesOf(known)) : recordsOf(table);
}
