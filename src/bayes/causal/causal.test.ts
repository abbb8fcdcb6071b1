import { describe, expect, it } from "vitest";
import { enumerate } from "../../../tests/support/brute-force.ts";
import { needsNetworks, networkNamed } from "../../../tests/support/networks.ts";
import { uniforms64 } from "../../probability/tables/index.ts";
import { fold, key } from "../../random/index.ts";
import { marginals } from "../exact/index.ts";
import { type Dag, dagFrom, dagOf, descendants } from "../graph/index.ts";
import type { Network } from "../network.ts";
import { forwardSample } from "../sampling/index.ts";
import { subsets } from "../structure/pc.ts";
import { backDoorSets, isBackDoorSet, minimalBackDoorSets } from "./back-door.ts";
import { adjustedEffect, adjustedEffectFromData, averageCausalEffect } from "./effect.ts";
import { causalMarginals, intervene } from "./intervention.ts";

const sprinkler = networkNamed("sprinkler");

/** p(target | do(cause = state)) by the truncated factorisation: all assignments, without the factor of the cause. */
function truncated(network: Network, cause: string, state: string, target: string): Float64Array {
  const node = network.nodes.find(({ variable }) => variable.name === cause)!;
  const flat = { ...node, table: node.table.map(() => 1) };
  const nodes = network.nodes.map((each) => (each === node ? flat : each));
  const { states } = network.nodes.find(({ variable }) => variable.name === target)!.variable;
  const sums = new Float64Array(states.length);
  enumerate({ ...network, nodes }, { [cause]: state }, (stateOf, p) => {
    sums[stateOf(target)]! += p;
  });
  return sums;
}

/** Every simple path between two nodes that enters the first by an arrow is blocked by the set; and nothing in it is below the cause. */
function backDoorByPaths(dag: Dag, cause: number, effect: number, set: readonly number[]): boolean {
  const below = descendants(dag, [cause]);
  if (set.some((z) => below.has(z))) return false;
  const open = (path: number[]) =>
    path.slice(1, -1).every((node, i) => {
      const [before, after] = [path[i]!, path[i + 2]!];
      const collider = dag.parents[node]!.includes(before) && dag.parents[node]!.includes(after);
      return collider ? set.some((z) => descendants(dag, [node]).has(z)) : !set.includes(node);
    });
  const walk = (path: number[]): boolean => {
    const last = path.at(-1)!;
    if (last === effect) return dag.parents[cause]!.includes(path[1]!) && open(path);
    return [...dag.parents[last]!, ...dag.children[last]!].some(
      (next) => !path.includes(next) && walk([...path, next]),
    );
  };
  return !walk([cause]);
}

function randomDag(n: number, seed: number): Dag {
  const u = uniforms64(fold(key(seed), "dag"), n * n);
  const parents = (i: number) => Array.from({ length: i }, (_, j) => j).filter((j) => u[i * n + j]! < 0.4);
  return dagFrom(Array.from({ length: n }, (_, i) => [`v${i}`, parents(i).map((p) => `v${p}`)] as const));
}

describe("interventions", () => {
  it("give the truncated factorisation for every cause, state and target", () => {
    for (const { variable: cause } of sprinkler.nodes)
      for (const { variable: target } of sprinkler.nodes) {
        if (target === cause) continue;
        for (const state of cause.states) {
          const found = causalMarginals(sprinkler, [target.name], { [cause.name]: state }).get(target.name)!;
          truncated(sprinkler, cause.name, state, target.name).forEach((p, k) => {
            expect(found[k]).toBeCloseTo(p, 12);
          });
        }
      }
  });

  it("differ from observing: what stands above a cause does not change", () => {
    const done = causalMarginals(sprinkler, ["Season"], { Rain: "yes" }).get("Season")!;
    expect([...done]).toEqual([...marginals(sprinkler, ["Season"]).get("Season")!]);
    expect(marginals(sprinkler, ["Season"], { Rain: "yes" }).get("Season")![1]).toBeGreaterThan(0.5);
    expect(() => intervene(sprinkler, { Rain: "often" })).toThrow('Unknown state of Rain "often"');
    expect(() => intervene(sprinkler, { Ran: "yes" })).toThrow('Unknown variable "Ran"; did you mean "Rain"?');
  });
});

describe("back-door sets", () => {
  it("are those of the definition by paths, and the minimal ones those without a smaller one", () => {
    for (let seed = 0; seed < 12; seed++) {
      const dag = randomDag(6, seed);
      const [cause, effect] = [1, 5];
      const others = [0, 2, 3, 4];
      const valid = others.flatMap((_, size) => [...subsets(others, size)]).concat([others]);
      const byPaths = valid
        .filter((set) => backDoorByPaths(dag, cause, effect, set))
        .map((set) => set.map((i) => `v${i}`));
      expect(backDoorSets(dag, "v1", "v5")).toEqual(byPaths);
      const minimal = byPaths.filter(
        (set) => !byPaths.some((less) => less.length < set.length && less.every((z) => set.includes(z))),
      );
      expect(minimalBackDoorSets(dag, "v1", "v5")).toEqual(minimal);
    }
  });

  it("keep to what can be observed, and say what is wrong", () => {
    const dag = dagOf(sprinkler);
    expect(minimalBackDoorSets(dag, "Rain", "Grass")).toEqual([["Season"], ["Sprinkler"]]);
    expect(minimalBackDoorSets(dag, "Rain", "Grass", { among: ["Sprinkler", "Slippery"] })).toEqual([["Sprinkler"]]);
    expect(isBackDoorSet(dag, "Rain", "Grass", [])).toBe(false);
    expect(() => isBackDoorSet(dag, "Rain", "Gras", [])).toThrow('Unknown variable "Gras"; did you mean "Grass"?');
    expect(() => isBackDoorSet(dag, "Rain", "Rain", [])).toThrow("on itself");
  });
});

describe("effects", () => {
  it("by adjustment for every back-door set equal those of the intervention", () => {
    for (const set of backDoorSets(dagOf(sprinkler), "Rain", "Grass")) {
      const effect = adjustedEffect(sprinkler, "Rain", "Grass", set);
      for (const [x, state] of ["yes", "no"].entries())
        truncated(sprinkler, "Rain", state, "Grass").forEach((p, k) => {
          expect(effect.distributions[x]![k]).toBeCloseTo(p, 12);
        });
    }
    expect(() => adjustedEffect(sprinkler, "Rain", "Grass", [])).toThrow("does not satisfy the back-door criterion");
  });

  it("from 40,000 rows are near, where plain comparison is not", () => {
    const rows = forwardSample(sprinkler, key(1), 40_000);
    const exact = averageCausalEffect(adjustedEffect(sprinkler, "Rain", "Grass", ["Season"]), "wet", "yes", "no");
    const fromData = (set: string[]) =>
      averageCausalEffect(adjustedEffectFromData(rows, "Rain", "Grass", set), "wet", "yes", "no");
    expect(Math.abs(fromData(["Season"]) - exact)).toBeLessThan(0.015);
    expect(Math.abs(fromData([]) - exact)).toBeGreaterThan(0.05);
  });

  it("that do not follow from data are refused", () => {
    const rows = forwardSample(sprinkler, key(2), 5000);
    const effect = adjustedEffectFromData(rows, "Sprinkler", "Grass", ["Season"]);
    expect(() => averageCausalEffect(effect, "wet", "on", "off")).toThrow("never go with Sprinkler=on or off");
    const smoothed = adjustedEffectFromData(rows, "Sprinkler", "Grass", ["Season"], 0.5);
    expect(averageCausalEffect(smoothed, "wet", "on", "off")).toBeGreaterThan(0.2);
  });

  it.skipIf(needsNetworks !== "")(`of smoking in asia${needsNetworks}`, () => {
    const asia = networkNamed("asia");
    const set = minimalBackDoorSets(dagOf(asia), "bronc", "dysp")[0]!;
    expect(set).toEqual(["smoke"]);
    const effect = adjustedEffect(asia, "bronc", "dysp", set);
    const done = (state: string) => causalMarginals(asia, ["dysp"], { bronc: state }).get("dysp")![0]!;
    expect(averageCausalEffect(effect, "yes", "yes", "no")).toBeCloseTo(done("yes") - done("no"), 12);
  });
});
