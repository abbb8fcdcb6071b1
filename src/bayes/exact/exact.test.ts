import { describe, expect, it } from "vitest";
import { bruteForce, enumerate } from "../../../tests/support/brute-force.ts";
import { needsNetworks, networkNamed, randomEvidence } from "../../../tests/support/networks.ts";
import { fold, key } from "../../random/index.ts";
import type { Network } from "../network.ts";
import { junctionTree, logProbability, marginalMap, mpe, posterior } from "./index.ts";

const COUNT = 200;
const small = ["asia", "cancer", "earthquake", "survey", "sachs"];

/** The largest difference between two lists of numbers. */
function distance(a: ArrayLike<number>, b: ArrayLike<number>): number {
  if (a.length !== b.length) throw new Error(`${a.length} numbers beside ${b.length}`);
  return Array.from(a).reduce((most, value, i) => Math.max(most, Math.abs(value - b[i]!)), 0);
}

function compareWithEnumeration(network: Network): void {
  const tree = junctionTree(network);
  let most = 0;
  const near = (found: number, expected: number) => {
    most = Math.max(most, Math.abs(found - expected));
  };
  for (let i = 0; i < COUNT; i++) {
    const evidence = randomEvidence(network, fold(key(1), `${network.name} ${i}`));
    const { total, joint, best } = bruteForce(network, evidence);
    const calibrated = tree.calibrate(evidence);
    near(calibrated.logProbability, Math.log(total));
    near(logProbability(network, evidence), Math.log(total));
    const marginals = calibrated.marginals();
    for (const [name, values] of joint) {
      const expected = values.map((value) => value / total);
      near(distance(marginals.get(name)!, expected), 0);
      near(distance(posterior(network, [name], evidence).values, expected), 0);
    }
    near(mpe(network, evidence).logJoint, Math.log(best.probability));
  }
  expect(most).toBeLessThan(1e-9);
}

describe(`every posterior under ${COUNT} random evidence sets is that of enumeration`, () => {
  it("sprinkler", () => compareWithEnumeration(networkNamed("sprinkler")));
  for (const name of small)
    it.skipIf(needsNetworks !== "")(
      `${name}${needsNetworks}`,
      () => compareWithEnumeration(networkNamed(name)),
      240_000,
    );
});

describe("questions about several variables", () => {
  const network = networkNamed("sprinkler");

  it("gives joint posteriors in the order asked, observed targets included", () => {
    const evidence = { Slippery: "yes", Rain: "no" };
    const names = ["Sprinkler", "Rain", "Season"];
    const expected = new Float64Array(12);
    let total = 0;
    enumerate(network, evidence, (stateOf, p) => {
      expected[(stateOf("Sprinkler") * 2 + stateOf("Rain")) * 3 + stateOf("Season")]! += p;
      total += p;
    });
    const found = posterior(network, names, evidence);
    expect(found.variables.map(({ name }) => name)).toEqual(names);
    expect(
      distance(
        found.values,
        expected.map((p) => p / total),
      ),
    ).toBeLessThan(1e-12);
  });

  it("reads the joint distribution of a family off a calibrated tree", () => {
    const family = ["Rain", "Grass", "Sprinkler"];
    const found = junctionTree(network).calibrate({ Season: "wet" }).joint(family);
    expect(distance(found.values, posterior(network, family, { Season: "wet" }).values)).toBeLessThan(1e-12);
    expect(() => junctionTree(network).calibrate().joint(["Season", "Slippery"])).toThrow(/ask posterior\(\)/);
  });

  it("finds most probable states: of all variables and of some, the others summed out", () => {
    const evidence = { Grass: "wet" };
    const { best, total } = bruteForce(network, evidence);
    const found = mpe(network, evidence);
    expect(new Map(Object.entries(found.states))).toEqual(best.states);
    expect(found.logPosterior).toBeCloseTo(Math.log(best.probability / total), 12);
    const targets = ["Rain", "Season"];
    const { values } = posterior(network, targets, evidence);
    const most = Math.max(...values);
    const at = values.indexOf(most);
    const map = marginalMap(network, targets, evidence);
    expect(map.states).toEqual({ Rain: ["yes", "no"][Math.floor(at / 3)], Season: ["dry", "wet", "cold"][at % 3] });
    expect(map.logPosterior).toBeCloseTo(Math.log(most), 12);
    expect(map.logJoint).toBeCloseTo(Math.log(most * total), 12);
  });

  it("weighs soft evidence by its likelihoods, like a child observed", () => {
    const soft = { Rain: [0.8, 0.3] };
    const child = {
      variable: { name: "Report", states: ["heard", "not"] },
      parents: ["Rain"],
      table: Float64Array.of(0.8, 0.2, 0.3, 0.7),
    };
    const wider = { ...network, nodes: [...network.nodes, child] };
    const expected = posterior(wider, ["Season"], { Report: "heard" });
    expect(distance(posterior(network, ["Season"], {}, { soft }).values, expected.values)).toBeLessThan(1e-12);
    const calibrated = junctionTree(network).calibrate({}, soft);
    expect(distance(calibrated.marginal("Season"), expected.values)).toBeLessThan(1e-12);
    expect(calibrated.logProbability).toBeCloseTo(logProbability(wider, { Report: "heard" }), 12);
    expect(() => posterior(network, ["Season"], {}, { soft: { Rain: [1] } })).toThrow(/2 likelihoods/);
  });
});

describe("evidence about several variables together", () => {
  const network = networkNamed("sprinkler");
  const names = ["Season", "Slippery"];
  const table = Float64Array.of(0.8, 0.2, 0.1, 0.9, 0.3, 0.7, 0, 1, 0.5, 0.5, 0.6, 0.4);
  const child = { variable: { name: "Report", states: ["heard", "not"] }, parents: names, table };
  const likelihood = { names, logs: Float64Array.from([0, 2, 4, 6, 8, 10], (at) => Math.log(table[at]!)) };
  const tree = junctionTree(network, { families: [names] });

  it("weighs like a child observed, whatever else is, however small", () => {
    const wider = { ...network, nodes: [...network.nodes, child] };
    for (const evidence of [{}, { Grass: "wet" }, { Season: "cold" }]) {
      const seen = { ...evidence, Report: "heard" };
      const scaled = { names, logs: likelihood.logs.map((log) => log - 2000) };
      for (const [given, shift] of [
        [likelihood, 0],
        [scaled, -2000],
      ] as const) {
        const calibrated = tree.calibrate(evidence, {}, [given]);
        expect(calibrated.logProbability - shift).toBeCloseTo(logProbability(wider, seen), 10);
        for (const { variable } of network.nodes) {
          const expected = posterior(wider, [variable.name], seen).values;
          expect(distance(calibrated.marginal(variable.name), expected)).toBeLessThan(1e-12);
        }
      }
    }
  });

  it("is refused where no clique holds them, and said to be impossible where it is", () => {
    expect(() => junctionTree(network).calibrate({}, {}, [likelihood])).toThrow(
      "No clique holds Season, Slippery: name them as a family",
    );
    const never = { names, logs: new Float64Array(6).fill(Number.NEGATIVE_INFINITY) };
    expect(() => tree.calibrate({}, {}, [never])).toThrow("probability zero");
    expect(() => tree.calibrate({ Season: "wet", Slippery: "no" }, {}, [likelihood])).toThrow("probability zero");
  });
});

describe("what cannot be answered is said", () => {
  const network = networkNamed("sprinkler");

  it("impossible evidence", () => {
    const evidence = { Slippery: "yes", Sprinkler: "off", Rain: "no" };
    expect(logProbability(network, evidence)).toBe(Number.NEGATIVE_INFINITY);
    const sentence = /evidence Slippery=yes, Sprinkler=off, Rain=no has probability zero/;
    expect(() => posterior(network, ["Season"], evidence)).toThrow(sentence);
    expect(() => junctionTree(network).calibrate(evidence)).toThrow(sentence);
    expect(() => mpe(network, evidence)).toThrow(sentence);
    expect(() => marginalMap(network, ["Season"], evidence)).toThrow(sentence);
  });

  it("unknown variables and states, with a suggestion", () => {
    expect(() => posterior(network, ["Rian"])).toThrow(/Unknown variable "Rian"; did you mean "Rain"/);
    expect(() => posterior(network, ["Rain"], { Grass: "wett" })).toThrow(/state of Grass "wett"; did you mean "wet"/);
    expect(() => posterior(network, ["Rain", "Rain"])).toThrow(/named twice/);
    expect(() => junctionTree(network).calibrate({ Gras: "wet" })).toThrow(/did you mean "Grass"/);
    expect(() => junctionTree(network).calibrate().marginal("Gras")).toThrow(/did you mean "Grass"/);
  });

  it("too much memory, before it is taken", () => {
    const grid = gridNetwork(40);
    const sentence = /needs tables of at least .*iB, more than the 1 GiB allowed: observe more variables/;
    expect(() => junctionTree(grid)).toThrow(sentence);
    expect(() => posterior(grid, ["x39,39"])).toThrow(sentence);
    expect(() => posterior(gridNetwork(5), ["x4,4"], {}, { maxBytes: 128 })).toThrow(/more than the 128 bytes allowed/);
    const column = Object.fromEntries(Array.from({ length: 40 }, (_, i) => [`x${i},3`, "a"]));
    expect(posterior(grid, ["x3,1"], column).values).toHaveLength(2);
  });
});

/** A square grid of binary variables, each depending on its left and upper neighbours: treewidth grows with its side. */
function gridNetwork(side: number): Network {
  const nodes = Array.from({ length: side * side }, (_, i) => {
    const [x, y] = [i % side, Math.floor(i / side)];
    const parents = [...(x > 0 ? [`x${x - 1},${y}`] : []), ...(y > 0 ? [`x${x},${y - 1}`] : [])];
    const rows = Array.from({ length: 2 ** parents.length }, (_, row) => (row + 1) / (2 ** parents.length + 1));
    const table = Float64Array.from(rows.flatMap((p) => [p, 1 - p]));
    return { variable: { name: `x${x},${y}`, states: ["a", "b"] }, parents, table };
  });
  return { name: "grid", nodes };
}

describe("numbers far apart", () => {
  /** One cause and many effects, the first half of which speak for one state and the second for the other. */
  function disagreement(count: number): Network {
    const effects = Array.from({ length: count }, (_, i) => ({
      variable: { name: `e${i}`, states: ["seen", "not"] },
      parents: ["cause"],
      table: Float64Array.from(i < count / 2 ? [0.9, 0.1, 0.001, 0.999] : [0.001, 0.999, 0.9, 0.1]),
    }));
    const cause = { variable: { name: "cause", states: ["a", "b"] }, parents: [], table: Float64Array.of(0.25, 0.75) };
    return { name: "disagreement", nodes: [cause, ...effects] };
  }

  it("cancels likelihood ratios of 10⁻¹⁴⁰⁰ against each other", () => {
    const network = disagreement(1000);
    const evidence = Object.fromEntries(network.nodes.slice(1).map(({ variable }) => [variable.name, "seen"]));
    const exact = 500 * Math.log(0.9 * 0.001);
    expect(distance(posterior(network, ["cause"], evidence).values, [0.25, 0.75])).toBeLessThan(1e-9);
    expect(logProbability(network, evidence) / exact).toBeCloseTo(1, 12);
    const calibrated = junctionTree(network).calibrate(evidence);
    expect(distance(calibrated.marginal("cause"), [0.25, 0.75])).toBeLessThan(1e-9);
    expect(calibrated.logProbability / exact).toBeCloseTo(1, 12);
    expect(mpe(network, evidence).states.cause).toBe("b");
    expect(mpe(network, evidence).logPosterior).toBeCloseTo(Math.log(0.75), 9);
  });

  it("does not call evidence impossible that is only very improbable", () => {
    const network = disagreement(400);
    const last = {
      variable: { name: "last", states: ["seen", "not"] },
      parents: ["cause"],
      table: Float64Array.of(0, 1, 0.5, 0.5),
    };
    const first = network.nodes.slice(1, 201).map(({ variable }) => [variable.name, "seen"] as const);
    const evidence = { ...Object.fromEntries(first), last: "seen" };
    const whole = { ...network, nodes: [...network.nodes, last] };
    const expected = 200 * Math.log(0.001) + Math.log(0.75 * 0.5);
    expect(logProbability(whole, evidence) / expected).toBeCloseTo(1, 12);
    expect(junctionTree(whole).calibrate(evidence).marginal("cause")).toEqual(Float64Array.of(0, 1));
  });
});
