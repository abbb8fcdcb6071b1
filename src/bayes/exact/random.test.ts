import { describe, expect, it } from "vitest";
import { bruteForce, enumerate } from "../../../tests/support/brute-force.ts";
import { randomEvidence } from "../../../tests/support/networks.ts";
import { fold, type Key, key, uniform } from "../../random/index.ts";
import type { Network } from "../network.ts";
import { junctionTree, marginalMap, marginals, mpe, posterior } from "./index.ts";

/** A network of variables of one to four states, sparse enough to fall apart now and then, with zeros in its tables. */
function randomNetwork(k: Key, size: number): Network {
  const draw = uniform(fold(k, "graph"), [size, size + 1]).data;
  const states = (i: number) => 1 + Math.floor(4 * draw[i * (size + 1) + size]!);
  const nodes = Array.from({ length: size }, (_, i) => {
    const parents = Array.from({ length: i }, (_, j) => j).filter((j) => draw[i * (size + 1) + j]! < 0.35);
    const rows = parents.reduce((product, j) => product * states(j), 1);
    const values = uniform(fold(k, i), [rows * states(i)]).data;
    const table = Float64Array.from(values, (v, at) => (v < 0.25 && at % states(i) > 0 ? 0 : v + 0.01));
    for (let row = 0; row < table.length; row += states(i)) {
      const sum = table.subarray(row, row + states(i)).reduce((a, b) => a + b, 0);
      for (let s = row; s < row + states(i); s++) table[s]! /= sum;
    }
    return {
      variable: { name: `n${i}`, states: Array.from({ length: states(i) }, (_, s) => `s${s}`) },
      parents: parents.map((j) => `n${j}`),
      table,
    };
  });
  return { name: "random", nodes: nodes.reverse() };
}

const networks = Array.from({ length: 60 }, (_, i) => {
  const network = randomNetwork(fold(key(12), i), 7);
  return { network, evidence: randomEvidence(network, fold(key(13), i)) };
});

describe("random networks, disconnected ones and certain tables among them", () => {
  it("junction trees have their property: the cliques of each variable are connected, each table lies in one", () => {
    let roots = 0;
    for (const { network } of networks) {
      const { cliques } = junctionTree(network);
      roots += cliques.filter(({ parent }) => parent < 0).length;
      for (let node = 0; node < network.nodes.length; node++) {
        const holding = cliques.filter(({ members }) => members.includes(node));
        const tops = holding.filter(({ separator }) => !separator.includes(node));
        expect([holding.length > 0, tops.length]).toEqual([true, 1]);
      }
      cliques.forEach(({ members, parent, separator }, i) => {
        if (parent < 0) return;
        expect(parent).toBeGreaterThan(i);
        for (const node of separator)
          expect(members.includes(node) && cliques[parent]!.members.includes(node)).toBe(true);
        expect(members.every((node) => cliques[parent]!.members.includes(node))).toBe(false);
      });
      expect(cliques.flatMap(({ tables }) => tables)).toHaveLength(network.nodes.length);
    }
    expect(roots).toBeGreaterThan(networks.length);
  });

  it("every marginal, the evidence and the best states are those of enumeration", () => {
    let most = 0;
    for (const { network, evidence } of networks) {
      const { total, joint, best } = bruteForce(network, evidence);
      const calibrated = junctionTree(network).calibrate(evidence);
      const all = marginals(network, [...joint.keys()], evidence);
      most = Math.max(most, Math.abs(calibrated.logProbability - Math.log(total)));
      most = Math.max(most, Math.abs(mpe(network, evidence).logJoint - Math.log(best.probability)));
      for (const [name, values] of joint)
        values.forEach((value, k) => {
          most = Math.max(most, Math.abs(calibrated.marginal(name)[k]! - value / total));
          most = Math.max(most, Math.abs(all.get(name)![k]! - value / total));
        });
    }
    expect(most).toBeLessThan(1e-12);
  });

  it("joint posteriors and most probable states of some variables are those of enumeration", () => {
    let most = 0;
    for (const { network, evidence } of networks) {
      const targets = ["n5", "n1", "n3"];
      const sizes = targets.map((name) => network.nodes.find(({ variable: v }) => v.name === name)!.variable.states);
      const expected = new Float64Array(sizes.reduce((product, { length }) => product * length, 1));
      let total = 0;
      enumerate(network, evidence, (stateOf, p) => {
        expected[targets.reduce((at, name, i) => at * sizes[i]!.length + stateOf(name), 0)]! += p;
        total += p;
      });
      const found = posterior(network, targets, evidence);
      expected.forEach((p, i) => {
        most = Math.max(most, Math.abs(found.values[i]! - p / total));
      });
      const map = marginalMap(network, targets, evidence);
      most = Math.max(most, Math.abs(map.logJoint - Math.log(Math.max(...expected))));
      const at = targets.reduce((sum, name, i) => sum * sizes[i]!.length + sizes[i]!.indexOf(map.states[name]!), 0);
      most = Math.max(most, Math.abs(Math.log(expected[at]!) - map.logJoint));
    }
    expect(most).toBeLessThan(1e-12);
  });
});
