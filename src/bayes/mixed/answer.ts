import { logSumExp } from "../../base/log-sum-exp.ts";
import { reordered } from "../../probability/tables/index.ts";
import { variablesOf } from "../network.ts";
import type { MixedAnswer, Part } from "./inference.ts";
import type { CheckedMixed } from "./mixed.ts";

/** The posteriors that parts make together. */
export function answerOf(checked: CheckedMixed, parts: readonly Part[]): MixedAnswer {
  const { network } = checked;
  const total = logSumExp(parts.map(({ log }) => log));
  const shares = parts.map(({ log }) => Math.exp(log - total));
  const all = parts.map(({ calibrated }) => calibrated.marginals());
  const discrete = new Map(
    variablesOf(network.discrete).map(({ name, states }) => [
      name,
      Float64Array.from(states, (_, k) => all.reduce((sum, each, i) => sum + shares[i]! * each.get(name)![k]!, 0)),
    ]),
  );
  const n = network.gaussian.length;
  const real = new Map(
    network.gaussian.map(({ name }, i) => {
      const mean = parts.reduce((sum, { moments }, k) => sum + shares[k]! * moments.mean[i]!, 0);
      const variance = parts.reduce(
        (sum, { moments: m }, k) => sum + shares[k]! * (m.covariance.data[i * n + i]! + (m.mean[i]! - mean) ** 2),
        0,
      );
      return [name, { mean, deviation: Math.sqrt(Math.max(0, variance)) }] as const;
    }),
  );
  const counts = new Map(
    checked.counts.map((each, place) => {
      const seen = parts[0]!.counts.get(place);
      if (seen !== undefined) return [each.node.name, { mean: seen, deviation: 0 }] as const;
      const moments = parts.map((part, k) => countMoments(checked, each, part, shares[k]!));
      const [mean, square] = [0, 1].map((at) => moments.reduce((sum, own) => sum + own[at]!, 0)) as [number, number];
      return [each.node.name, { mean, deviation: Math.sqrt(Math.max(0, square - mean * mean)) }] as const;
    }),
  );
  return { logProbability: total, discrete, real, counts, how: "exact" };
}

/** A share of a count's mean and mean square in a part: those of its laws, each by the probability of its states. */
function countMoments(
  { network }: CheckedMixed,
  { given, laws }: CheckedMixed["counts"][number],
  { states, calibrated }: Part,
  share: number,
): readonly [mean: number, square: number] {
  const variables = variablesOf(network.discrete);
  // In the order of the laws: the last parent varies fastest.
  const above = [...given].reverse().map(({ place, stride }) => ({ variable: variables[place]!, stride }));
  const free = above.filter(({ variable }) => !Object.hasOwn(states, variable.name));
  const fixed = above.reduce((at, { variable, stride }) => {
    const state = states[variable.name];
    return state === undefined ? at : at + variable.states.indexOf(state) * stride;
  }, 0);
  const names = free.map(({ variable }) => variable.name);
  const { values } = names.length > 0 ? reordered(calibrated.joint(names), names) : { values: Float64Array.of(1) };
  let [mean, square] = [0, 0];
  values.forEach((p, cell) => {
    let [rest, at] = [cell, fixed];
    for (const { variable, stride } of [...free].reverse()) {
      at += (rest % variable.states.length) * stride;
      rest = Math.floor(rest / variable.states.length);
    }
    const { mean: own, dispersion } = laws[at]!;
    mean += share * p * own;
    square += share * p * (own + (1 + dispersion) * own * own);
  });
  return [mean, square];
}
