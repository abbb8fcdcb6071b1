import type { Workload } from "../harness.ts";
import { adamWorkloads } from "./adam.ts";
import { empty } from "./empty.ts";

/** Every workload, in the order they run. */
export function allWorkloads(): Workload[] {
  return [...adamWorkloads, empty];
}
