import { DataError, UsageError } from "../../base/errors.ts";
import type { Table } from "../../data/table/types.ts";
import { cholesky, solveCholesky, square } from "../../numeric/linear/index.ts";
import { type Dag, dagFrom, topologicalOrder } from "../graph/index.ts";
import { learnParameters, type Prior } from "../learning/parameters.ts";
import { recordsOf } from "../learning/records.ts";
import type { GaussianNode, MixedNetwork, Regime } from "./mixed.ts";

/**
 * Parameters of a mixed network by maximum likelihood: tables from counts (with a prior), regressions of real columns by
 * least squares in each combination of their discrete parents' states. Rows that lack a value of a family are left out of
 * it. Columns with levels are discrete, all others real.
 */
export function learnMixed(dag: Dag, table: Table, prior: Prior = { kind: "bdeu", sampleSize: 1 }): MixedNetwork {
  topologicalOrder(dag);
  const place = (name: string) => {
    const at = table.columns.findIndex((column) => column.name === name);
    if (at < 0) throw new UsageError(`The table has no column "${name}".`);
    return at;
  };
  const isDiscrete = (name: string) => table.columns[place(name)]!.levels !== undefined;
  const parentsOf = (node: number) => dag.parents[node]!.map((p) => dag.names[p]!);
  const discrete = dag.names.filter(isDiscrete);
  dag.names.forEach((name, node) => {
    const real = parentsOf(node).find((parent) => !isDiscrete(parent));
    if (isDiscrete(name) && real !== undefined)
      throw new UsageError(
        `"${name}" is discrete and "${real}" real: a discrete variable has no real parent here; turn the arrow round.`,
      );
  });
  const only = discrete.map(place);
  const part: Table = {
    columns: only.map((i) => table.columns[i]!),
    count: table.count,
    values: only.map((i) => table.values[i]!),
    missing: only.map((i) => table.missing[i]),
  };
  const structure = dagFrom(discrete.map((name) => [name, parentsOf(dag.names.indexOf(name))] as const));
  const gaussian = dag.names.flatMap((name, node) => {
    if (isDiscrete(name)) return [];
    const [given, parents] = [parentsOf(node).filter(isDiscrete), parentsOf(node).filter((each) => !isDiscrete(each))];
    return [regression(table, name, parents, given, place)];
  });
  return { name: "learnt", discrete: learnParameters(structure, recordsOf(part), prior), gaussian };
}

function regression(
  table: Table,
  name: string,
  parents: readonly string[],
  given: readonly string[],
  place: (name: string) => number,
): GaussianNode {
  const [y, xs] = [table.values[place(name)]!, parents.map((parent) => table.values[place(parent)]!)];
  const discrete = given.map((each) => ({
    values: table.values[place(each)]!,
    width: table.columns[place(each)]!.levels!.length,
  }));
  const size = discrete.reduce((product, { width }) => product * width, 1);
  const rows = Array.from({ length: size }, (): number[] => []);
  for (let i = 0; i < table.count; i++) {
    const regime = discrete.reduce((at, { values, width }) => at * width + values[i]!, 0);
    if (!Number.isNaN(regime) && !Number.isNaN(y[i]) && xs.every((x) => !Number.isNaN(x[i]))) rows[regime]!.push(i);
  }
  const all = rows.flat();
  if (all.length === 0)
    throw new DataError(`No row has values of "${name}" and all of its parents: leave the column out with --drop.`);
  // A combination that the rows hardly show takes the regression over all rows.
  const fallback = leastSquares(name, y, xs, all);
  const regimes = rows.map((own) => (own.length > xs.length + 1 ? leastSquares(name, y, xs, own) : fallback));
  return { name, parents, given, regimes };
}

/** y = a + b·x by least squares over some rows, with the mean squared residual. */
function leastSquares(name: string, y: Float64Array, xs: readonly Float64Array[], rows: readonly number[]): Regime {
  const mean = (values: Float64Array) => rows.reduce((sum, i) => sum + values[i]!, 0) / rows.length;
  const [centre, centres] = [mean(y), xs.map(mean)];
  const moment = (a: Float64Array, p: number, b: Float64Array, q: number) =>
    rows.reduce((sum, i) => sum + (a[i]! - p) * (b[i]! - q), 0) / rows.length;
  const total = moment(y, centre, y, centre);
  const constant = () =>
    new DataError(
      `"${name}" is constant or follows exactly from its parents in some of the rows, so no density fits it: leave it out with --drop.`,
    );
  if (!(total > 0)) throw constant();
  const products = square(xs.length, (i, j) => moment(xs[i]!, centres[i]!, xs[j]!, centres[j]!));
  const against = xs.map((x, i) => moment(x, centres[i]!, y, centre));
  const coefficients =
    xs.length > 0 ? [...solveCholesky(cholesky(products, `The covariance of the parents of "${name}"`), against)] : [];
  const variance = total - coefficients.reduce((sum, b, i) => sum + b * against[i]!, 0);
  if (!(variance > 1e-12 * total)) throw constant();
  return { intercept: centre - coefficients.reduce((sum, b, i) => sum + b * centres[i]!, 0), coefficients, variance };
}
