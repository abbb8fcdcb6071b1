import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { bruteForce } from "../../../tests/support/brute-force.ts";
import { frontier } from "../../../tests/support/frontier.ts";
import { needsNetworks, networkNamed, randomEvidence } from "../../../tests/support/networks.ts";
import { fold, key } from "../../random/index.ts";
import { junctionTree, logProbability, marginals, posterior } from "./index.ts";

describe("alarm", () => {
  it("is checked by a method that agrees with enumeration where that can be had", () => {
    const network = networkNamed("sprinkler");
    const { total, joint } = bruteForce(network, { Grass: "wet" });
    const found = frontier(network)({ Grass: "wet" });
    for (const [name, values] of joint)
      values.forEach((value, k) => {
        expect(found.get(name)![k]! / total).toBeCloseTo(value / total, 12);
      });
  });

  it.skipIf(needsNetworks !== "")(
    `elimination, junction tree and the frontier algorithm agree on all 37 posteriors under 200 evidence sets${needsNetworks}`,
    () => {
      const network = networkNamed("alarm");
      const tree = junctionTree(network);
      const independent = frontier(network);
      let [most, compared] = [0, 0];
      for (let i = 0; i < 200; i++) {
        const evidence = randomEvidence(network, fold(key(2), i), 20);
        const expected = independent(evidence);
        const calibrated = tree.calibrate(evidence);
        const marginals = calibrated.marginals();
        for (const [name, joint] of expected) {
          const total = joint.reduce((sum, value) => sum + value, 0);
          if (compared % 37 === 0) most = Math.max(most, Math.abs(calibrated.logProbability - Math.log(total)));
          if (compared % 37 === 0) most = Math.max(most, Math.abs(logProbability(network, evidence) - Math.log(total)));
          // Elimination answers one in five of the questions, each variable under 40 evidence sets.
          const eliminated = (compared + i) % 5 === 0 ? posterior(network, [name], evidence).values : undefined;
          joint.forEach((value, k) => {
            most = Math.max(most, Math.abs(marginals.get(name)![k]! - value / total));
            if (eliminated) most = Math.max(most, Math.abs(eliminated[k]! - value / total));
          });
          compared++;
        }
      }
      expect(compared).toBe(200 * 37);
      expect(most).toBeLessThan(1e-9);
    },
    240_000,
  );

  it.skipIf(needsNetworks !== "")(`agrees with pgmpy's variable elimination${needsNetworks}`, () => {
    const network = networkNamed("alarm");
    const golden = JSON.parse(readFileSync(new URL("../../../tests/golden/alarm.json", import.meta.url), "utf8")) as {
      cases: { evidence: Record<string, string>; posteriors: Record<string, Record<string, number>> }[];
    };
    let [most, compared] = [0, 0];
    for (const { evidence, posteriors } of golden.cases) {
      const found = marginals(network, Object.keys(posteriors), evidence);
      for (const [name, expected] of Object.entries(posteriors)) {
        const { states } = network.nodes.find(({ variable }) => variable.name === name)!.variable;
        states.forEach((state, k) => {
          most = Math.max(most, Math.abs(found.get(name)![k]! - expected[state]!));
          compared++;
        });
      }
    }
    expect(compared).toBeGreaterThan(300);
    expect(most).toBeLessThan(1e-9);
  });
});
