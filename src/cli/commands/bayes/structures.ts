import { UsageError } from "../../../base/errors.ts";
import {
  chowLiu,
  cpdagOf,
  type Dag,
  dagOf,
  edgesOf,
  extensionOf,
  greedyEquivalence,
  hillClimb,
  type Network,
  type Pdag,
  pcFromData,
  type Records,
  type ScoreName,
} from "../../../bayes/index.ts";
import { fold, key } from "../../../random/index.ts";
import type { Invocation } from "../../command.ts";
import { namesOf } from "./question.ts";

/** A structure that was found, and what there is to say about it. */
export interface Found {
  readonly dag: Dag;
  readonly graph: Pdag;
  readonly how: string;
  readonly details: Readonly<Record<string, unknown>>;
}

type Options = Invocation["options"];

/** The structure of a file. */
export function givenStructure(network: Network): Found {
  const dag = dagOf(network);
  return { dag, graph: cpdagOf(dag), how: "given structure", details: {} };
}

/** The arrows that `--require` and `--forbid` name. */
function pairs(value: unknown): (readonly [string, string])[] {
  return namesOf(value).map((text) => {
    const [from, to, ...rest] = text.split(">").map((word) => word.trim());
    if (!from || !to || rest.length > 0) throw new UsageError(`Arrows are written as a>b; got "${text}".`);
    return [from, to] as const;
  });
}

const sampleSize = (options: Options) =>
  options.sampleSize === undefined ? {} : { sampleSize: options.sampleSize as number };

function climb(records: Records, options: Options): Found {
  const score = options.score as ScoreName;
  const { dag, ...found } = hillClimb(records, {
    score,
    maxParents: options.maxParents as number,
    restarts: options.restarts as number,
    key: fold(key(options.seed as number), "restarts"),
    required: pairs(options.require),
    forbidden: pairs(options.forbid),
    ...sampleSize(options),
  });
  const details = { score: found.score, steps: found.steps };
  return { dag, graph: cpdagOf(dag), how: `hill climbing with ${score}`, details };
}

function equivalence(records: Records, options: Options): Found {
  const score = options.score as ScoreName;
  if (score === "k2")
    throw new UsageError("Equivalent structures differ in K2, so --method ges takes another --score, such as bdeu.");
  const maxParents = options.maxParents as number;
  const { dag, graph, ...found } = greedyEquivalence(records, { score, maxParents, ...sampleSize(options) });
  const details = { score: found.score, steps: found.steps, lines: edgesOf(graph).lines };
  return { dag, graph, how: `greedy equivalence search with ${score}`, details };
}

function tests(records: Records, options: Options): Found {
  const significance = options.significance as number;
  const { graph, tests, conflicts } = pcFromData(records, { significance, maxGiven: 4 });
  const dag = extensionOf(graph);
  if (dag) return { dag, graph, how: "PC", details: { tests, conflicts, lines: edgesOf(graph).lines } };
  throw new UsageError(
    "The tests of PC contradict each other on these rows, so that no network has their arrows: take --method hill-climb, or another --significance.",
  );
}

function tree(records: Records): Found {
  const dag = chowLiu(records);
  return { dag, graph: cpdagOf(dag), how: "Chow-Liu tree", details: {} };
}

/** The methods of `sampo bayes learn --method`; a new one is a line here. */
export const structures: Readonly<Record<string, (records: Records, options: Options) => Found>> = {
  "hill-climb": climb,
  ges: equivalence,
  pc: tests,
  "chow-liu": tree,
};

/** The structure that a method finds. */
export function search(records: Records, options: Options): Found {
  const method = options.method as string;
  if (method !== "hill-climb" && (options.require !== undefined || options.forbid !== undefined))
    throw new UsageError(`--require and --forbid are for --method hill-climb; ${method} has no use for them.`);
  return structures[method]!(records, options);
}
