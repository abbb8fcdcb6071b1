import { DataError, UsageError } from "../../base/errors.ts";
import type { Table } from "../../data/table/types.ts";
import { recordsOf } from "../learning/records.ts";
import { climbStructure, type HillClimbOptions, type HillClimbResult } from "../structure/hill-climb.ts";
import { type LocalScore, localScore, type ScoreName } from "../structure/scores.ts";
import { discretePart } from "./learn.ts";
import { type Family, regressions, scalesOf, statisticsOf } from "./regression.ts";

/** The scores that know real columns. */
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
 * A score of whole rows of discrete and real columns: that of tables for a discrete child; for a real one the greatest
 * log-likelihood of its regressions, one of p coefficients, an intercept and a variance in each of the q combinations of
 * its discrete parents' states, less q (p + 2) parameters (AIC) or ½ log N for each (BIC). −∞ for a real parent of a
 * discrete child (conditional linear-Gaussian networks have none, Lauritzen & Wermuth 1989), and where a child follows
 * exactly from its parents, so that its density has no bound.
 */
export function mixedScore(name: ScoreName, table: Table): LocalScore {
  if (!(mixedScoreNames as readonly string[]).includes(name))
    throw new UsageError(
      `The score ${name} is for discrete columns alone; real ones take ${mixedScoreNames.join(", ")}.`,
    );
  const discrete = [...table.columns.keys()].filter((i) => table.columns[i]!.levels);
  const tables = localScore(name, recordsOf(discretePart(table, discrete)));
  const scales = scalesOf(table);
  const penalty = name === "bic" ? Math.log(table.count) / 2 : name === "aic" ? 1 : 0;
  const isDiscrete = (at: number) => scales[at] === undefined;
  const known = new Map<string, number>();
  const ofReal = (family: Family) => {
    const fitted = regressions(statisticsOf(table, scales, family), family, scales);
    return fitted ? fitted.logLikelihood - penalty * fitted.parameters : Number.NEGATIVE_INFINITY;
  };
  return (child, parents) => {
    if (isDiscrete(child)) {
      if (!parents.every(isDiscrete)) return Number.NEGATIVE_INFINITY;
      return tables(
        discrete.indexOf(child),
        parents.map((p) => discrete.indexOf(p)),
      );
    }
    const sorted = [...parents].sort((a, b) => a - b);
    const id = `${child}|${sorted.join()}`;
    const before = known.get(id);
    if (before !== undefined) return before;
    const family = {
      child,
      parents: sorted.filter((p) => !isDiscrete(p)),
      given: sorted.filter(isDiscrete),
    };
    const value = ofReal(family);
    known.set(id, value);
    return value;
  };
}

/** Hill climbing over discrete and real columns; arrows from real to discrete ones are not tried. Looks at whole rows. */
export function hillClimbMixed(table: Table, options: HillClimbOptions = {}): HillClimbResult {
  const whole = wholeRows(table);
  const { columns } = whole;
  const upward = columns
    .filter(({ levels }) => !levels)
    .flatMap((from) => columns.filter(({ levels }) => levels).map((to) => [from.name, to.name] as const));
  const names = columns.map(({ name }) => name);
  const forbidden = [...(options.forbidden ?? []), ...upward];
  return climbStructure(names, mixedScore(options.score ?? "bic", whole), whole.count, { ...options, forbidden });
}
