import { conditionalParameters } from "../../probability/tables/index.ts";
import type { LearntTable } from "../contract.ts";
import type { Conditional, Learnt } from "./conditionals.ts";
import { drawnColumns } from "./drawn.ts";
import type { NetworkConfig } from "./options.ts";

type Row = LearntTable["rows"][number];

/** The most rows of a table of regressions or laws. */
const MOST = 100;

/** Four digits. */
const short = (value: number) => String(Number(value.toPrecision(4))).replace(/^-/, "−");

/**
 * Independent numbers of a conditional: one less than states for each row of a table; an intercept, the coefficients and a
 * variance of each regression; one or two of each law of a count; the weights of a network.
 */
export function parametersOfConditional(conditional: Conditional, law: NetworkConfig["counts"]): number {
  if (conditional.kind === "table") return conditionalParameters(conditional.node);
  if (conditional.kind === "regression") return conditional.node.regimes.length * (conditional.node.parents.length + 2);
  if (conditional.kind === "counts") return conditional.node.laws.length * (law === "poisson" ? 1 : 2);
  const { first, second } = conditional.node.weights;
  return [first, second].reduce((sum, { weight, bias }) => sum + weight.size + bias.size, 0);
}

/** `1.2 + 3 × a − 0.5 × b`. */
export function formula(intercept: number, coefficients: readonly number[], names: readonly string[]): string {
  const terms = coefficients.map((b, i) => ` ${b < 0 ? "−" : "+"} ${short(Math.abs(b))} × ${names[i]}`);
  return `${short(intercept)}${terms.join("")}`;
}

/** What a column is given its parents, in words. */
export function conditionalInWords(conditional: Conditional): string {
  const each = (what: string, count: number, given: readonly string[]) =>
    `${what} in each of ${count} ${given.length === 1 ? "states" : "combinations"} of ${given.join(", ")}`;
  if (conditional.kind === "table") {
    const { variable, parents, table } = conditional.node;
    if (parents.length > 0) return each("probabilities", table.length / variable.states.length, parents);
    const shown = variable.states.slice(0, 4).map((state, k) => `${state} ${short(table[k]!)}`);
    return `${shown.join(", ")}${variable.states.length > 4 ? ", …" : ""}`;
  }
  if (conditional.kind === "regression") {
    const { regimes, parents, given } = conditional.node;
    if (given.length > 0)
      return each(parents.length > 0 ? `a regression on ${parents.join(", ")}` : "a normal", regimes.length, given);
    const { intercept, coefficients, variance } = regimes[0]!;
    return `mean ${formula(intercept, coefficients, parents)}, deviation ${short(Math.sqrt(variance))}`;
  }
  if (conditional.kind === "counts") {
    const { laws, given } = conditional.node;
    if (given.length > 0) return each("a rate", laws.length, given);
    const { mean, dispersion } = laws[0]!;
    return dispersion === 0
      ? `Poisson, rate ${short(mean)}`
      : `mean ${short(mean)}, variance ${short(varianceOf(laws[0]!))}`;
  }
  return `by a network with ${conditional.node.weights.first.bias.size} hidden units`;
}

const varianceOf = ({ mean, dispersion }: { readonly mean: number; readonly dispersion: number }) =>
  mean + dispersion * mean * mean;

/** What was learnt, for people: the columns with their parents; regressions; laws of counts. */
export function learntTables(learnt: Learnt): LearntTable[] {
  const { columns, parents, conditionals } = learnt;
  const rows = columns.map(
    ({ name, kind }, i): Row => [name, kind, parents[i]!.join(", "), conditionalInWords(conditionals[i]!)],
  );
  const head = ["column", "kind", "parents", "given its parents"];
  return [{ title: "Network", head, rows }, ...regressionTable(learnt), ...countTable(learnt)];
}

function regressionTable(learnt: Learnt): LearntTable[] {
  const rows = learnt.conditionals.flatMap((conditional, i): Row[] => {
    if (conditional.kind !== "regression") return [];
    const { regimes, parents } = conditional.node;
    return regimes.map(({ intercept, coefficients, variance }, at) => [
      named(learnt, i, at),
      formula(intercept, coefficients, parents),
      Math.sqrt(variance),
    ]);
  });
  return cut({ title: "Regressions", head: ["column", "mean", "standard deviation"], rows });
}

function countTable(learnt: Learnt): LearntTable[] {
  const rows = learnt.conditionals.flatMap((conditional, i): Row[] =>
    conditional.kind === "counts"
      ? conditional.node.laws.map((law, at) => [named(learnt, i, at), law.mean, varianceOf(law)])
      : [],
  );
  return cut({ title: "Counts", head: ["column", "mean", "variance"], rows });
}

/** A column with the states of its parents with levels that make a row: `height, kind = tall`. */
function named(learnt: Learnt, place: number, row: number): string {
  return [learnt.columns[place]!.name, ...statesOfRow(learnt, place, row).map((pair) => pair.join(" = "))].join(", ");
}

/** The states of a column's parents with levels that make a row of its numbers, the last varying fastest. */
export function statesOfRow(learnt: Learnt, place: number, row: number): [name: string, state: string][] {
  const above = drawnColumns(learnt)[place]!.above;
  let rest = row;
  return [...above]
    .reverse()
    .map(({ name, states }): [string, string] => {
      const state = states[rest % states.length]!;
      rest = Math.floor(rest / states.length);
      return [name, state];
    })
    .reverse();
}

function cut({ rows, ...table }: LearntTable): LearntTable[] {
  if (rows.length === 0) return [];
  if (rows.length <= MOST) return [{ ...table, rows }];
  return [{ ...table, rows: rows.slice(0, MOST), note: `The first ${MOST} of ${rows.length} rows.` }];
}
