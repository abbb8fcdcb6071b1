import { basename } from "node:path";
import { writeFileAtomic } from "../../../artifacts/files.node.ts";
import { UsageError } from "../../../base/errors.ts";
import {
  chowLiu,
  cpdagOf,
  type Dag,
  dagOf,
  edgesOf,
  extensionOf,
  hillClimb,
  learnByEm,
  learnParameters,
  type Network,
  observedLogLikelihood,
  type Pdag,
  type Prior,
  pcFromData,
  type Records,
  recordsFor,
  recordsOf,
  type ScoreName,
  scoreNames,
  skeletonDifference,
  structuralHammingDistance,
  structureScore,
  variablesOf,
  writeBif,
} from "../../../bayes/index.ts";
import { readTableFiles } from "../../../data/table/read.node.ts";
import { networkParameters } from "../../../probability/tables/index.ts";
import { fold, key } from "../../../random/index.ts";
import type { CommandSpec, Invocation, Result } from "../../command.ts";
import { formatCount, formatDuration, formatFigure } from "../../output/index.ts";
import { realNumber, wholeNumber, words } from "../../parse.ts";
import { namesOf, openNetwork, readingOptions } from "./question.ts";

const arrows = (flags: string, description: string) => ({ flags, description, parse: words, repeated: true });

/** `sampo bayes learn`. */
export const learnCommand: CommandSpec = {
  name: "learn",
  summary:
    "A network from rows: its arrows, or those of a file, and its probabilities; by EM where values are missing.",
  options: [
    { flags: "--data <file>", description: "rows of names of states: CSV, Parquet, ARFF" },
    {
      flags: "--structure <file.bif>",
      description: "take the arrows and states of this network, learn only its probabilities",
    },
    {
      flags: "--method <name>",
      description: "how arrows are found",
      choices: ["hill-climb", "pc", "chow-liu"],
      default: "hill-climb",
    },
    { flags: "--score <name>", description: "what hill climbing maximises", choices: scoreNames, default: "bic" },
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

/** A structure that was found, and what there is to say about it. */
interface Found {
  readonly dag: Dag;
  readonly graph: Pdag;
  readonly how: string;
  readonly details: Readonly<Record<string, unknown>>;
}

async function learn(invocation: Invocation): Promise<Result> {
  const { options, out } = invocation;
  const data = options.data as string | undefined;
  if (data === undefined) throw new UsageError("Say which rows to learn from: --data rows.csv.");
  const file = (name: "structure" | "truth") =>
    options[name] === undefined ? undefined : openNetwork({ ...invocation, args: [options[name] as string] });
  const [given, truth] = [file("structure"), file("truth")];
  const { table } = await readTableFiles([data]);
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
  const arrowsFound = edgesOf({ names: found.dag.names, marks: pdagMarks(found.dag) }).arrows;
  const compared = truth ? comparison(found, truth) : undefined;
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
        ]
      : []),
    ...(target ? [`Written to ${target}.`] : arrowsFound.map(([a, b]) => `  ${a} → ${b}`)),
  ];
  return { text: lines.join("\n"), json };
}

function pdagMarks(dag: Dag): Uint8Array {
  const n = dag.names.length;
  const marks = new Uint8Array(n * n);
  dag.parents.forEach((parents, child) => {
    for (const p of parents) marks[p * n + child] = 1;
  });
  return marks;
}

function givenStructure(network: Network): Found {
  const dag = dagOf(network);
  return { dag, graph: cpdagOf(dag), how: "given structure", details: {} };
}

function pairs(value: unknown): (readonly [string, string])[] {
  return namesOf(value).map((text) => {
    const [from, to, ...rest] = text.split(">").map((word) => word.trim());
    if (!from || !to || rest.length > 0) throw new UsageError(`Arrows are written as a>b; got "${text}".`);
    return [from, to] as const;
  });
}

function search(records: Records, options: Invocation["options"]): Found {
  if (options.method === "chow-liu") {
    const dag = chowLiu(records);
    return { dag, graph: cpdagOf(dag), how: "Chow-Liu tree", details: {} };
  }
  if (options.method === "pc") {
    const { graph, tests, conflicts } = pcFromData(records, {
      significance: options.significance as number,
      maxGiven: 4,
    });
    const dag = extensionOf(graph);
    if (!dag)
      throw new UsageError(
        "The tests of PC contradict each other on these rows, so that no network has their arrows: take --method hill-climb, or another --significance.",
      );
    return { dag, graph, how: "PC", details: { tests, conflicts, lines: edgesOf(graph).lines } };
  }
  const score = options.score as ScoreName;
  const {
    dag,
    score: value,
    steps,
  } = hillClimb(records, {
    score,
    maxParents: options.maxParents as number,
    restarts: options.restarts as number,
    key: fold(key(options.seed as number), "restarts"),
    required: pairs(options.require),
    forbidden: pairs(options.forbid),
    ...(options.sampleSize === undefined ? {} : { sampleSize: options.sampleSize as number }),
  });
  return { dag, graph: cpdagOf(dag), how: `hill climbing with ${score}`, details: { score: value, steps } };
}

function priorOf({ prior, priorSize }: Invocation["options"]): Prior {
  if (prior === "none" || prior === "k2") return { kind: prior };
  return { kind: "bdeu", sampleSize: priorSize as number };
}

function comparison({ dag, graph }: Found, truth: Network) {
  const theirs = dagOf(truth);
  const completed = cpdagOf(theirs);
  const { missing, extra } = skeletonDifference(completed, graph);
  const shd = structuralHammingDistance(graph, completed);
  const marks = { names: dag.names, marks: pdagMarks(dag) };
  const shdDag = structuralHammingDistance(marks, { names: theirs.names, marks: pdagMarks(theirs) });
  return { shd, shdDag, missing, extra, edges: edgesOf(completed).arrows.length + edgesOf(completed).lines.length };
}
