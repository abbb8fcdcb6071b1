import { UsageError } from "../../base/errors.ts";
import { independenceTest, type TestStatistic } from "../../probability/tables/index.ts";
import { type Dag, dSeparation } from "../graph/index.ts";
import { completeRows, countsOf, type Records } from "../learning/records.ts";
import { adjacent, applyMeekRules, line, orient, type Pdag } from "./pdag.ts";

/** Whether two variables are independent given others, all by place. */
export type IndependenceOracle = (a: number, b: number, given: readonly number[]) => boolean;

/** How PC goes. */
export interface PcOptions {
  /** Sets of at most so many variables are conditioned on; any number when left out. */
  readonly maxGiven?: number;
}

/** What PC found. */
export interface PcResult {
  /** Arrows and lines: the CPDAG where every answer was right. */
  readonly graph: Pdag;
  /** Tests that were made. */
  readonly tests: number;
  /** Colliders that were not drawn because an earlier one points the other way: a sign of wrong answers. */
  readonly conflicts: number;
}

/**
 * The PC algorithm (Spirtes & Glymour 1991) in its order-independent form (PC-stable, Colombo & Maathuis 2014, arXiv
 * 1211.3295): edges go where some set of neighbours makes their ends independent, neighbours being those at the start of
 * each level; colliders follow from the sets, all other arrows from Meek's rules.
 */
export function pc(names: readonly string[], independent: IndependenceOracle, options: PcOptions = {}): PcResult {
  const n = names.length;
  const { maxGiven = n } = options;
  const marks = Uint8Array.from({ length: n * n }, (_, at) => Number(Math.floor(at / n) !== at % n));
  const graph: Pdag = { names, marks };
  const separators = new Map<number, readonly number[]>();
  let tests = 0;
  const tested = (a: number, b: number, given: readonly number[]) => {
    tests++;
    return independent(a, b, given);
  };
  for (let size = 0; size <= maxGiven; size++) {
    const around = names.map((_, a) => [...names.keys()].filter((b) => adjacent(graph, a, b)));
    if (!around.some((list) => list.length > size)) break;
    for (let a = 0; a < n; a++)
      for (const b of around[a]!) {
        if (b < a || !adjacent(graph, a, b)) continue;
        const found = separatorOf(a, b, around, size, tested);
        if (!found) continue;
        marks[a * n + b] = marks[b * n + a] = 0;
        separators.set(a * n + b, found);
      }
  }
  const conflicts = orientColliders(graph, separators);
  applyMeekRules(graph);
  return { graph, tests, conflicts };
}

function separatorOf(
  a: number,
  b: number,
  around: readonly (readonly number[])[],
  size: number,
  independent: IndependenceOracle,
): readonly number[] | undefined {
  for (const side of [a, b]) {
    const candidates = around[side]!.filter((c) => c !== a && c !== b);
    for (const given of subsets(candidates, size)) if (independent(a, b, given)) return given;
    if (size === 0) break;
  }
  return undefined;
}

/** All subsets of a size, in order of places. */
export function* subsets<T>(items: readonly T[], size: number): Generator<T[]> {
  if (size > items.length) return;
  const at = Array.from({ length: size }, (_, i) => i);
  for (;;) {
    yield at.map((i) => items[i]!);
    let i = size - 1;
    while (i >= 0 && at[i] === items.length - size + i) i--;
    if (i < 0) return;
    at[i]!++;
    for (let j = i + 1; j < size; j++) at[j] = at[j - 1]! + 1;
  }
}

/** Draws a → c ← b where c joins a and b, which are apart, and is not in the set that separates them. */
function orientColliders(graph: Pdag, separators: ReadonlyMap<number, readonly number[]>): number {
  const n = graph.names.length;
  let conflicts = 0;
  for (let a = 0; a < n; a++)
    for (let b = a + 1; b < n; b++) {
      const between = separators.get(a * n + b);
      if (!between) continue;
      for (let c = 0; c < n; c++) {
        if (c === a || c === b || !adjacent(graph, a, c) || !adjacent(graph, b, c) || between.includes(c)) continue;
        for (const end of [a, b]) {
          if (line(graph, end, c)) orient(graph, end, c);
          else if (graph.marks[end * n + c] === 0) conflicts++;
        }
      }
    }
  return conflicts;
}

/** Tests of rows: independent where the p-value is above `significance`. Rows with missing values are left out. */
export function dataOracle(records: Records, significance = 0.01, statistic: TestStatistic = "g"): IndependenceOracle {
  if (!(significance > 0 && significance < 1))
    throw new UsageError(`A significance level lies between 0 and 1; got ${significance}.`);
  const data = completeRows(records);
  return (a, b, given) => {
    const places = [...given, a, b];
    const variables = places.map((v) => data.variables[v]!);
    const names = variables.map(({ name }) => name);
    const [left, right] = names.slice(-2);
    const counts = { variables, values: countsOf(data, places) };
    return independenceTest(counts, left!, right!, names.slice(0, -2), statistic).pValue > significance;
  };
}

/** The exact answers of a graph: d-separation. */
export function graphOracle(dag: Dag): IndependenceOracle {
  const { names } = dag;
  return (a, b, given) =>
    dSeparation(
      dag,
      [names[a]!],
      [names[b]!],
      given.map((i) => names[i]!),
    ).separated;
}

/** PC on rows of data. */
export function pcFromData(
  records: Records,
  options: PcOptions & { readonly significance?: number; readonly statistic?: TestStatistic } = {},
): PcResult {
  const { significance = 0.01, statistic = "g" } = options;
  const names = records.variables.map(({ name }) => name);
  return pc(names, dataOracle(records, significance, statistic), options);
}
