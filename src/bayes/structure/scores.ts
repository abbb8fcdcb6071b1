import { UsageError } from "../../base/errors.ts";
import { logGamma } from "../../numeric/special/index.ts";
import type { Dag } from "../graph/index.ts";
import { columnsNamed, countsOf, type Records, totalWeight } from "../learning/records.ts";

/** The scores of structures, each a sum over nodes and their parents; larger is better. */
export const scoreNames = ["bic", "aic", "bdeu", "k2", "log-likelihood"] as const;

/** The name of a score. */
export type ScoreName = (typeof scoreNames)[number];

/** Options of scores. */
export interface ScoreOptions {
  /** The equivalent sample size of BDeu (10). */
  readonly sampleSize?: number;
}

/** The score of a node with parents, by places of columns; parents in any order. */
export type LocalScore = (child: number, parents: readonly number[]) => number;

/** Σ over rows of a table of counts. */
function overRows(counts: Float64Array, width: number, row: (start: number, total: number) => number): number {
  let sum = 0;
  for (let start = 0; start < counts.length; start += width) {
    let total = 0;
    for (let k = start; k < start + width; k++) total += counts[k]!;
    if (total > 0) sum += row(start, total);
  }
  return sum;
}

/** The largest log-likelihood of a table of counts: Σ n log (n / row sum). */
function logLikelihood(counts: Float64Array, width: number): number {
  return overRows(counts, width, (start, total) => {
    let sum = 0;
    for (let k = start; k < start + width; k++) if (counts[k]! > 0) sum += counts[k]! * Math.log(counts[k]! / total);
    return sum;
  });
}

/** log of the Dirichlet-multinomial evidence with `alpha` imagined observations in each cell. */
function logEvidence(counts: Float64Array, width: number, alpha: number): number {
  const [ofRow, ofCell] = [logGamma(alpha * width), logGamma(alpha)];
  return overRows(counts, width, (start, total) => {
    let sum = ofRow - logGamma(alpha * width + total);
    for (let k = start; k < start + width; k++) if (counts[k]! > 0) sum += logGamma(alpha + counts[k]!) - ofCell;
    return sum;
  });
}

/**
 * A score of complete rows: the log-likelihood; less the number of parameters (AIC, Akaike 1974), or ½ log N for each
 * (BIC, Schwarz 1978); or the evidence under Dirichlet priors, of one for each cell (K2, Cooper & Herskovits 1992) or of
 * an equivalent sample size spread evenly (BDeu, Heckerman, Geiger & Chickering 1995). BIC, AIC and BDeu give Markov
 * equivalent structures the same score, K2 does not. What was computed is kept.
 */
export function localScore(name: ScoreName, records: Records, { sampleSize = 10 }: ScoreOptions = {}): LocalScore {
  if (!(sampleSize > 0)) throw new UsageError(`An equivalent sample size is above zero; got ${sampleSize}.`);
  const penalty = name === "bic" ? Math.log(totalWeight(records)) / 2 : name === "aic" ? 1 : 0;
  const score = (counts: Float64Array, width: number) => {
    if (name === "k2") return logEvidence(counts, width, 1);
    if (name === "bdeu") return logEvidence(counts, width, sampleSize / counts.length);
    return logLikelihood(counts, width) - (penalty * counts.length * (width - 1)) / width;
  };
  const known = new Map<string, number>();
  return (child, parents) => {
    const sorted = [...parents].sort((a, b) => a - b);
    const id = `${child}|${sorted.join()}`;
    const before = known.get(id);
    if (before !== undefined) return before;
    const value = score(countsOf(records, [...sorted, child]), records.variables[child]!.states.length);
    known.set(id, value);
    return value;
  };
}

/** The score of a structure: the sum over its nodes. */
export function structureScore(dag: Dag, records: Records, name: ScoreName, options: ScoreOptions = {}): number {
  const score = localScore(name, records, options);
  const places = columnsNamed(records, dag.names);
  return dag.parents.reduce(
    (sum, parents, i) =>
      sum +
      score(
        places[i]!,
        parents.map((p) => places[p]!),
      ),
    0,
  );
}
