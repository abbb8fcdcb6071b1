import type { Evidence } from "../../probability/tables/index.ts";
import { ancestors } from "../graph/index.ts";
import type { Network } from "../network.ts";
import { checkObserved, compile, type InferenceOptions, placesIn } from "./compiled.ts";
import { posterior } from "./elimination.ts";
import { junctionTree } from "./junction-tree.ts";

/** Up to so many variables are asked one by one, more of a junction tree. */
const FEW = 4;

/**
 * p(target | evidence) of each target by its states: few by elimination, many by a junction tree of the part of the
 * network that bears on them. Throws where the evidence has probability zero.
 */
export function marginals(
  network: Network,
  targets: readonly string[],
  evidence: Evidence = {},
  options: InferenceOptions = {},
): Map<string, Float64Array> {
  const compiled = compile(network);
  const asked = placesIn(compiled, targets);
  if (targets.length <= FEW)
    return new Map(targets.map((name) => [name, posterior(network, [name], evidence, options).values]));
  const { soft = {} } = options;
  const seen = [...checkObserved(compiled, evidence, soft), ...placesIn(compiled, Object.keys(soft))];
  const relevant = ancestors(compiled.dag, [...asked, ...seen]);
  const whole = relevant.size === network.nodes.length;
  const part = whole ? network : { ...network, nodes: network.nodes.filter((_, i) => relevant.has(i)) };
  const calibrated = junctionTree(part, options).calibrate(evidence, soft);
  return new Map(targets.map((name) => [name, calibrated.marginal(name)]));
}
