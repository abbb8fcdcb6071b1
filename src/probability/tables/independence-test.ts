import { UsageError } from "../../base/errors.ts";
import { gammaQ } from "../../numeric/special/index.ts";
import { type DenseTable, sumOnto } from "./factor.ts";
import { variablesNamed } from "./joint.ts";

/** A test of independence from counts. */
export interface IndependenceTest {
  readonly statistic: number;
  readonly degreesOfFreedom: number;
  /** The probability of a statistic at least as large where the variables are independent. */
  readonly pValue: number;
}

/** Pearson's X² = Σ (n − e)² / e or the likelihood ratio G = 2 Σ n log (n / e) = 2 N · mutual information in nats. */
export type TestStatistic = "chi-square" | "g";

/**
 * Tests whether two variables are independent given others from a table of counts: the statistic of each combination of
 * states of `given`, with expected counts e = row sum · column sum / sum, added up; likewise their degrees of freedom,
 * (rows − 1)(columns − 1) with rows and columns without any count left out. The p-value is that of a χ² distribution,
 * Q(freedom/2, statistic/2); it is one where no degree of freedom is left. Neither statistic is corrected for continuity.
 */
export function independenceTest(
  counts: DenseTable,
  a: string,
  b: string,
  given: readonly string[] = [],
  statistic: TestStatistic = "g",
): IndependenceTest {
  const order = variablesNamed(counts.variables, [...given, a, b]);
  const values = sumOnto(counts, order);
  if (values.some((value) => !(value >= 0 && value < Number.POSITIVE_INFINITY)))
    throw new UsageError("A test of independence takes counts: finite numbers from 0 on.");
  const [rows, columns] = order.slice(-2).map(({ states }) => states.length);
  let [sum, freedom] = [0, 0];
  for (let start = 0; start < values.length; start += rows! * columns!) {
    const stratum = testStratum(values.subarray(start, start + rows! * columns!), columns!, statistic);
    sum += stratum.statistic;
    freedom += stratum.freedom;
  }
  return { statistic: sum, degreesOfFreedom: freedom, pValue: freedom === 0 ? 1 : gammaQ(freedom / 2, sum / 2) };
}

function testStratum(counts: Float64Array, columns: number, kind: TestStatistic) {
  const rows = counts.length / columns;
  const [byRow, byColumn] = [new Float64Array(rows), new Float64Array(columns)];
  let total = 0;
  counts.forEach((count, i) => {
    byRow[Math.floor(i / columns)]! += count;
    byColumn[i % columns]! += count;
    total += count;
  });
  const freedom = (positive(byRow) - 1) * (positive(byColumn) - 1);
  if (total === 0 || freedom === 0) return { statistic: 0, freedom: 0 };
  let statistic = 0;
  counts.forEach((count, i) => {
    const expected = (byRow[Math.floor(i / columns)]! * byColumn[i % columns]!) / total;
    if (expected === 0) return;
    if (kind === "chi-square") statistic += (count - expected) ** 2 / expected;
    else if (count > 0) statistic += 2 * count * Math.log(count / expected);
  });
  return { statistic: Math.max(0, statistic), freedom };
}

function positive(sums: Float64Array): number {
  return sums.reduce((count, value) => count + (value > 0 ? 1 : 0), 0);
}
