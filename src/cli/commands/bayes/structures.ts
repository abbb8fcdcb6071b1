import { UsageError } from "../../../base/errors.ts";
import {
  chowLiu,
  cpdagOf,
  type Dag,
  dagOf,
  edgesOf,
  extensionOf,
  greedySteps,
  hillClimbSteps,
  type Network,
  type Pdag,
  pcFromData,
  type Records,
  type ScoreName,
} from "../../../bayes/index.ts";
import { fold, key } from "../../../random/index.ts";
import type { Invocation } from "../../command.ts";
import { formatFigure } from "../../output/index.ts";
import { inSteps } from "../../steps.ts";
import { namesOf } from "./question.ts";

/** A structure that was found, and what there is to say about it. */
export interface Found {
  readonly dag: Dag;
  readonly graph: Pdag;
  readonly how: string;
  readonly details: Readonly<Record<string, unknown>>;
  /** Whether what was found are the arrows and lines of the graph, of which the structure is one among several. */
  readonly partly?: boolean;
  /** How far the search came, where it was interrupted. */
  readonly cut?: string;
}

type Options = Invocation["options"];

/** What a search is given. */
export interface Wanted {
  readonly records: Records;
  readonly options: Options;
  /** Where hill climbing begins. */
  readonly start: Network | undefined;
  readonly out: Invocation["out"];
  /** What Ctrl-C does. */
  readonly ending: Parameters<typeof inSteps>[2];
}

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

async function climb({ records, options, start, out, ending }: Wanted): Promise<Found> {
  const [score, restarts] = [options.score as ScoreName, options.restarts as number];
  const steps = hillClimbSteps(records, {
    score,
    maxParents: options.maxParents as number,
    restarts,
    ...(start ? { start: dagOf(start) } : {}),
    key: fold(key(options.seed as number), "restarts"),
    required: pairs(options.require),
    forbidden: pairs(options.forbid),
    ...sampleSize(options),
  });
  const all = restarts + 1;
  const { dag, ...found } = await inSteps(
    steps,
    ({ climbs, step, score }) =>
      out.progress({
        label: "hill climbing",
        ...(climbs > 0 ? { fraction: climbs / all } : {}),
        detail: `climb ${climbs + 1} of ${all} · step ${step} · score ${formatFigure(score)}`,
      }),
    ending,
  );
  const details = { score: found.score, steps: found.steps };
  const cut = found.climbs < all ? { cut: `hill climbing ended in climb ${found.climbs + 1} of ${all}` } : {};
  return { dag, graph: cpdagOf(dag), how: `hill climbing with ${score}`, details, ...cut };
}

async function equivalence({ records, options, out, ending }: Wanted): Promise<Found> {
  const score = options.score as ScoreName;
  if (score === "k2")
    throw new UsageError("Equivalent structures differ in K2, so --method ges takes another --score, such as bdeu.");
  const maxParents = options.maxParents as number;
  const { dag, graph, ...found } = await inSteps(
    greedySteps(records, { score, maxParents, ...sampleSize(options) }),
    ({ step, score }) => out.progress({ label: "ges", detail: `step ${step} · score ${formatFigure(score)}` }),
    ending,
  );
  const details = { score: found.score, steps: found.steps, lines: edgesOf(graph).lines };
  const cut = found.complete ? {} : { cut: `the search ended after ${found.steps} steps` };
  return { dag, graph, how: `greedy equivalence search with ${score}`, details, partly: true, ...cut };
}

async function tests({ records, options }: Wanted): Promise<Found> {
  const significance = options.significance as number;
  const { graph, tests, conflicts } = pcFromData(records, { significance, maxGiven: 4 });
  const dag = extensionOf(graph);
  if (dag) return { dag, graph, how: "PC", details: { tests, conflicts, lines: edgesOf(graph).lines }, partly: true };
  throw new UsageError(
    "The tests of PC contradict each other on these rows, so that no network has their arrows: take --method hill-climb, or another --significance.",
  );
}

async function tree({ records }: Wanted): Promise<Found> {
  const dag = chowLiu(records);
  return { dag, graph: cpdagOf(dag), how: "Chow-Liu tree", details: {} };
}

/** The methods of `sampo bayes learn --method`; a new one is a line here. */
const structures: Readonly<Record<string, (wanted: Wanted) => Promise<Found>>> = {
  "hill-climb": climb,
  ges: equivalence,
  pc: tests,
  "chow-liu": tree,
};

/** The structure that a method finds. */
export function search(wanted: Wanted): Promise<Found> {
  return structures[wanted.options.method as string]!(wanted);
}
