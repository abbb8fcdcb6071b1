import { UsageError } from "../../base/errors.ts";
import { type Evidence, type Factor, impossible, logMax } from "../../probability/tables/index.ts";
import type { Network } from "../network.ts";
import { compile, type InferenceOptions, placesIn } from "./compiled.ts";
import { distribution, eliminate, logProbability, multiplyAll, planElimination, summing } from "./elimination.ts";

/** The most probable states of some variables, and how probable they are. */
export interface Explanation {
  readonly states: Readonly<Record<string, string>>;
  /** log p(states, evidence) in nats. */
  readonly logJoint: number;
  /** log p(states | evidence) in nats. */
  readonly logPosterior: number;
}

/**
 * The most probable explanation: the states of all variables together with the largest p(states | evidence), by
 * max-product elimination in log space. Of equally probable ones it gives one.
 */
export function mpe(network: Network, evidence: Evidence = {}, options: InferenceOptions = {}): Explanation {
  const plan = planElimination(network, evidence, options, { relevantTo: "all", stages: (free) => [free] });
  const names = plan.elimination.order.map((i) => plan.compiled.variables[i]!.name);
  const found = maximiseOut(plan.tables.map(logMax.lift), names);
  return explained(
    network,
    network.nodes.map(({ variable }) => variable.name),
    found,
    evidence,
    options,
  );
}

/**
 * The most probable states of the targets together, the others summed out (maximum a posteriori, also called marginal
 * MAP): max over targets of Σ over the rest. The targets leave last, so tables may be larger than those of mpe.
 */
export function marginalMap(
  network: Network,
  targets: readonly string[],
  evidence: Evidence = {},
  options: InferenceOptions = {},
): Explanation {
  if (targets.length === 0) throw new UsageError("Name the variables whose most probable states you want.");
  const asked = new Set(placesIn(compile(network), targets));
  const stages = (free: number[]) => [free.filter((i) => !asked.has(i)), free.filter((i) => asked.has(i))];
  const plan = planElimination(network, evidence, options, { relevantTo: targets, stages });
  const nameOf = (i: number) => plan.compiled.variables[i]!.name;
  const { order } = plan.elimination;
  const [rest, last] = [order.filter((i) => !asked.has(i)).map(nameOf), order.filter((i) => asked.has(i)).map(nameOf)];
  const summed = summing((algebra) => {
    const left = eliminate(plan.tables.map(algebra.lift), rest, algebra);
    return algebra.one === 0 ? left : left.map(asLogs);
  });
  return explained(network, targets, maximiseOut(summed, last), evidence, options);
}

/** A factor of linear numbers as one of logarithms. */
function asLogs({ variables, values, logScale }: Factor): Factor {
  return { variables, values: values.map((value) => Math.log(value) + logScale), logScale: 0 };
}

/** Maximises variables out of a product of factors of logarithms, then finds the states that reach the maximum. */
function maximiseOut(factors: readonly Factor[], names: readonly string[]) {
  const products: { readonly name: string; readonly product: Factor }[] = [];
  const left = eliminate(factors, names, logMax, (product, name) => products.push({ name, product }));
  const { logTotal } = distribution(multiplyAll(left, logMax), logMax);
  const states = new Map<string, string>();
  for (const { name, product } of products.reverse()) states.set(name, bestState(product, name, states));
  return { states, logJoint: logTotal };
}

/** The state of a variable at which a factor is largest, its other variables having the states found before. */
function bestState({ variables, values }: Factor, name: string, states: ReadonlyMap<string, string>): string {
  let [start, stride, step, of] = [0, 1, 1, variables[0]!];
  for (const variable of [...variables].reverse()) {
    if (variable.name === name) [step, of] = [stride, variable];
    else start += stride * variable.states.indexOf(states.get(variable.name)!);
    stride *= variable.states.length;
  }
  let best = 0;
  for (let k = 1; k < of.states.length; k++) if (values[start + k * step]! > values[start + best * step]!) best = k;
  return of.states[best]!;
}

function explained(
  network: Network,
  names: readonly string[],
  found: { readonly states: ReadonlyMap<string, string>; readonly logJoint: number },
  evidence: Evidence,
  options: InferenceOptions,
): Explanation {
  if (found.logJoint === Number.NEGATIVE_INFINITY) throw impossible(evidence);
  const stateOf = (name: string) => (Object.hasOwn(evidence, name) ? evidence[name]! : found.states.get(name)!);
  const states = Object.fromEntries(names.map((name) => [name, stateOf(name)]));
  return {
    states,
    logJoint: found.logJoint,
    logPosterior: found.logJoint - logProbability(network, evidence, options),
  };
}
