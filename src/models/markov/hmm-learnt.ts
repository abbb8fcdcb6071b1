import type { CategoricalEmission, Emission, GaussianEmission } from "../../probability/markov/index.ts";
import type { LearntTable, Params } from "../contract.ts";
import type { Parts } from "./hmm-parts.ts";
import { normalShown, shownBy } from "./hmm-uses.ts";

type Row = LearntTable["rows"][number];

/** Values of a step, and levels of each, up to which what states show is told. */
const [MOST_VALUES, MOST_LEVELS] = [32, 64];

/** The law of the first state, the transitions, and what each state shows. */
export function hmmTables({ data, fitted }: Parts, params: Params): LearntTable[] {
  const { initial, transition, emission, states: n } = fitted(params);
  const names = Array.from({ length: n }, (_, i) => `state ${i}`);
  const laws: LearntTable = {
    title: "States",
    head: ["p(state)", ...names],
    rows: [
      ["first", ...initial],
      ...names.map((name, i): Row => [`after ${name}`, ...transition.slice(i * n, (i + 1) * n)]),
    ],
  };
  const { columns } = data;
  const each = names.map((_, i) => (columns ? shownBy(emission, i, columns) : plainly(emission, i)));
  const rows = Object.keys(each[0]!).map((what): Row => [what, ...each.map((shown) => shown[what]!)]);
  return rows.length === 0 ? [laws] : [laws, { title: "What states show", head: ["", ...names], rows }];
}

/** What a state shows of steps without columns; nothing where that is more than a table holds. */
function plainly(emission: Emission, state: number): Record<string, number> {
  const { dimension: d, family } = emission;
  if (d > MOST_VALUES) return {};
  const value = (j: number) => (d === 1 ? "the value" : `value ${j}`);
  const all = Array.from({ length: d }, (_, j) => j);
  if (family === "categorical") {
    const { probabilities, levels } = emission as CategoricalEmission;
    if (levels * d > MOST_LEVELS) return {};
    const of = (j: number) =>
      Array.from({ length: levels }, (_, v): [string, number] => [
        `p(${value(j)} = ${v})`,
        probabilities[(state * d + j) * levels + v]!,
      ]);
    return Object.fromEntries(all.flatMap(of));
  }
  return normalShown(emission as GaussianEmission, state, all.map(value));
}
