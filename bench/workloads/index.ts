import type { Workload } from "../harness.ts";
import { adamWorkloads } from "./adam.ts";
import { convWorkloads } from "./conv.ts";
import { empty } from "./empty.ts";
import { vaeWorkloads } from "./vae.ts";

/** Every workload, in the order they run. */
export function allWorkloads(): Workload[] {
  return [...vaeWorkloads, ...convWorkloads, ...adamWorkloads, empty];
}
