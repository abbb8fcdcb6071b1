import { DataError, UsageError } from "../../base/errors.ts";
import type { Table } from "../../data/table/types.ts";
import { recordsOf } from "../learning/records.ts";
import { climbStructure, type HillClimbOptions, type HillClimbResult } from "../structure/hill-climb.ts";
import { type LocalScore, localScore, type ScoreName } from "../structure/scores.ts";
import { type CountLawName, countStatistics, fitCounts } from "./counts.ts";
import { discretePart, kindOf, mayLead } from "./learn.ts";
import { type Family, regressions, scalesOf, statisticsOf } from "./regression.ts";

/** The scores that know real columns and counts. */
export const mixedScoreNames = ["bic", "aic", "log-likelihood"] as const satisfies readonly ScoreName[];

/** The rows of a table in which nothing is missing; throws where there are none. */
function wholeRows(table: Table): Table {
  const rows: number[] = [];
  for (let i = 0; i < table.count; i++) if (table.values.every((column) => !Number.isNaN(column[i]))) rows.push(i);
  if (rows.length === table.count) return table;
  if (rows.length === 0)
    throw new DataError(
      "Every row lacks some value, and the search for arrows looks at whole rows: give the arrows, or drop columns.",
    );
  const values = table.values.map((column) => Float64Array.from(rows, (row) => column[row]!));
  return { columns: table.columns, count: rows.length, values, missing: values.map(() => undefined) };
}

/**
 * A score of whole rows of columns of all kinds: that of tables for a discrete child; for a real one the greatest
 * log-likelihood of its regressions, one of p coefficients, an intercept and a variance in each of the q combinations of
 * its discrete parents' states, less q (p + 2) parameters (AIC) or ½ log N for each (BIC); for a count that of its laws,
 * of two parameters in each combination, or of one where they are Poisson laws. −∞ for a real parent of a discrete child
 * (conditional linear-Gaussian networks have none, Lauritzen & Wermuth 1989) and for other arrows that are not modelled
 * (`mayLead`), and where a child follows exactly from its parents, so that its density has no bound.
 */
export function mixedScore(name: ScoreName, table: Table, law: CountLawName = "negative-binomial"): LocalScore {
  if (!(mixedScoreNames as readonly string[]).includes(name))
    throw new UsageError(
      `The score ${name} is for discrete columns alone; real ones and counts take ${mixedScoreNames.join(", ")}.`,
    );
  const { columns } = table;
  const discrete = [...table.columns.keys()].filter((i) => table.columns[i]!.levels);
  const tables = localScore(name, recordsOf(discretePart(table, discrete)));
  const scales = scalesOf(table);
  const penalty = name === "bic" ? Math.log(table.count) / 2 : name === "aic" ? 1 : 0;
  const isDiscrete = (at: number) => kindOf(columns[at]!) === "discrete";
  const known = new Map<string, number>();
  const fittedTo = (family: Family) => {
    if (kindOf(columns[family.child]!) === "count") return fitCounts(countStatistics(table, family), { law });
    return regressions(statisticsOf(table, scales, family), family, scales);
  };
  return (child, parents) => {
    if (!parents.every((parent) => mayLead(columns[parent]!, columns[child]!))) return Number.NEGATIVE_INFINITY;
    if (isDiscrete(child))
      return tables(
        discrete.indexOf(child),
        parents.map((p) => discrete.indexOf(p)),
      );
    const sorted = [...parents].sort((a, b) => a - b);
    const id = `${child}|${sorted.join()}`;
    const before = known.get(id);
    if (before !== undefined) return before;
    const family = {
      child,
      parents: sorted.filter((p) => !isDiscrete(p)),
      given: sorted.filter(isDiscrete),
    };
    const fitted = fittedTo(family);
    const value = fitted ? fitted.logLikelihood - penalty * fitted.parameters : Number.NEGATIVE_INFINITY;
    known.set(id, value);
    return value;
  };
}

/** Options of the climb over columns of all kinds. */
export interface HillClimbMixedOptions extends HillClimbOptions {
  /** The law of counts (negative-binomial). */
  readonly law?: CountLawName;
}

/** Hill climbing over columns of all kinds; arrows that are not modelled (`mayLead`) are not tried. Looks at whole rows. */
export function hillClimbMixed(table: Table, options: HillClimbMixedOptions = {}): HillClimbResult {
  const whole = wholeRows(table);
  const { columns } = whole;
  const odd = columns.flatMap((from) =>
    columns.filter((to) => to !== from && !mayLead(from, to)).map((to) => [from.name, to.name] as const),
  );
  const names = columns.map(({ name }) => name);
  const forbidden = [...(options.forbidden ?? []), ...odd];
  const score = mixedScore(options.score ?? "bic", whole, options.law);
  return climbStructure(names, score, whole.count, { ...options, forbidden });
}
