import { UsageError } from "../../base/errors.ts";
import {
  chowLiu,
  type Dag,
  dagFrom,
  extensionOf,
  greedySteps,
  hillClimbMixed,
  hillClimbSteps,
  naiveStructure,
  pcFromData,
  recordsOf,
  type Steps,
} from "../../bayes/index.ts";
import type { Column, Table } from "../../data/table/types.ts";
import type { Key } from "../../random/index.ts";
import { type NetworkConfig, parseArrows } from "./options.ts";

/** Whether a column has levels. */
export const isDiscrete = ({ levels }: Column) => levels !== undefined;

/** The network without arrows. */
export const apart = ({ columns }: Table): Dag => dagFrom(columns.map(({ name }) => [name, []] as const));

/** The structure that the options ask for; searches of networks of names tell every step. */
export function* structureSteps(
  table: Table,
  config: NetworkConfig,
  key: Key,
  target?: number,
): Steps<{ readonly score: number }, Dag> {
  const names = table.columns.map(({ name }) => name);
  const { structure, score, maxParents, restarts, significance } = config;
  if (structure === "given") return parseArrows(config.arrows, names);
  if (structure === "independent") return apart(table);
  if (structure === "naive") return naiveStructure(names, names[target!]!);
  const climb = { score, maxParents, restarts, key };
  if (!table.columns.every(isDiscrete)) return hillClimbMixed(table, { ...climb, law: config.counts }).dag;
  const records = recordsOf(table);
  if (structure === "chow-liu") return chowLiu(records, target === undefined ? {} : { root: names[target]! });
  if (structure === "hill-climb") return (yield* hillClimbSteps(records, climb)).dag;
  if (structure === "ges" && score !== "k2") return (yield* greedySteps(records, { score, maxParents })).dag;
  const dag = extensionOf(pcFromData(records, { significance, maxGiven: 3 }).graph);
  if (dag) return dag;
  throw new UsageError(
    "The tests of PC contradict each other on these rows, so that no network has their arrows: take --set structure=hill-climb.",
  );
}
