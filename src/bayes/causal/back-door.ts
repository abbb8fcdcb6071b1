import { UsageError } from "../../base/errors.ts";
import { ancestors, type Dag, dagFrom, descendants, dSeparation, placesOf } from "../graph/index.ts";
import { subsets } from "../structure/pc.ts";

/** The graph without the arrows out of a node. */
function withoutArrowsFrom(dag: Dag, node: number): Dag {
  return dagFrom(
    dag.names.map((name, i) => [name, dag.parents[i]!.filter((p) => p !== node).map((p) => dag.names[p]!)] as const),
  );
}

/**
 * Whether a set satisfies the back-door criterion for the effect of `cause` on `effect` (Pearl 1993): none of it is a
 * descendant of the cause, and it d-separates cause and effect once the arrows out of the cause are gone.
 */
export function isBackDoorSet(dag: Dag, cause: string, effect: string, set: readonly string[]): boolean {
  const [from] = placesOf(dag, [cause, effect]);
  if (cause === effect) throw new UsageError(`An effect of "${cause}" on itself needs no adjustment; name another.`);
  if (set.includes(cause) || set.includes(effect)) return false;
  const below = descendants(dag, [from!]);
  if (placesOf(dag, set).some((place) => below.has(place))) return false;
  return dSeparation(withoutArrowsFrom(dag, from!), [cause], [effect], set).separated;
}

/** Which sets to look among. */
export interface BackDoorOptions {
  /** Variables that can be observed; all others when left out. */
  readonly among?: readonly string[];
  /** The largest set (5). */
  readonly maxSize?: number;
}

/** What may stand in a back-door set, by name. */
function candidatesOf(dag: Dag, cause: string, effect: string, among: readonly string[] = dag.names): string[] {
  const [from] = placesOf(dag, [cause, effect]);
  const below = descendants(dag, [from!]);
  return placesOf(dag, among)
    .filter((place) => !below.has(place) && dag.names[place] !== effect)
    .map((place) => dag.names[place]!);
}

/** The most sets that are looked at. */
const MOST = 2_000_000;

function* upToSize(items: readonly string[], most: number): Generator<string[]> {
  let looked = 0;
  for (let size = 0; size <= Math.min(most, items.length); size++)
    for (const set of subsets(items, size)) {
      if (++looked > MOST)
        throw new UsageError(
          `More than ${MOST} sets of ${items.length} variables would have to be looked at: name fewer, or a smaller largest set.`,
        );
      yield set;
    }
}

/** Every set of at most `maxSize` variables that satisfies the back-door criterion, smaller ones first. */
export function backDoorSets(dag: Dag, cause: string, effect: string, options: BackDoorOptions = {}): string[][] {
  const candidates = candidatesOf(dag, cause, effect, options.among);
  const graph = withoutArrowsFrom(dag, placesOf(dag, [cause])[0]!);
  const valid = (set: string[]) => dSeparation(graph, [cause], [effect], set).separated;
  return [...upToSize(candidates, options.maxSize ?? 5)].filter(valid);
}

/**
 * The back-door sets of which no part is one, smaller ones first. They all consist of ancestors of the cause or the
 * effect (Tian, Paz & Pearl 1998), so only those are looked at.
 */
export function minimalBackDoorSets(
  dag: Dag,
  cause: string,
  effect: string,
  options: BackDoorOptions = {},
): string[][] {
  const above = ancestors(dag, placesOf(dag, [cause, effect]));
  const candidates = candidatesOf(dag, cause, effect, options.among).filter((name) =>
    above.has(dag.names.indexOf(name)),
  );
  const graph = withoutArrowsFrom(dag, placesOf(dag, [cause])[0]!);
  const found: string[][] = [];
  for (const set of upToSize(candidates, options.maxSize ?? 5)) {
    if (found.some((smaller) => smaller.every((name) => set.includes(name)))) continue;
    if (dSeparation(graph, [cause], [effect], set).separated) found.push(set);
  }
  return found;
}
