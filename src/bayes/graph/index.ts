/** Directed graphs of named variables and what they say about independence. */
export {
  ancestors,
  type Dag,
  dagFrom,
  dagOf,
  descendants,
  findCycle,
  markovBlanket,
  moralGraph,
  type NamedParents,
  placesOf,
  topologicalOrder,
} from "./dag.ts";
export { iMapViolations, isIMap, isIMapOf, type LocalIndependence, localIndependencies } from "./i-map.ts";
export { type ActivePath, describePath, dSeparation, type Role, type Separation } from "./separation.ts";
