import type { Network } from "../../src/bayes/network.ts";

/** One step of the frontier: from place `from` with row `row` of the node's table and state `state` to place `to`. */
interface Step {
  readonly node: number;
  readonly size: number;
  readonly from: Int32Array;
  readonly row: Int32Array;
  readonly state: Int32Array;
  readonly to: Int32Array;
}

/** Nodes in an order in which parents come first and little has to be carried along. */
function greedyOrder(network: Network): number[] {
  const { nodes } = network;
  const places = new Map(nodes.map(({ variable }, i) => [variable.name, i]));
  const parents = nodes.map((node) => node.parents.map((name) => places.get(name)!));
  const order: number[] = [];
  /** The size of the table over the chosen nodes that still have children to come. */
  const carried = (chosen: readonly number[]) =>
    chosen
      .filter((i) => parents.some((list, child) => list.includes(i) && !chosen.includes(child)))
      .reduce((size, i) => size * nodes[i]!.variable.states.length, 1);
  while (order.length < nodes.length) {
    const ready = [...nodes.keys()].filter((i) => !order.includes(i) && parents[i]!.every((p) => order.includes(p)));
    const sizes = ready.map((i) => carried([...order, i]));
    order.push(ready[sizes.indexOf(Math.min(...sizes))]!);
  }
  return order;
}

/**
 * Every marginal under evidence by the frontier algorithm, with which nothing in src is computed: nodes are added one by
 * one in topological order, a table over those that still have children to come is carried along, and a backward pass
 * like that of hidden Markov models gives p(node, evidence).
 */
export function frontier(network: Network): (evidence: Readonly<Record<string, string>>) => Map<string, Float64Array> {
  const order = greedyOrder(network);
  const steps: Step[] = [];
  let live: number[] = [];
  let size = 1;
  for (const [at, node] of order.entries()) {
    const later = order.slice(at + 1).flatMap((i) => network.nodes[i]!.parents);
    const next = [...live, node].filter((i) => later.includes(network.nodes[i]!.variable.name));
    const step = transitions(network, node, live, next, size);
    steps.push(step);
    size = next.reduce((product, i) => product * network.nodes[i]!.variable.states.length, 1);
    live = next;
  }
  return (evidence) => passes(network, steps, evidence);
}

function transitions(
  network: Network,
  node: number,
  live: readonly number[],
  next: readonly number[],
  size: number,
): Step {
  const sizes = network.nodes.map(({ variable }) => variable.states.length);
  const names = network.nodes.map(({ variable }) => variable.name);
  const [from, row, state, to]: number[][] = [[], [], [], []];
  for (let place = 0; place < size; place++) {
    const states = new Map<number, number>();
    let rest = place;
    for (const i of [...live].reverse()) {
      states.set(i, rest % sizes[i]!);
      rest = Math.floor(rest / sizes[i]!);
    }
    const parents = network.nodes[node]!.parents.map((name) => names.indexOf(name));
    for (let k = 0; k < sizes[node]!; k++) {
      states.set(node, k);
      from!.push(place);
      row!.push(parents.reduce((at, i) => at * sizes[i]! + states.get(i)!, 0));
      state!.push(k);
      to!.push(next.reduce((at, i) => at * sizes[i]! + states.get(i)!, 0));
    }
  }
  const [a, b, c, d] = [from!, row!, state!, to!].map((list) => Int32Array.from(list));
  return { node, size, from: a!, row: b!, state: c!, to: d! };
}

function passes(network: Network, steps: readonly Step[], evidence: Readonly<Record<string, string>>) {
  const weights = steps.map(({ node, row, state }) => {
    const { variable, table } = network.nodes[node]!;
    const seen = Object.hasOwn(evidence, variable.name) ? variable.states.indexOf(evidence[variable.name]!) : -1;
    return Float64Array.from(row, (r, i) =>
      seen >= 0 && state[i] !== seen ? 0 : table[r * variable.states.length + state[i]!]!,
    );
  });
  const forward = [Float64Array.of(1)];
  steps.forEach(({ from, to }, i) => {
    const next = new Float64Array(steps[i + 1]?.size ?? 1);
    for (let e = 0; e < from.length; e++) next[to[e]!]! += forward[i]![from[e]!]! * weights[i]![e]!;
    forward.push(next);
  });
  const found = new Map<string, Float64Array>();
  let after = Float64Array.of(1);
  for (let i = steps.length - 1; i >= 0; i--) {
    const { node, size, from, state, to } = steps[i]!;
    const { variable } = network.nodes[node]!;
    const joint = new Float64Array(variable.states.length);
    const before = new Float64Array(size);
    for (let e = 0; e < from.length; e++) {
      const onward = weights[i]![e]! * after[to[e]!]!;
      before[from[e]!]! += onward;
      joint[state[e]!]! += forward[i]![from[e]!]! * onward;
    }
    found.set(variable.name, joint);
    after = before;
  }
  return found;
}
