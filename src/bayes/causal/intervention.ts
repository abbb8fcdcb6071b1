import { checkEvidence, type Evidence, stateIndex } from "../../probability/tables/index.ts";
import { type InferenceOptions, marginals } from "../exact/index.ts";
import { type Network, variablesOf } from "../network.ts";

/**
 * The network after interventions do(X = x): what pointed at X is cut, and X has its state for certain (Pearl 1995). The
 * joint distribution is then the truncated factorisation, ∏ over all other nodes of p(node | parents) with X = x.
 */
export function intervene(network: Network, actions: Evidence): Network {
  checkEvidence(variablesOf(network), actions);
  const nodes = network.nodes.map((node) => {
    const { variable } = node;
    if (!Object.hasOwn(actions, variable.name)) return node;
    const state = stateIndex(variable, actions[variable.name]!);
    return { variable, parents: [], table: Float64Array.from(variable.states, (_, k) => Number(k === state)) };
  });
  return { ...network, nodes };
}

/** p(target | do(actions), evidence) by states for each target, exactly: inference after surgery. */
export function causalMarginals(
  network: Network,
  targets: readonly string[],
  actions: Evidence,
  evidence: Evidence = {},
  options: InferenceOptions = {},
): Map<string, Float64Array> {
  return marginals(intervene(network, actions), targets, evidence, options);
}
