import {
  cpdagOf,
  type Dag,
  dagOf,
  type EmResult,
  edgesOf,
  learnByEm,
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
import { type Found, givenStructure, search } from "./structures.ts";

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
}

/** Learns a network from rows: its arrows, unless given, and its probabilities. */
export function learnt(records: Records, given: Network | undefined, { options, out }: Invocation): Lesson {
  const started = performance.now();
  const elapsed = () => (performance.now() - started) / 1000;
  const found = given ? givenStructure(given) : search(records, options);
  const structureSeconds = elapsed();
  const prior = priorOf(options);
  const em = hasGaps(records)
    ? learnByEm(found.dag, records, {
        prior,
        key: fold(key(options.seed as number), "em"),
        progress: (round) => out.progress({ label: "EM", fraction: round / 200 }),
      })
    : undefined;
  const network = { ...(em?.network ?? learnParameters(found.dag, records, prior)), name: "learnt" };
  const seconds = elapsed();
  const logLikelihood = observedLogLikelihood(network, records);
  return { records, found, network, em, logLikelihood, structureSeconds, seconds };
}

const hasGaps = ({ columns }: Records) => columns.some((column) => column.includes(-1));

const arrowsOf = ({ dag }: Found) => edgesOf(pdagOf(dag)).arrows;

/** The BIC of a structure; none where values are missing. */
const bicOf = (dag: Dag, records: Records) => (hasGaps(records) ? {} : { bic: structureScore(dag, records, "bic") });

type Comparison = ReturnType<typeof comparison>;

/** What was learnt for programs. */
export function asJson(data: string, lesson: Lesson, compared: Comparison | undefined, out: string | undefined) {
  const { records, found, network, em, logLikelihood, structureSeconds, seconds } = lesson;
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
    out: out ?? null,
  };
}

/** What was learnt for people. */
export function inWords(lesson: Lesson, compared: Comparison | undefined, out: string | undefined): string {
  const { records, found, network, em, logLikelihood, seconds } = lesson;
  const arrows = arrowsOf(found);
  const lines = [
    `${found.how}: ${arrows.length} arrows between ${records.variables.length} variables from ${formatCount(records.count)} rows in ${formatDuration(seconds)}.`,
    `${networkParameters(network.nodes)} parameters; log-likelihood ${formatFigure(logLikelihood / records.count)} nats a row.`,
  ];
  if (em)
    lines.push(`Missing values by EM: ${em.logLikelihoods.length - 1} rounds${em.converged ? "" : ", not converged"}.`);
  if (compared)
    lines.push(
      `Structural Hamming distance to the truth: ${compared.shd} (${compared.missing} edges missing, ${compared.extra} extra).`,
    );
  const { bic } = bicOf(found.dag, records);
  if (compared?.bic !== undefined && bic !== undefined)
    lines.push(`BIC ${formatFigure(bic)}; the true structure has ${formatFigure(compared.bic)}.`);
  lines.push(...(out ? [`Written to ${out}.`] : arrows.map(([a, b]) => `  ${a} → ${b}`)));
  return lines.join("\n");
}

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
