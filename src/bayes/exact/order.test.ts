import { describe, expect, it } from "vitest";
import { fold, key, uniform } from "../../random/index.ts";
import { minFill, type Neighbours, refuseTooMuch } from "./order.ts";

/** A random graph of nodes and, twice over, so that one copy can be used up. */
function randomGraph(seed: number, size: number): [Neighbours, Neighbours] {
  const draw = uniform(fold(key(8), seed), [size * size]).data;
  const make = (): Neighbours => {
    const graph: Neighbours = new Map(Array.from({ length: size }, (_, i) => [i, new Set<number>()]));
    for (let i = 0; i < size; i++)
      for (let j = 0; j < i; j++)
        if (draw[i * size + j]! < 0.3) {
          graph.get(i)!.add(j);
          graph.get(j)!.add(i);
        }
    return graph;
  };
  return [make(), make()];
}

/** Pairs of neighbours that are not neighbours of each other, counted one by one. */
function missingPairs(graph: Neighbours, node: number): [number, number][] {
  const around = [...graph.get(node)!];
  return around.flatMap((a, i) =>
    around.slice(i + 1).flatMap((b) => (graph.get(a)!.has(b) ? [] : [[a, b] as [number, number]])),
  );
}

describe("min-fill", () => {
  it("always eliminates a node that joins fewest pairs, of these one with the smallest table", () => {
    for (let seed = 0; seed < 40; seed++) {
      const [used, graph] = randomGraph(seed, 12);
      const sizes = Array.from({ length: 12 }, (_, i) => 2 + ((i * 5 + seed) % 3));
      const { order, cliques, cost } = minFill(used, sizes, [[...sizes.keys()]]);
      const table = (node: number) => [node, ...graph.get(node)!].reduce((product, i) => product * sizes[i]!, 1);
      let total = 0;
      order.forEach((node, step) => {
        const fill = (each: number) => missingPairs(graph, each).length;
        const least = Math.min(...[...graph.keys()].map(fill));
        expect(fill(node)).toBe(least);
        const smallest = Math.min(...[...graph.keys()].filter((each) => fill(each) === least).map(table));
        expect(table(node)).toBe(smallest);
        expect(new Set(cliques[step])).toEqual(new Set([node, ...graph.get(node)!]));
        total += table(node);
        for (const [a, b] of missingPairs(graph, node)) {
          graph.get(a)!.add(b);
          graph.get(b)!.add(a);
        }
        for (const other of graph.get(node)!) graph.get(other)!.delete(node);
        graph.delete(node);
      });
      expect([order.length, cost.total, used.size]).toEqual([12, total, 0]);
    }
  });

  it("goes stage by stage and stops at a table above the limit", () => {
    const [graph] = randomGraph(1, 12);
    const sizes = Array(12).fill(2) as number[];
    expect([...minFill(graph, sizes, [[0, 1, 2], [5]]).order].slice(0, 3).sort()).toEqual([0, 1, 2]);
    expect(graph.size).toBe(8);
    const [again] = randomGraph(1, 12);
    expect(minFill(again, sizes, [[...sizes.keys()]], 1).order).toHaveLength(1);
  });

  it("says sizes that no machine has", () => {
    expect(() => refuseTooMuch("It", 2 ** 20, false, 2 ** 20)).toThrow(
      /^It needs tables of 8 MiB, more than the 1 MiB/,
    );
    expect(() => refuseTooMuch("It", 2 ** 200, true)).toThrow(/at least 2\^203 bytes, more than the 1 GiB allowed/);
    expect(() => refuseTooMuch("It", Number.POSITIVE_INFINITY, false)).toThrow(/more than 2\^1000 bytes/);
    expect(() => refuseTooMuch("It", 2 ** 27, false)).not.toThrow();
  });
});
