import { basename } from "node:path";
import { writeFileAtomic } from "../../../artifacts/files.node.ts";
import { UsageError } from "../../../base/errors.ts";
import { type Network, type Records, recordsFor, recordsOf, variablesOf, writeBif } from "../../../bayes/index.ts";
import { readWholeTable } from "../../../data/open-rows.node.ts";
import type { CommandSpec, Invocation, Result } from "../../command.ts";
import { words } from "../../parse.ts";
import { checkWithRows, chosenOptions, learningOptions } from "./learning-options.ts";
import { asJson, comparison, hasGaps, inWords, learnt } from "./lesson.ts";
import { openNetwork, readingOptions } from "./question.ts";

/** `sampo bayes learn`. */
export const learnCommand: CommandSpec = {
  name: "learn",
  summary:
    "A network from rows: its arrows, or those of a file, and its probabilities; by EM where values are missing.",
  options: [
    { flags: "--data <name|file>", description: "rows of names of states: CSV, Parquet, ARFF, or a published table" },
    {
      flags: "--columns <kinds>",
      description: "what columns hold, where numbers are names of states: age:categorical,size:ordinal(S|M|L)",
    },
    { flags: "--drop <columns>", description: "columns to leave out", parse: words },
    ...learningOptions,
    { flags: "--truth <file.bif>", description: "say how far the arrows found are from this network's" },
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
  const options = chosenOptions(invocation.options);
  const data = options.data as string | undefined;
  if (data === undefined) throw new UsageError("Say which rows to learn from: --data rows.csv.");
  const file = (name: "structure" | "start" | "truth") =>
    options[name] === undefined ? undefined : openNetwork({ ...invocation, args: [options[name] as string] });
  const [given, start, truth] = [file("structure"), file("start"), file("truth")];
  const records = await recordsAt(data, given ?? start ?? truth, invocation);
  checkWithRows(invocation.options, hasGaps(records));
  const lesson = await learnt(records, { given, start }, { ...invocation, options });
  const compared = truth ? comparison(lesson.found, truth, records) : undefined;
  const out = options.out as string | undefined;
  if (out !== undefined) writeFileAtomic(out, writeBif(lesson.network));
  return { text: inWords(lesson, compared, out), json: asJson(basename(data), lesson, compared, out) };
}

/** The rows of a file or a published table, for the variables of a network where one is known. */
async function recordsAt(data: string, known: Network | undefined, { options, out }: Invocation): Promise<Records> {
  const { columns, drop } = options as { readonly columns?: string; readonly drop?: string[] };
  const table = await readWholeTable(
    data,
    { ...(columns === undefined ? {} : { columns }), ...(drop === undefined ? {} : { drop }) },
    {
      onProgress: (label, done, total) => out.progress({ label, ...(total > 0 ? { fraction: done / total } : {}) }),
    },
  );
  return known ? recordsFor(table, variablesOf(known)) : recordsOf(table);
}
