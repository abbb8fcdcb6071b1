import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { networkNamed } from "../../../tests/support/networks.ts";
import {
  type Conditional,
  independence,
  type JointTable,
  jointOf,
  jointTable,
} from "../../probability/tables/index.ts";
import { fold, type Key, key, uniform } from "../../random/index.ts";
import {
  ancestors,
  type Dag,
  dagFrom,
  dagOf,
  descendants,
  describePath,
  dSeparation,
  findCycle,
  iMapViolations,
  isIMap,
  isIMapOf,
  localIndependencies,
  markovBlanket,
  moralGraph,
  topologicalOrder,
} from "./index.ts";

/** A random graph: node i may have any of the nodes before it as parents, names shuffled by their order. */
function randomDag(k: Key, size: number, density: number): Dag {
  const draw = uniform(k, [size * size]).data;
  const names = Array.from({ length: size }, (_, i) => String.fromCharCode(97 + i));
  const nodes = names.map(
    (name, i) => [name, names.slice(0, i).filter((_, j) => draw[i * size + j]! < density)] as const,
  );
  return dagFrom([...nodes].reverse());
}

/** Binary tables for a graph, with numbers that no accident makes independent. */
function randomTables(dag: Dag, k: Key): Conditional[] {
  return topologicalOrder(dag).map((i) => {
    const rows = 2 ** dag.parents[i]!.length;
    const draw = uniform(fold(k, i), [rows]).data;
    const table = Float64Array.from({ length: 2 * rows }, (_, at) => {
      const p = 0.1 + 0.8 * draw[at >> 1]!;
      return at % 2 === 0 ? p : 1 - p;
    });
    return {
      variable: { name: dag.names[i]!, states: ["0", "1"] },
      parents: dag.parents[i]!.map((p) => dag.names[p]!),
      table,
    };
  });
}

/** Whether a path of the graph without its directions lets dependence through, by the definition. */
function isActive(dag: Dag, path: readonly number[], observed: ReadonlySet<number>): boolean {
  return path.slice(1, -1).every((node, i) => {
    const [before, after] = [path[i]!, path[i + 2]!];
    const collider = dag.parents[node]!.includes(before) && dag.parents[node]!.includes(after);
    return collider ? [...descendants(dag, [node])].some((d) => observed.has(d)) : !observed.has(node);
  });
}

/** Whether any of all simple paths from a to b is active. */
function connected(dag: Dag, a: number, b: number, observed: ReadonlySet<number>): boolean {
  const extend = (path: number[]): boolean => {
    const last = path.at(-1)!;
    if (last === b) return isActive(dag, path, observed);
    const next = [...dag.parents[last]!, ...dag.children[last]!].filter((node) => !path.includes(node));
    return next.some((node) => extend([...path, node]));
  };
  return extend([a]);
}

/** A graph, two of its nodes and some of the others, drawn by a number. */
function question(seed: number, size: number, density: number) {
  const k = fold(key(3), seed);
  const dag = randomDag(fold(k, "dag"), size, density);
  const draw = uniform(fold(k, "sets"), [size + 2]).data;
  const a = Math.floor(draw[0]! * size);
  const b = (a + 1 + Math.floor(draw[1]! * (size - 1))) % size;
  const given = dag.names.filter((_, i) => i !== a && i !== b && draw[i + 2]! < 0.35);
  return { dag, a, b, given, k };
}

describe("d-separation", () => {
  it("is that of all paths, on 400 random graphs, and an active path proves what it says", () => {
    const found = { separated: 0, connected: 0 };
    for (let seed = 0; seed < 400; seed++) {
      const { dag, a, b, given } = question(seed, 7, 0.3);
      const observed = new Set(given.map((name) => dag.names.indexOf(name)));
      const result = dSeparation(dag, [dag.names[a]!], [dag.names[b]!], given);
      expect(result.separated).toBe(!connected(dag, a, b, observed));
      found[result.separated ? "separated" : "connected"]++;
      if (result.separated) continue;
      const path = result.path.nodes.map((name) => dag.names.indexOf(name));
      expect([path[0], path.at(-1)]).toEqual([a, b]);
      expect(new Set(path).size).toBe(path.length);
      expect(isActive(dag, path, observed)).toBe(true);
      result.path.forward.forEach((forward, i) => {
        const [from, to] = forward ? [path[i]!, path[i + 1]!] : [path[i + 1]!, path[i]!];
        expect(dag.parents[to]).toContain(from);
      });
      for (const { node, role, openedBy } of result.path.inner) {
        expect(openedBy === undefined).toBe(role !== "collider");
        if (openedBy === undefined) continue;
        expect(given).toContain(openedBy);
        expect(descendants(dag, [dag.names.indexOf(node)])).toContain(dag.names.indexOf(openedBy));
      }
    }
    expect(Math.min(found.separated, found.connected)).toBeGreaterThan(80);
  });

  it("is exact conditional independence of the joint table, for tables without accidents", () => {
    for (let seed = 0; seed < 60; seed++) {
      const { dag, a, b, given, k } = question(1000 + seed, 6, 0.4);
      const joint = jointOf(randomTables(dag, k));
      const [x, y] = [[dag.names[a]!], [dag.names[b]!]];
      const { independent, information } = independence(joint, x, y, given, 1e-14);
      const { separated } = dSeparation(dag, x, y, given);
      expect({ seed, independent }).toEqual({ seed, independent: separated });
      if (separated) expect(information).toBeLessThan(1e-14);
    }
  });

  it("separates sets, and explains in words", () => {
    const dag = dagOf(networkNamed("sprinkler"));
    expect(dSeparation(dag, ["Season"], ["Slippery", "Grass"], ["Rain", "Sprinkler"])).toEqual({ separated: true });
    const open = dSeparation(dag, ["Sprinkler"], ["Rain"], ["Season", "Slippery"]);
    if (open.separated) throw new Error("explaining away connects causes");
    expect(describePath(open.path)).toBe(
      "Sprinkler → Grass ← Rain: the collider Grass is open because Slippery below it is observed",
    );
    const fork = dSeparation(dag, ["Sprinkler"], ["Rain"]);
    expect(fork).toMatchObject({ path: { inner: [{ node: "Season", role: "fork" }], forward: [false, true] } });
    const seen = dSeparation(dag, ["Sprinkler"], ["Rain"], ["Season", "Grass"]);
    expect(!seen.separated && describePath(seen.path)).toMatch(/: the collider Grass is observed$/);
    expect(() => dSeparation(dag, ["Rain"], ["Rain"])).toThrow(/named twice/);
    expect(() => dSeparation(dag, ["Rain"], ["Gras"])).toThrow(/did you mean "Grass"/);
  });
});

describe("graphs", () => {
  const dag = dagOf(networkNamed("sprinkler"));
  const named = (places: Iterable<number>) => [...places].map((i) => dag.names[i]!).sort();

  it("knows ancestors, descendants, blankets and the moral graph", () => {
    const at = (name: string) => dag.names.indexOf(name);
    expect(named(ancestors(dag, [at("Grass")]))).toEqual(["Grass", "Rain", "Season", "Sprinkler"]);
    expect(named(descendants(dag, [at("Rain")]))).toEqual(["Grass", "Rain", "Slippery"]);
    expect(named(markovBlanket(dag, at("Rain")))).toEqual(["Grass", "Season", "Sprinkler"]);
    expect(named(moralGraph(dag)[at("Rain")]!)).toEqual(["Grass", "Season", "Sprinkler"]);
  });

  it("puts parents first, whatever the order of the nodes", () => {
    for (let seed = 0; seed < 50; seed++) {
      const graph = randomDag(fold(key(5), seed), 9, 0.4);
      const order = topologicalOrder(graph);
      expect([...order].sort((a, b) => a - b)).toEqual([...graph.names.keys()]);
      order.forEach((node, i) => {
        for (const parent of graph.parents[node]!) expect(order.indexOf(parent)).toBeLessThan(i);
      });
    }
  });

  it("finds a cycle in any graph that has one, and names it", () => {
    const edges = fc.array(fc.tuple(fc.nat(6), fc.nat(6)), { maxLength: 12 });
    const check = (list: [number, number][]) => {
      const names = [..."abcdefg"];
      const parentsOf = (i: number) => new Set(list.flatMap(([from, to]) => (to === i ? [names[from]!] : [])));
      const graph = dagFrom(names.map((name, i) => [name, [...parentsOf(i)]]));
      const cycle = findCycle(graph);
      const returns = names.some((_, i) => graph.children[i]!.some((child) => descendants(graph, [child]).has(i)));
      expect(cycle !== undefined).toBe(returns);
      cycle?.forEach((node, i) => {
        expect(graph.children[node]).toContain(cycle[(i + 1) % cycle.length]);
      });
    };
    fc.assert(fc.property(edges, check), { numRuns: 300, seed: 6 });
    const loop = dagFrom([
      ["a", ["b"]],
      ["b", ["a"]],
    ]);
    expect(() => topologicalOrder(loop)).toThrow(/cycle, (a → b → a|b → a → b)/);
  });
});

describe("I-maps", () => {
  const network = networkNamed("sprinkler");
  const dag = dagOf(network);
  const joint: JointTable = jointOf(network.nodes);

  it("a network is an I-map of its own distribution; without an edge that matters it is none", () => {
    expect(isIMap(dag, joint)).toBe(true);
    const less = dagFrom(
      network.nodes.map(({ variable: v, parents }) => [v.name, v.name === "Grass" ? ["Rain"] : parents]),
    );
    expect(iMapViolations(less, joint).map(({ node }) => node)).toContain("Grass");
    expect(localIndependencies(dag)).toContainEqual({ node: "Rain", others: ["Sprinkler"], given: ["Season"] });
  });

  it("a complete graph is an I-map of everything, one without edges of independence only", () => {
    const names = [..."abc"];
    const complete = dagFrom(names.map((name, i) => [name, names.slice(0, i)]));
    const empty = dagFrom(names.map((name) => [name, []]));
    const binary = names.map((name) => ({ name, states: ["0", "1"] }));
    const dependent = jointTable(binary, [0.2, 0.1, 0.05, 0.15, 0.1, 0.1, 0.2, 0.1]);
    const independent = jointTable(binary, Array(8).fill(0.125));
    expect([isIMap(complete, dependent), isIMap(empty, dependent), isIMap(empty, independent)]).toEqual([
      true,
      false,
      true,
    ]);
    expect([isIMapOf(complete, empty), isIMapOf(empty, complete)]).toEqual([true, false]);
  });
});
