import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { junctionTree, marginals, type Network, posterior, readBif } from "../../src/bayes/index.ts";
import type { Workload } from "../harness.ts";

/** The network of these workloads, below the folder that SAMPO_DATA names; without it they are left out. */
const file = path.join(process.env.SAMPO_DATA ?? "", "bayesnets", "alarm.bif");

/** What was observed in every question: three readings of a patient. */
const evidence = { HRBP: "HIGH", CVP: "LOW", BP: "LOW" };

const workload = (name: string, step: (network: Network) => () => unknown): Workload => ({
  name: `bayes/${name}`,
  prepare: async () => ({ step: step(readBif(readFileSync(file, "utf8"))) }),
});

/** Exact inference in alarm (37 variables): a query by elimination, and all marginals by a junction tree. */
export const bayesWorkloads: Workload[] = existsSync(file)
  ? [
      workload("alarm-query", (network) => {
        let next = 0;
        const names = network.nodes.map(({ variable }) => variable.name);
        return () => posterior(network, [names[next++ % names.length]!], evidence);
      }),
      workload("alarm-marginals", (network) => {
        const names = network.nodes.map(({ variable }) => variable.name);
        return () => marginals(network, names, evidence);
      }),
      workload("alarm-marginals-again", (network) => {
        const tree = junctionTree(network);
        return () => tree.calibrate(evidence).marginals();
      }),
    ]
  : [];
