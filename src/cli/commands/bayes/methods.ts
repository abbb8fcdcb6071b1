import { type InferenceOptions, marginals, type Network } from "../../../bayes/index.ts";
import type { Evidence } from "../../../probability/tables/index.ts";

/** What `sampo bayes query` asks of a method. */
export interface Question {
  readonly network: Network;
  readonly targets: readonly string[];
  readonly evidence: Evidence;
  readonly options: InferenceOptions;
}

/** p(target | evidence) by state, for each target. */
export type Answer = ReadonlyMap<string, Float64Array>;

/** The methods of `sampo bayes query --method`; a new one is a line here. */
export const methods: Readonly<Record<string, (question: Question) => Answer>> = {
  exact: ({ network, targets, evidence, options }) => marginals(network, targets, evidence, options),
};
