import { essBulk, essTail, mcseMean, mcseStdDev, rhat } from "./convergence.ts";
import { meanOf, varianceOf } from "./moments.ts";
import { type ChainDraws, quantileOf, sorted } from "./ranks.ts";

/** What the draws of one quantity say, and how far they can be believed. */
export interface Summary {
  readonly name: string;
  readonly mean: number;
  readonly stdDev: number;
  /** Quantiles at 5, 50 and 95 per cent. */
  readonly low: number;
  readonly median: number;
  readonly high: number;
  readonly mcseMean: number;
  readonly mcseStdDev: number;
  readonly essBulk: number;
  readonly essTail: number;
  readonly rhat: number;
}

/** Moments, quantiles, Monte Carlo errors and convergence of one quantity. */
export function summarize(name: string, chains: ChainDraws): Summary {
  const all = sorted(chains);
  return {
    name,
    mean: meanOf(all),
    stdDev: Math.sqrt(varianceOf(all)),
    low: quantileOf(all, 0.05),
    median: quantileOf(all, 0.5),
    high: quantileOf(all, 0.95),
    mcseMean: mcseMean(chains),
    mcseStdDev: mcseStdDev(chains),
    essBulk: essBulk(chains),
    essTail: essTail(chains),
    rhat: rhat(chains),
  };
}

/** Digits by the Monte Carlo error: the last one shown is the first that is uncertain. */
function digits({ mcseMean: error, mean }: Summary): number {
  const scale = error > 0 ? error : Math.abs(mean) / 1000;
  return scale > 0 ? Math.min(6, Math.max(0, Math.ceil(-Math.log10(scale)))) : 2;
}

/** Summaries as an aligned table of plain text. */
export function summaryTable(rows: readonly Summary[]): string {
  const head = ["", "mean", "sd", "5%", "50%", "95%", "mcse", "ess bulk", "ess tail", "r-hat"];
  const body = rows.map((row) => {
    const n = digits(row);
    const values = [row.mean, row.stdDev, row.low, row.median, row.high].map((value) => value.toFixed(n));
    const counts = [row.essBulk, row.essTail].map((value) => value.toFixed(0));
    return [row.name, ...values, row.mcseMean.toPrecision(2), ...counts, row.rhat.toFixed(3)];
  });
  const lines = [head, ...body];
  const widths = head.map((_, c) => Math.max(...lines.map((line) => line[c]!.length)));
  const show = (line: readonly string[]) =>
    line.map((cell, c) => (c === 0 ? cell.padEnd(widths[0]!) : cell.padStart(widths[c]!))).join("  ");
  return lines.map(show).join("\n");
}
