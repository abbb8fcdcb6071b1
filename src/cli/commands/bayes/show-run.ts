import { type Dag, dagFrom, markovBlanket, placesOf } from "../../../bayes/index.ts";
import type { Learnt } from "../../../models/bayesian-network/conditionals.ts";
import {
  conditionalInWords,
  parametersOfConditional,
  statesOfRow,
} from "../../../models/bayesian-network/described.ts";
import { drawnColumns } from "../../../models/bayesian-network/drawn.ts";
import type { Invocation, Result } from "../../command.ts";
import { table } from "../../output/index.ts";
import { formatProbability } from "./question.ts";

/** A run with columns of any kind. */
interface Run {
  readonly name: string;
  readonly learnt: Learnt;
  /** The law of its counts. */
  readonly counts: Parameters<typeof parametersOfConditional>[1];
}

const dagOfLearnt = ({ columns, parents }: Learnt): Dag =>
  dagFrom(columns.map(({ name }, i) => [name, parents[i]!] as const));

/** What a run with columns without levels holds: its columns, their parents, and what they are given those. */
export function showRun({ name, learnt, counts }: Run, { out }: Invocation): Result {
  const dag = dagOfLearnt(learnt);
  const variables = learnt.columns.map((column, i) => {
    const conditional = learnt.conditionals[i]!;
    return {
      name: column.name,
      kind: column.kind,
      states: column.levels ?? null,
      parents: learnt.parents[i]!,
      children: dag.children[i]!.map((child) => dag.names[child]!),
      conditional: conditional.kind,
      inWords: conditionalInWords(conditional),
      parameters: parametersOfConditional(conditional, counts),
    };
  });
  const edges = variables.reduce((sum, { parents }) => sum + parents.length, 0);
  const parameters = variables.reduce((sum, each) => sum + each.parameters, 0);
  const rows = variables.map((each) => [
    each.name,
    each.states ? each.states.join(", ") : each.kind,
    each.parents.join(", "),
    each.inWords,
    `${each.parameters}`,
  ]);
  const titles = [
    ...["variable", "states or kind", "parents", "given its parents"].map((title) => ({ title })),
    { title: "parameters", align: "right" as const },
  ];
  const text = [
    `${out.colours.bold(name)}: ${variables.length} variables, ${edges} edges, ${parameters} parameters.`,
    "",
    table(titles, rows, out.colours.bold),
  ].join("\n");
  return { text, json: { name, edges, parameters: { network: parameters }, variables } };
}

/** What a column of such a run is given its parents: its probabilities, regressions or laws, a row for each of their states. */
export function showColumn({ learnt }: Run, name: string, { out }: Invocation): Result {
  const dag = dagOfLearnt(learnt);
  const [place] = placesOf(dag, [name]) as [number];
  const { above, heads, values } = drawnColumns(learnt)[place]!;
  const { kind, levels } = learnt.columns[place]!;
  const count = heads.length === 0 ? 0 : values.length / heads.length;
  const rows = Array.from({ length: count }, (_, row) => ({
    given: Object.fromEntries(statesOfRow(learnt, place, row)),
    values: Object.fromEntries(heads.map((head, k) => [head, values[row * heads.length + k]!])),
  }));
  const blanket = markovBlanket(dag, place).map((i) => dag.names[i]!);
  const words = conditionalInWords(learnt.conditionals[place]!);
  const parents = learnt.parents[place]!;
  const columns = [
    ...above.map((parent) => ({ title: parent.name })),
    ...heads.map((title) => ({ title, align: "right" as const })),
  ];
  const cells = rows.map(({ given, values }) => [
    ...Object.values(given),
    ...Object.values(values).map(formatProbability),
  ]);
  const text = [
    `${out.colours.bold(name)} (${kind})${parents.length > 0 ? ` given ${parents.join(", ")}` : ""}: ${words}`,
    `Markov blanket: ${blanket.join(", ") || "nothing"}`,
    ...(rows.length > 0 ? ["", table(columns, cells, out.colours.bold)] : []),
  ].join("\n");
  const about = { name, kind, states: levels ?? null, parents, markovBlanket: blanket };
  return { text, json: { ...about, conditional: learnt.conditionals[place]!.kind, inWords: words, table: rows } };
}
