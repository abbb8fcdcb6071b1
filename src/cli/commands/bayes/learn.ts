import { basename } from "node:path";
import { writeFileAtomic } from "../../../artifacts/files.node.ts";
import { UsageError } from "../../../base/errors.ts";
import {
  cpdagOf,
  dagOf,
  edgesOf,
  learnByEm,
  learnParameters,
  type Network,
  observedLogLikelihood,
  type Prior,
  pdagOf,
  type Records,
  recordsFor,
  recordsOf,
  scoreNames,
  skeletonDifference,
  structuralHammingDistance,
  structureScore,
  variablesOf,
  writeBif,
} from "../../../bayes/index.ts";
import { wishesOf } from "../../../data/open-table.node.ts";
import { readTableFiles } from "../../../data/table/read.node.ts";
import { networkParameters } from "../../../probability/tables/index.ts";
import { fold, key } from "../../../random/index.ts";
import type { CommandSpec, Invocation, Result } from "../../command.ts";
import { formatCount, formatDuration, formatFigure } from "../../output/index.ts";
import { realNumber, wholeNumber, words } from "../../parse.ts";
import { openNetwork, readingOptions } from "./question.ts";
import { type Found, givenStructure, search, structures } from "./structures.ts";

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
  const { options, out } = invocation;
  const data = options.data as string | undefined;
  if (data === undefined) throw new UsageError("Say which rows to learn from: --data rows.csv.");
  const file = (name: "structure" | "truth") =>
    options[name] === undefined ? undefined : openNetwork({ ...invocation, args: [options[name] as string] });
  const [given, truth] = [file("structure"), file("truth")];
  const { table } = await readTableFiles([data], {
    ...(options.columns === undefined ? {} : { columns: await wishesOf(options.columns as string) }),
    ...(options.drop === undefined ? {} : { drop: options.drop as string[] }),
  });
  const known = given ?? truth;
  const records = known ? recordsFor(table, variablesOf(known)) : recordsOf(table);
  const started = performance.now();
  const found = given ? givenStructure(given) : search(records, options);
  const structureSeconds = (performance.now() - started) / 1000;
  const prior = priorOf(options);
  const gaps = records.columns.some((column) => column.includes(-1));
  const learnt = gaps
    ? learnByEm(found.dag, records, {
        prior,
        key: fold(key(options.seed as number), "em"),
        progress: (round) => out.progress({ label: "EM", fraction: round / 200 }),
      })
    : undefined;
  const network = { ...(learnt?.network ?? learnParameters(found.dag, records, prior)), name: "learnt" };
  const seconds = (performance.now() - started) / 1000;
  const nats = observedLogLikelihood(network, records);
  const arrowsFound = edgesOf(pdagOf(found.dag)).arrows;
  const compared = truth ? comparison(found, truth, records) : undefined;
  const target = options.out as string | undefined;
  if (target !== undefined) writeFileAtomic(target, writeBif(network));
  const json = {
    data: basename(data),
    rows: records.count,
    variables: records.variables.length,
    method: found.how,
    ...found.details,
    arrows: arrowsFound,
    parameters: networkParameters(network.nodes),
    logLikelihood: nats,
    ...(gaps ? {} : { bic: structureScore(found.dag, records, "bic") }),
    ...(learnt ? { rounds: learnt.logLikelihoods.length - 1, converged: learnt.converged } : {}),
    ...(compared ? { truth: compared } : {}),
    structureSeconds,
    seconds,
    out: target ?? null,
  };
  const lines = [
    `${found.how}: ${arrowsFound.length} arrows between ${records.variables.length} variables from ${formatCount(records.count)} rows in ${formatDuration(seconds)}.`,
    `${json.parameters} parameters; log-likelihood ${formatFigure(nats / records.count)} nats a row.`,
    ...(learnt
      ? [
          `Missing values by EM: ${learnt.logLikelihoods.length - 1} rounds${learnt.converged ? "" : ", not converged"}.`,
        ]
      : []),
    ...(compared
      ? [
          `Structural Hamming distance to the truth: ${compared.shd} (${compared.missing} edges missing, ${compared.extra} extra).`,
          ...(compared.bic === undefined
            ? []
            : [`BIC ${formatFigure(json.bic!)}; the true structure has ${formatFigure(compared.bic)}.`]),
        ]
      : []),
    ...(target ? [`Written to ${target}.`] : arrowsFound.map(([a, b]) => `  ${a} → ${b}`)),
  ];
  return { text: lines.join("\n"), json };
}

function priorOf({ prior, priorSize }: Invocation["options"]): Prior {
  if (prior === "none" || prior === "k2") return { kind: prior };
  return { kind: "bdeu", sampleSize: priorSize as number };
}

/** How far the structure found is from the true one, and which of the two the rows' BIC prefers. */
function comparison({ dag, graph }: Found, truth: Network, records: Records) {
  const theirs = dagOf(truth);
  const completed = cpdagOf(theirs);
  const { missing, extra } = skeletonDifference(completed, graph);
  const shd = structuralHammingDistance(graph, completed);
  const shdDag = structuralHammingDistance(pdagOf(dag), pdagOf(theirs));
  const { arrows, lines } = edgesOf(completed);
  const bic = records.columns.some((column) => column.includes(-1))
    ? {}
    : { bic: structureScore(theirs, records, "bic") };
  return { shd, shdDag, missing, extra, edges: arrows.length + lines.length, ...bic };
}
