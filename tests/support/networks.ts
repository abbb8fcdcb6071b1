import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { readBif } from "../../src/bayes/bif/index.ts";
import type { Network } from "../../src/bayes/network.ts";
import { fold, type Key, uniform } from "../../src/random/index.ts";
import { dataFolder } from "./data.ts";

/** A small network with everything the tests need: a collider, a diamond, three states, a certain row. */
export const SPRINKLER = `network sprinkler {
}
variable Season { type discrete [ 3 ] { dry, wet, cold }; }
variable Sprinkler { type discrete [ 2 ] { on, off }; }
variable Rain { type discrete [ 2 ] { yes, no }; }
variable Grass { type discrete [ 2 ] { wet, dry }; }
variable Slippery { type discrete [ 2 ] { yes, no }; }
probability ( Season ) { table 0.5, 0.3, 0.2; }
probability ( Sprinkler | Season ) {
  (dry) 0.7, 0.3;
  (wet) 0.1, 0.9;
  (cold) 0.0, 1.0;
}
probability ( Rain | Season ) {
  (dry) 0.1, 0.9;
  (wet) 0.8, 0.2;
  (cold) 0.5, 0.5;
}
probability ( Grass | Sprinkler, Rain ) {
  (on, yes) 0.99, 0.01;
  (on, no) 0.9, 0.1;
  (off, yes) 0.9, 0.1;
  (off, no) 0.0, 1.0;
}
probability ( Slippery | Grass ) {
  (wet) 0.7, 0.3;
  (dry) 0.0, 1.0;
}
`;

const folder = dataFolder === undefined ? undefined : path.join(dataFolder, "bayesnets");
const present = folder !== undefined && existsSync(folder);

/** What to append to the name of a test that needs the published networks, so that a skip says why. */
export const needsNetworks = present ? "" : " [skipped: SAMPO_DATA names no folder with bayesnets/*.bif]";

/** The text of a published network; only where needsNetworks is empty. */
export function networkText(name: string): string {
  return readFileSync(path.join(folder!, `${name}.bif`), "utf8");
}

/** A published network by name, or the one embedded here. */
export function networkNamed(name: string): Network {
  return readBif(name === "sprinkler" ? SPRINKLER : networkText(name), { source: name });
}

/** A random complete assignment that the network can produce, by its own tables and without the code under test. */
export function randomStates(network: Network, key: Key): Map<string, string> {
  const uniforms = uniform(key, [network.nodes.length]).data;
  const drawn = new Map<string, number>();
  while (drawn.size < network.nodes.length)
    network.nodes.forEach(({ variable, parents, table }, i) => {
      if (drawn.has(variable.name) || !parents.every((name) => drawn.has(name))) return;
      const width = variable.states.length;
      const row = rowOf(network, parents, (name) => drawn.get(name)!);
      let state = 0;
      for (let sum = table[row * width]!; uniforms[i]! >= sum && state < width - 1; )
        sum += table[row * width + ++state]!;
      while (table[row * width + state] === 0) state--;
      drawn.set(variable.name, state);
    });
  return new Map(network.nodes.map(({ variable: v }) => [v.name, v.states[drawn.get(v.name)!]!]));
}

/** The row of a table for its parents' states. */
export function rowOf(network: Network, parents: readonly string[], stateOf: (name: string) => number): number {
  return parents.reduce((row, name) => {
    const { states } = network.nodes.find(({ variable }) => variable.name === name)!.variable;
    return row * states.length + stateOf(name);
  }, 0);
}

/** Evidence about some variables, up to `most`, that the network can produce. */
export function randomEvidence(network: Network, key: Key, most = Math.ceil(network.nodes.length / 2)) {
  const states = [...randomStates(network, fold(key, "states"))];
  const draw = uniform(fold(key, "which"), [states.length + 1]).data;
  const share = (draw[states.length]! * most) / states.length;
  return Object.fromEntries(states.filter((_, i) => draw[i]! < share));
}
