import {
  cpdagOf,
  type Dag,
  dagOf,
  type EmResult,
  edgesOf,
  emSteps,
  learnParameters,
  type Network,
  observedLogLikelihood,
  type Prior,
  pdagOf,
  type Records,
  skeletonDifference,
  structuralHammingDistance,
  structureScore,
} from "../../../bayes/index.ts";
import { networkParameters } from "../../../probability/tables/index.ts";
import { fold, key } from "../../../random/index.ts";
import type { Invocation } from "../../command.ts";
import { formatCount, formatDuration, formatFigure } from "../../output/index.ts";
import { inSteps } from "../../steps.ts";
import { type Found, givenStructure, search, type Wanted } from "./structures.ts";

/** What was learnt from rows, and what it took. */
interface Lesson {
  readonly records: Records;
  readonly found: Found;
  readonly network: Network;
  /** How EM ended, where values are missing. */
  readonly em: Pick<EmResult, "logLikelihoods" | "converged"> | undefined;
  /** Of all rows, in nats. */
  readonly logLikelihood: number;
  readonly structureSeconds: number;
  readonly seconds: number;
  /** What Ctrl-C left undone; nothing where all was done. */
  readonly cut: string | undefined;
}

/** Networks that are known before: its structure, and where search and EM begin. */
interface Known {
  readonly given: Network | undefined;
  readonly start: Network | undefined;
}

/** Learns a network from rows: its arrows, unless given, and its probabilities; Ctrl-C ends it with what it has. */
export async function learnt(records: Records, { given, start }: Known, { options, out }: Invocation): Promise<Lesson> {
  const started = performance.now();
  const elapsed = () => (performance.now() - started) / 1000;
  const abort = new AbortController();
  const interrupted = () => out.info("Stopping after this round with what there is; once more stops at once.");
  const wanted: Wanted = { records, options, start, out, ending: { abort, interrupted } };
  const found = given ? givenStructure(given) : await search(wanted);
  const structureSeconds = elapsed();
  const prior = priorOf(options);
  const em = hasGaps(records) ? await byEm(found.dag, prior, given !== undefined, wanted) : undefined;
  const network = { ...(em?.network ?? learnParameters(found.dag, records, prior)), name: "learnt" };
  const seconds = elapsed();
  const logLikelihood = em?.logLikelihoods.at(-1) ?? observedLogLikelihood(network, records);
  const early = em && abort.signal.aborted && !em.converged;
  const cut = [found.cut, early ? `EM is not converged after ${roundsOf(em)}` : undefined].filter(Boolean).join("; ");
  return { records, found, network, em, logLikelihood, structureSeconds, seconds, cut: cut || undefined };
}

/** Probabilities by EM, from those of a start of the same arrows. */
async function byEm(
  dag: Dag,
  prior: Prior,
  given: boolean,
  { records, options, start, out, ending }: Wanted,
): Promise<EmResult> {
  const same = start !== undefined && (given || sameArrows(dag, dagOf(start)));
  if (start && !same) out.info("The arrows found are not those of --start: EM begins at the rows without gaps.");
  const own = { prior, key: fold(key(options.seed as number), "em"), ...(same ? { start } : {}) };
  let about = "";
  return inSteps(
    emSteps(dag, records, own),
    ({ round, done, logLikelihood }) => {
      if (logLikelihood !== undefined) about = ` · ${formatFigure(logLikelihood / records.count)} nats a row`;
      out.progress({ label: "EM", ...(done > 0 ? { fraction: done } : {}), detail: `round ${round}${about}` });
    },
    ending,
  );
}

const namedParents = ({ names, parents }: Dag) =>
  new Map(names.map((name, i) => [name, parents[i]!.map((p) => names[p]!).join("\n")]));

function sameArrows(one: Dag, other: Dag): boolean {
  const theirs = namedParents(other);
  return [...namedParents(one)].every(([name, parents]) => theirs.get(name) === parents);
}

function roundsOf({ logLikelihoods }: Pick<EmResult, "logLikelihoods">): string {
  const rounds = logLikelihoods.length - 1;
  return rounds === 1 ? "1 round" : `${rounds} rounds`;
}

/** Whether some value is missing. */
export const hasGaps = ({ columns }: Records) => columns.some((column) => column.includes(-1));

const arrowsOf = ({ dag }: Found) => edgesOf(pdagOf(dag)).arrows;

/** The BIC of a structure; none where values are missing. */
const bicOf = (dag: Dag, records: Records) => (hasGaps(records) ? {} : { bic: structureScore(dag, records, "bic") });

type Comparison = ReturnType<typeof comparison>;

/** What was learnt for programs. */
export function asJson(data: string, lesson: Lesson, compared: Comparison | undefined, out: string | undefined) {
  const { records, found, network, em, logLikelihood, structureSeconds, seconds, cut } = lesson;
  return {
    data,
    rows: records.count,
    variables: records.variables.length,
    method: found.how,
    ...found.details,
    arrows: arrowsOf(found),
    parameters: networkParameters(network.nodes),
    logLikelihood,
    ...bicOf(found.dag, records),
    ...(em ? { rounds: em.logLikelihoods.length - 1, converged: em.converged } : {}),
    ...(compared ? { truth: compared } : {}),
    structureSeconds,
    seconds,
    interrupted: cut !== undefined,
    out: out ?? null,
  };
}

/** What was learnt for people. */
export function inWords(lesson: Lesson, compared: Comparison | undefined, out: string | undefined): string {
  const { records, found, network, em, logLikelihood, seconds, cut } = lesson;
  const edges = shownEdges(found);
  const lines = [
    `${found.how}: ${countedEdges(edges)} between ${records.variables.length} variables from ${formatCount(records.count)} rows in ${formatDuration(seconds)}.`,
    `${networkParameters(network.nodes)} parameters; log-likelihood ${formatFigure(logLikelihood / records.count)} nats a row.`,
  ];
  if (em) lines.push(`Missing values by EM: ${roundsOf(em)}${em.converged ? "" : ", not converged"}.`);
  if (compared)
    lines.push(
      `Structural Hamming distance to the truth: ${compared.shd} (${compared.missing} edges missing, ${compared.extra} extra).`,
    );
  const { bic } = bicOf(found.dag, records);
  if (compared?.bic !== undefined && bic !== undefined)
    lines.push(`BIC ${formatFigure(bic)}; the true structure has ${formatFigure(compared.bic)}.`);
  if (out) lines.push(`Written to ${out}.`);
  else
    lines.push(
      ...edges.arrows.map(([a, b]) => `  ${a} → ${b}`),
      ...edges.lines.map(([a, b]) => `  ${a} — ${b}`),
      ...(edges.lines.length > 0 ? ["Lines may point either way; --out writes them as arrows of one network."] : []),
    );
  if (cut !== undefined) lines.push(`Interrupted: ${cut}.`, goingOn(found, em !== undefined, out));
  return lines.join("\n");
}

/** How to go on after an interruption. */
function goingOn({ details }: Found, em: boolean, out: string | undefined): string {
  if (details.lines !== undefined && !em) return "Start it again to let it end.";
  if (out) return `Go on with the same command and --start ${out}.`;
  return "Nothing was written: with --out file.bif the same command goes on from there with --start file.bif.";
}

/** What a method found: arrows, and where it leaves directions open lines. */
const shownEdges = (found: Found) => (found.partly ? edgesOf(found.graph) : { arrows: arrowsOf(found), lines: [] });

const counted = (count: number, what: string) => `${count} ${what}${count === 1 ? "" : "s"}`;

const countedEdges = ({ arrows, lines }: ReturnType<typeof edgesOf>) =>
  [counted(arrows.length, "arrow"), ...(lines.length > 0 ? [counted(lines.length, "line")] : [])].join(" and ");

function priorOf({ prior, priorSize }: Invocation["options"]): Prior {
  if (prior === "none" || prior === "k2") return { kind: prior };
  return { kind: "bdeu", sampleSize: priorSize as number };
}

/** How far the structure found is from the true one, and which of the two the rows' BIC prefers. */
export function comparison({ dag, graph }: Found, truth: Network, records: Records) {
  const theirs = dagOf(truth);
  const completed = cpdagOf(theirs);
  const { missing, extra } = skeletonDifference(completed, graph);
  const shd = structuralHammingDistance(graph, completed);
  const shdDag = structuralHammingDistance(pdagOf(dag), pdagOf(theirs));
  const { arrows, lines } = edgesOf(completed);
  return { shd, shdDag, missing, extra, edges: arrows.length + lines.length, ...bicOf(theirs, records) };
}
