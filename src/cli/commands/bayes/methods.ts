import {
  gibbs,
  type InferenceOptions,
  likelihoodWeighting,
  marginals,
  type Network,
  type SampledAnswer,
} from "../../../bayes/index.ts";
import type { Evidence } from "../../../probability/tables/index.ts";
import type { Key } from "../../../random/index.ts";

/** What `sampo bayes query` asks of a method. */
export interface Question {
  readonly network: Network;
  readonly targets: readonly string[];
  readonly evidence: Evidence;
  readonly options: InferenceOptions;
  /** How samplers go. */
  readonly sampling: { readonly samples: number; readonly burnIn: number; readonly thin: number; readonly key: Key };
}

/** p(target | evidence) by state, for each target; with what a sampler says of its errors. */
export interface Answer {
  readonly marginals: ReadonlyMap<string, Float64Array>;
  readonly sampled?: SampledAnswer;
}

const estimated = (sampled: SampledAnswer): Answer => ({
  marginals: new Map([...sampled.marginals].map(([name, { probabilities }]) => [name, probabilities])),
  sampled,
});

/** The methods of `sampo bayes query --method`; a new one is a line here. */
export const methods: Readonly<Record<string, (question: Question) => Answer>> = {
  exact: ({ network, targets, evidence, options }) => ({ marginals: marginals(network, targets, evidence, options) }),
  weighting: ({ network, targets, evidence, sampling }) =>
    estimated(likelihoodWeighting(network, targets, evidence, sampling)),
  gibbs: ({ network, targets, evidence, sampling }) => estimated(gibbs(network, targets, evidence, sampling)),
};
