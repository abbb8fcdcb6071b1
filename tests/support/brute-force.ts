import type { Network } from "../../src/bayes/network.ts";

/** What enumeration finds under evidence: p(evidence), p(variable, evidence) by state, and the most probable states. */
export interface Enumerated {
  readonly total: number;
  readonly joint: ReadonlyMap<string, Float64Array>;
  readonly best: { readonly probability: number; readonly states: ReadonlyMap<string, string> };
}

/** Enumerates every complete assignment that agrees with evidence, calling `visit` for each that is possible. */
export function enumerate(
  network: Network,
  evidence: Readonly<Record<string, string>>,
  visit: (stateOf: (name: string) => number, probability: number) => void,
): void {
  const sorted: Network["nodes"][number][] = [];
  while (sorted.length < network.nodes.length)
    for (const node of network.nodes)
      if (!sorted.includes(node) && node.parents.every((name) => sorted.some(({ variable: v }) => v.name === name)))
        sorted.push(node);
  const places = new Map(sorted.map(({ variable }, i) => [variable.name, i]));
  const states = new Int32Array(sorted.length);
  const steps = sorted.map(({ variable, parents, table }) => ({
    table,
    width: variable.states.length,
    seen: Object.hasOwn(evidence, variable.name) ? variable.states.indexOf(evidence[variable.name]!) : -1,
    parents: parents.map((name) => [places.get(name)!, sorted[places.get(name)!]!.variable.states.length] as const),
  }));
  const stateOf = (name: string) => states[places.get(name)!]!;
  const descend = (at: number, probability: number): void => {
    if (probability === 0) return;
    if (at === steps.length) {
      visit(stateOf, probability);
      return;
    }
    const { table, width, seen, parents } = steps[at]!;
    let row = 0;
    for (const [place, count] of parents) row = row * count + states[place]!;
    for (let k = seen < 0 ? 0 : seen; k < (seen < 0 ? width : seen + 1); k++) {
      states[at] = k;
      descend(at + 1, probability * table[row * width + k]!);
    }
  };
  descend(0, 1);
}

/** Sums over all assignments: slow, and plain enough to be believed. */
export function bruteForce(network: Network, evidence: Readonly<Record<string, string>> = {}): Enumerated {
  const names = network.nodes.map(({ variable }) => variable.name);
  const sums = network.nodes.map(({ variable }) => new Float64Array(variable.states.length));
  let total = 0;
  let best = { probability: 0, at: names.map(() => 0) };
  enumerate(network, evidence, (stateOf, probability) => {
    total += probability;
    for (let i = 0; i < names.length; i++) sums[i]![stateOf(names[i]!)]! += probability;
    if (probability > best.probability) best = { probability, at: names.map(stateOf) };
  });
  const states = new Map(network.nodes.map(({ variable }, i) => [variable.name, variable.states[best.at[i]!]!]));
  return {
    total,
    joint: new Map(names.map((name, i) => [name, sums[i]!])),
    best: { probability: best.probability, states },
  };
}
