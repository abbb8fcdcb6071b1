import { describe, expect, it } from "vitest";
import { needsNetworks, networkNamed } from "../../../tests/support/networks.ts";
import { uniforms64 } from "../../probability/tables/index.ts";
import { fold, type Key, key } from "../../random/index.ts";
import { type Dag, dagFrom, dagOf, descendants, dSeparation } from "../graph/index.ts";
import { learnParameters } from "../learning/index.ts";
import { forwardSample } from "../sampling/index.ts";
import type { Steps } from "../steps.ts";
import { chowLiu, informationOf, maximumSpanningTree, naiveStructure } from "./chow-liu.ts";
import { deletions, greedyEquivalence, greedySteps, insertions } from "./greedy-equivalence.ts";
import { hillClimb, hillClimbSteps } from "./hill-climb.ts";
import { graphOracle, pc, pcFromData, subsets } from "./pc.ts";
import { cpdagOf, edgesOf, extensionOf, markovEquivalent, pdagOf, structuralHammingDistance } from "./pdag.ts";
import { localScore, scoreNames, structureScore } from "./scores.ts";

/** A random DAG over n nodes along a random order. */
function randomDag(n: number, share: number, seed: Key): Dag {
  const u = uniforms64(seed, n * n);
  const order = [...uniforms64(fold(seed, "order"), n).entries()].sort((a, b) => a[1] - b[1]).map(([i]) => i);
  const parents: string[][] = order.map(() => []);
  for (let i = 0; i < n; i++)
    for (let j = 0; j < i; j++) if (u[i * n + j]! < share) parents[order[i]!]!.push(`v${order[j]}`);
  return dagFrom(parents.map((list, i) => [`v${i}`, list] as const));
}

/** The DAG with an arrow reversed where that leaves the same parents otherwise (a covered edge), or undefined. */
function coveredReversal(dag: Dag): Dag | undefined {
  for (const [child, parents] of dag.parents.entries())
    for (const p of parents) {
      const rest = new Set(parents.filter((q) => q !== p));
      if (rest.size !== dag.parents[p]!.length || !dag.parents[p]!.every((q) => rest.has(q))) continue;
      const name = (i: number) => dag.names[i]!;
      return dagFrom(
        dag.names.map((own, i) => {
          if (i === child) return [own, [...rest].map(name)] as const;
          return [own, i === p ? [...dag.parents[p]!.map(name), name(child)] : dag.parents[i]!.map(name)] as const;
        }),
      );
    }
  return undefined;
}

const strong = {
  name: "strong",
  nodes: [
    { variable: { name: "a", states: ["0", "1"] }, parents: [], table: Float64Array.of(0.4, 0.6) },
    { variable: { name: "b", states: ["0", "1"] }, parents: [], table: Float64Array.of(0.7, 0.3) },
    {
      variable: { name: "c", states: ["0", "1"] },
      parents: ["a", "b"],
      table: Float64Array.of(0.9, 0.1, 0.3, 0.7, 0.4, 0.6, 0.05, 0.95),
    },
    { variable: { name: "d", states: ["0", "1"] }, parents: ["c"], table: Float64Array.of(0.8, 0.2, 0.15, 0.85) },
    { variable: { name: "e", states: ["0", "1"] }, parents: ["c"], table: Float64Array.of(0.75, 0.25, 0.1, 0.9) },
    {
      variable: { name: "f", states: ["0", "1"] },
      parents: ["d", "e"],
      table: Float64Array.of(0.9, 0.1, 0.3, 0.7, 0.35, 0.65, 0.1, 0.9),
    },
  ],
};
const rows = forwardSample(strong, key(1), 5000);
const truth = cpdagOf(dagOf(strong));

describe("equivalence classes", () => {
  it("arrows stay where a collider fixes them, lines where nothing does", () => {
    const { arrows, lines } = edgesOf(truth);
    expect(arrows.map(([a, b]) => a + b).sort()).toEqual(["ac", "bc", "cd", "ce", "df", "ef"]);
    expect(lines).toEqual([]);
    const chain = dagFrom([
      ["x", []],
      ["y", ["x"]],
      ["z", ["y"]],
    ]);
    expect(edgesOf(cpdagOf(chain)).lines).toHaveLength(2);
    expect(edgesOf(pdagOf(chain)).arrows).toHaveLength(2);
  });

  it("are those of all DAGs with the same skeleton and colliders, by enumeration of four nodes", () => {
    for (let i = 0; i < 25; i++) {
      const dag = randomDag(4, 0.6, fold(key(2), i));
      const class_ = equivalents(dag);
      const graph = cpdagOf(dag);
      const n = 4;
      for (let at = 0; at < n * n; at++)
        expect(graph.marks[at]).toBe(class_.some((each) => pdagOf(each).marks[at] === 1) ? 1 : 0);
    }
  });

  it("have extensions in the class", () => {
    for (let i = 0; i < 20; i++) {
      const graph = cpdagOf(randomDag(7, 0.4, fold(key(3), i)));
      expect(structuralHammingDistance(cpdagOf(extensionOf(graph)!), graph)).toBe(0);
    }
    const square = pdagOf(dagFrom(["a", "b", "c", "d"].map((name) => [name, []] as const)));
    for (const [a, b] of [
      [0, 1],
      [1, 2],
      [2, 3],
      [3, 0],
    ] as const)
      square.marks[a * 4 + b] = square.marks[b * 4 + a] = 1;
    expect(extensionOf(square)).toBeUndefined();
  });

  it("distance counts pairs that differ, each once, by name", () => {
    const one = dagFrom([
      ["x", []],
      ["y", ["x"]],
      ["z", []],
    ]);
    const other = dagFrom([
      ["z", ["x"]],
      ["y", []],
      ["x", ["y"]],
    ]);
    expect(structuralHammingDistance(pdagOf(one), pdagOf(other))).toBe(2);
    expect(structuralHammingDistance(cpdagOf(one), cpdagOf(other))).toBe(1);
  });
});

/** All DAGs over the names of a small one with the same d-separations. */
function equivalents(dag: Dag): Dag[] {
  const n = dag.names.length;
  const pairs = [...subsets([...dag.names.keys()], 2)];
  const found: Dag[] = [];
  const separations = (of: Dag) =>
    pairs.map(([a, b]) => {
      const rest = of.names.filter((_, i) => i !== a && i !== b);
      return [...Array(rest.length + 1).keys()].map((size) =>
        [...subsets(rest, size)].map((given) => dSeparation(of, [of.names[a!]!], [of.names[b!]!], given).separated),
      );
    });
  const wanted = JSON.stringify(separations(dag));
  for (let code = 0; code < 3 ** pairs.length; code++) {
    const parents: string[][] = dag.names.map(() => []);
    let rest = code;
    for (const [a, b] of pairs) {
      if (rest % 3 === 1) parents[a!]!.push(dag.names[b!]!);
      if (rest % 3 === 2) parents[b!]!.push(dag.names[a!]!);
      rest = Math.floor(rest / 3);
    }
    const other = dagFrom(dag.names.map((name, i) => [name, parents[i]!] as const));
    const edges = (of: Dag) => of.parents.reduce((sum, list) => sum + list.length, 0);
    if (edges(other) !== edges(dag)) continue;
    const acyclic = [...Array(n).keys()].every((i) => !other.children[i]!.some((c) => descendants(other, [c]).has(i)));
    if (acyclic && JSON.stringify(separations(other)) === wanted) found.push(other);
  }
  return found;
}

describe("scores", () => {
  it("BIC, AIC, BDeu and likelihood are equal for equivalent structures; K2 is not", () => {
    let differs = 0;
    let pairs = 0;
    for (let i = 0; i < 12; i++) {
      const { names } = dagOf(strong);
      const random = randomDag(6, 0.5, fold(key(4), i));
      const dag = dagFrom(random.names.map((_, v) => [names[v]!, random.parents[v]!.map((p) => names[p]!)] as const));
      const other = coveredReversal(dag);
      if (!other) continue;
      pairs++;
      expect(structuralHammingDistance(cpdagOf(dag), cpdagOf(other))).toBe(0);
      for (const name of ["bic", "aic", "bdeu", "log-likelihood"] as const)
        expect(structureScore(dag, rows, name)).toBeCloseTo(structureScore(other, rows, name), 6);
      if (Math.abs(structureScore(dag, rows, "k2") - structureScore(other, rows, "k2")) > 1e-6) differs++;
    }
    expect(pairs).toBeGreaterThan(5);
    expect(differs).toBeGreaterThan(0);
  });

  it("BDeu is the evidence: the sum of predictive probabilities as rows come", () => {
    const few = { ...rows, count: 30, columns: rows.columns.map((column) => column.slice(0, 30)) };
    let total = 0;
    const counts = new Float64Array(8).fill(4 / 8);
    for (let i = 0; i < 30; i++) {
      const row = (few.columns[0]![i]! * 2 + few.columns[1]![i]!) * 2;
      const state = few.columns[2]![i]!;
      total += Math.log(counts[row + state]! / (counts[row]! + counts[row + 1]!));
      counts[row + state]!++;
    }
    expect(localScore("bdeu", few, { sampleSize: 4 })(2, [1, 0])).toBeCloseTo(total, 9);
  });
});

describe("hill climbing", () => {
  it("finds the equivalence class of a network from 5000 rows by every consistent score", () => {
    for (const score of ["bic", "bdeu", "k2"] as const) {
      const { dag, score: value } = hillClimb(rows, { score, restarts: 5, key: key(1) });
      expect(structuralHammingDistance(cpdagOf(dag), truth)).toBe(0);
      expect(value).toBeCloseTo(structureScore(dag, rows, score), 6);
    }
    expect(scoreNames).toHaveLength(5);
  });

  it("keeps to required and forbidden arrows and to the most parents", () => {
    const { dag } = hillClimb(rows, { required: [["f", "a"]], forbidden: [["a", "c"]], maxParents: 1 });
    const { arrows } = edgesOf(pdagOf(dag));
    expect(arrows.map(([a, b]) => a + b)).toContain("fa");
    expect(arrows.map(([a, b]) => a + b)).not.toContain("ac");
    expect(Math.max(...dag.parents.map((list) => list.length))).toBe(1);
  });

  it("never returns less than it climbed to, and the same for the same key", () => {
    const plain = hillClimb(rows, { tabu: 1, patience: 0, score: "aic" });
    const tabu = hillClimb(rows, { score: "aic" });
    const again = hillClimb(rows, { score: "aic", restarts: 2, key: key(7) });
    expect(tabu.score).toBeGreaterThanOrEqual(plain.score);
    expect(again.score).toBeGreaterThanOrEqual(tabu.score);
    expect(hillClimb(rows, { score: "aic", restarts: 2, key: key(7) }).dag).toEqual(again.dag);
  });

  it("ends with what it has when told to, and goes on from there no worse than before", () => {
    const until = <T, R>(steps: Steps<T, R>, enough: (told: T) => boolean): R => {
      let next = steps.next();
      while (!next.done) next = steps.next(enough(next.value));
      return next.value;
    };
    const options = { score: "bic", restarts: 5, key: key(1) } as const;
    const early = until(hillClimbSteps(rows, options), ({ step }) => step === 2);
    expect(early).toMatchObject({ climbs: 0, steps: 2 });
    expect(early.score).toBeCloseTo(structureScore(early.dag, rows, "bic"), 6);
    const later = until(hillClimbSteps(rows, options), ({ climbs }) => climbs === 2);
    expect(later.climbs).toBe(2);
    expect(later.score).toBeGreaterThan(early.score);
    const on = hillClimb(rows, { start: early.dag });
    expect([on.climbs, on.score > early.score]).toEqual([1, true]);
    const class1 = until(greedySteps(rows), ({ step }) => step === 1);
    expect([class1.complete, class1.steps]).toEqual([false, 2]);
    expect(class1.score).toBeCloseTo(structureScore(class1.dag, rows, "bic"), 6);
    expect(greedyEquivalence(rows).complete).toBe(true);
  });

  it("leaves a constant column alone", () => {
    const constant = { ...rows, columns: [new Int32Array(rows.count), ...rows.columns.slice(1)] };
    const { dag } = hillClimb(constant);
    expect([dag.parents[0], dag.children[0]]).toEqual([[], []]);
    expect([...learnParameters(dag, constant).nodes[0]!.table]).toEqual([1, 0]);
  });

  it("says in one sentence what contradicts itself", () => {
    expect(() =>
      hillClimb(rows, {
        required: [
          ["a", "b"],
          ["b", "a"],
        ],
      }),
    ).toThrow("The required arrows make a cycle");
    expect(() => hillClimb(rows, { required: [["a", "b"]], forbidden: [["a", "b"]] })).toThrow(
      "both required and forbidden",
    );
    expect(() => hillClimb(rows, { forbidden: [["a", "bb"]] })).toThrow('Unknown variable "bb"; did you mean');
    expect(() =>
      hillClimb(rows, {
        required: [
          ["a", "c"],
          ["b", "c"],
        ],
        maxParents: 1,
      }),
    ).toThrow("2 required parents");
    expect(() => hillClimb(rows, { restarts: 1 })).toThrow("Random restarts need a key.");
  });
});

describe("greedy equivalence search", () => {
  it("finds the equivalence class of a network from 5000 rows, whatever the order of the columns", () => {
    const turned = { ...rows, variables: [...rows.variables].reverse(), columns: [...rows.columns].reverse() };
    for (const data of [rows, turned])
      for (const score of ["bic", "bdeu"] as const) {
        const { graph, dag, score: value } = greedyEquivalence(data, { score });
        expect(structuralHammingDistance(graph, truth)).toBe(0);
        expect(value).toBeCloseTo(structureScore(dag, data, score), 6);
      }
  });

  it("knows of every operator what it gains: the difference of whole structures' scores", () => {
    const local = localScore("bic", rows);
    let seen = 0;
    for (let i = 0; i < 30; i++) {
      const random = randomDag(6, 0.45, fold(key(9), i));
      const dag = dagFrom(rows.variables.map(({ name }, v) => [name, random.parents[v]!.map((p) => "abcdef"[p]!)]));
      const graph = cpdagOf(dag);
      const before = structureScore(dag, rows, "bic");
      for (const changes of [insertions, deletions])
        for (const { gain, make } of changes({ local, maxParents: 6 }, graph)) {
          const next = extensionOf(make());
          expect(structureScore(next!, rows, "bic") - before).toBeCloseTo(gain, 6);
          seen++;
        }
    }
    expect(seen).toBeGreaterThan(100);
  });

  it.skipIf(needsNetworks !== "")(
    `comes nearer to alarm from 3000 rows than a climb without restarts${needsNetworks}`,
    () => {
      const alarm = networkNamed("alarm");
      const drawn = forwardSample(alarm, key(0), 3000);
      const found = greedyEquivalence(drawn, { maxParents: 4 });
      const climbed = hillClimb(drawn, { maxParents: 4 });
      expect(found.score).toBeGreaterThan(climbed.score);
      expect(structuralHammingDistance(found.graph, cpdagOf(dagOf(alarm)))).toBeLessThan(20);
    },
  );

  it("keeps to the most parents of the structures it tries", () => {
    const { dag } = greedyEquivalence(rows, { maxParents: 1 });
    expect(Math.max(...dag.parents.map((list) => list.length))).toBeLessThanOrEqual(1);
  });
});

describe("PC", () => {
  it("finds the CPDAG from exact answers, of 30 random graphs", () => {
    for (let i = 0; i < 30; i++) {
      const dag = randomDag(7, 0.35, fold(key(5), i));
      const { graph, conflicts } = pc(dag.names, graphOracle(dag));
      expect([structuralHammingDistance(graph, cpdagOf(dag)), conflicts]).toEqual([0, 0]);
    }
  });

  it.skipIf(needsNetworks !== "")(`finds the CPDAG of asia from exact answers${needsNetworks}`, () => {
    const dag = dagOf(networkNamed("asia"));
    expect(structuralHammingDistance(pc(dag.names, graphOracle(dag)).graph, cpdagOf(dag))).toBe(0);
  });

  it("finds it from 5000 rows, whatever the order of the columns", () => {
    expect(structuralHammingDistance(pcFromData(rows).graph, truth)).toBe(0);
    const turned = { ...rows, variables: [...rows.variables].reverse(), columns: [...rows.columns].reverse() };
    expect(structuralHammingDistance(pcFromData(turned, { statistic: "chi-square" }).graph, truth)).toBe(0);
    expect(() => pcFromData(rows, { significance: 1 })).toThrow("between 0 and 1");
  });
});

describe("Chow-Liu", () => {
  it("spans with the greatest weight, as all trees of five nodes say", () => {
    const n = 5;
    const u = uniforms64(key(6), n * n);
    const weights = Float64Array.from(u, (_, at) => u[Math.min(at, (at % n) * n + Math.floor(at / n))]!);
    let best = 0;
    for (let code = 0; code < n ** (n - 1); code++) {
      const parents = [-1, ...Array.from({ length: n - 1 }, (_, i) => Math.floor(code / n ** i) % n)];
      const reaches = parents.every((_, i) => {
        let at = i;
        for (let step = 0; step < n && at > 0; step++) at = parents[at]!;
        return at === 0;
      });
      if (reaches)
        best = Math.max(
          best,
          parents.reduce((sum, p, i) => sum + (p < 0 ? 0 : weights[p * n + i]!), 0),
        );
    }
    expect(maximumSpanningTree(weights, n).weight).toBeCloseTo(best, 12);
  });

  it("recovers a tree, from any root", () => {
    const names = ["a", "b", "c", "d", "e", "f", "g"];
    const tree = {
      name: "tree",
      nodes: names.map((name, i) => ({
        variable: { name, states: ["0", "1"] },
        parents: i === 0 ? [] : [names[Math.floor((i - 1) / 2)]!],
        table: i === 0 ? Float64Array.of(0.5, 0.5) : Float64Array.of(0.8, 0.2, 0.25, 0.75),
      })),
    };
    const drawn = forwardSample(tree, key(7), 4000);
    for (const root of ["a", "f"]) {
      const dag = chowLiu(drawn, { root });
      expect(dag.parents[names.indexOf(root)]).toEqual([]);
      expect(structuralHammingDistance(cpdagOf(dag), cpdagOf(dagOf(tree)))).toBe(0);
    }
    expect(markovEquivalent(tree, learnParameters(chowLiu(drawn, { root: "g" }), drawn))).toBe(true);
  });

  it("measures information in nats", () => {
    expect(informationOf(Float64Array.of(5, 0, 0, 5), 2)).toBeCloseTo(Math.LN2, 12);
    expect(informationOf(Float64Array.of(6, 2, 3, 1), 2)).toBeCloseTo(0, 12);
    expect(naiveStructure(["x", "y", "z"], "y").parents).toEqual([[1], [], [1]]);
  });
});
