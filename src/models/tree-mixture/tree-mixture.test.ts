import { describe, expect, it } from "vitest";
import { HostArray } from "../../base/host.ts";
import { uniforms64 } from "../../probability/tables/index.ts";
import { fold, key } from "../../random/index.ts";
import { referenceRuntime } from "../../runtime/index.ts";
import { bind } from "../bound.ts";
import type { DirectStep, Examples, Numbers } from "../contract.ts";
import { treeMixture } from "./tree-mixture.ts";
import { bitRows, fitTree } from "./trees.ts";

const size = 5;

/** Rows of two kinds: copies along a chain, or their opposites, each bit flipped now and then. */
function rowsOf(count: number, seed: number): Float32Array {
  const u = uniforms64(key(seed), count * (size + 1));
  return Float32Array.from({ length: count * size }, (_, at) => {
    const [n, i] = [Math.floor(at / size), at % size];
    const first = u[n * (size + 1)]! < 0.3 ? 1 : 0;
    const bit = i % 2 === 0 ? first : 1 - first;
    return u[n * (size + 1) + 1 + i]! < 0.15 ? 1 - bit : bit;
  });
}

const examples = (x: Float32Array): Examples => ({
  count: x.length / size,
  read: async (start, end) => new HostArray("float32", [end - start, size], x.slice(start * size, end * size)),
});

const spec = { shape: [size], values: "binary" } as const;
const runtime = referenceRuntime();
const bitsOf = ({ data }: Numbers) => Float64Array.from(data);

async function trained(options: Record<string, unknown>) {
  const model = treeMixture(options, spec);
  const train = examples(rowsOf(600, 1));
  const steps: DirectStep[] = [];
  if (model.learning.kind !== "direct") throw new Error("it learns directly");
  for await (const step of model.learning.fit({ train, valid: train, key: key(2), runtime })) steps.push(step);
  return { model, steps, on: bind(runtime, steps.at(-1)!.params) };
}

const all = Float32Array.from({ length: 2 ** size * size }, (_, at) => (Math.floor(at / size) >> (at % size)) & 1);
const everything = new HostArray("float32", [2 ** size, size], all);

describe("Chow-Liu trees and mixtures", () => {
  it.each([1, 3])("of %i sum to one, and complete with the exact conditional", async (components) => {
    const { model, on } = await trained({ components });
    const { nats } = await model.logProb(on, everything, { key: key(0) });
    expect(nats.reduce((sum, log) => sum + Math.exp(log), 0)).toBeCloseTo(1, 12);
    // Given the first and the last bit, the middle three by frequency.
    const count = 4000;
    const x = new HostArray(
      "float32",
      [count, size],
      Float32Array.from({ length: count * size }, (_, i) => Number(i % size === 0)),
    );
    const observed = new HostArray(
      "float32",
      [count, size],
      Float32Array.from({ length: count * size }, (_, i) => Number(i % size === 0 || i % size === size - 1)),
    );
    const done = await model.complete(on, x, observed, { key: key(3) });
    const counts = new Float64Array(2 ** size);
    for (let n = 0; n < count; n++)
      counts[
        bitsOf(done)
          .slice(n * size, (n + 1) * size)
          .reduce((sum, bit, i) => sum + bit * 2 ** i, 0)
      ]!++;
    const agrees = (cell: number) => (cell & 1) === 1 && cell >> (size - 1) === 0;
    const total = nats.reduce((sum, log, cell) => sum + (agrees(cell) ? Math.exp(log) : 0), 0);
    let statistic = 0;
    nats.forEach((log, cell) => {
      if (!agrees(cell)) {
        expect(counts[cell]).toBe(0);
        return;
      }
      const expected = (count * Math.exp(log)) / total;
      statistic += (counts[cell]! - expected) ** 2 / expected;
    });
    expect(statistic).toBeLessThan(24.3); // χ² with 7 degrees of freedom at 0.001
  });

  it("samples follow the likelihood, the same whatever the number drawn", async () => {
    const { model, on } = await trained({ components: 2 });
    const { nats } = await model.logProb(on, everything, { key: key(0) });
    const drawn = await model.sample(on, { count: 5000, key: key(4) });
    const few = await model.sample(on, { count: 3, key: key(4) });
    expect(drawn.data.slice(0, few.size)).toEqual(few.data);
    const counts = new Float64Array(2 ** size);
    for (let n = 0; n < 5000; n++)
      counts[
        bitsOf(drawn)
          .slice(n * size, (n + 1) * size)
          .reduce((sum, bit, i) => sum + bit * 2 ** i, 0)
      ]!++;
    const statistic = nats.reduce(
      (sum, log, cell) => sum + (counts[cell]! - 5000 * Math.exp(log)) ** 2 / (5000 * Math.exp(log)),
      0,
    );
    expect(statistic).toBeLessThan(61.1); // χ² with 31 degrees of freedom at 0.001
  });

  it("rounds of the mixture do not lower the likelihood", async () => {
    const { steps } = await trained({ components: 3, smoothing: 1e-9, tolerance: 1e-7 });
    const losses = steps.map(({ metrics }) => metrics!.loss!);
    expect(losses.length).toBeGreaterThan(3);
    losses.slice(1).forEach((loss, i) => {
      expect(loss).toBeLessThanOrEqual(losses[i]! + 1e-7);
    });
  });

  it("a tree is the best of all trees over five bits by likelihood", () => {
    const rows = bitRows(rowsOf(200, 5), size);
    const tree = fitTree(rows, rows.weights, 0);
    const loss = (parents: ArrayLike<number>) => {
      const counts = new Map<string, number>();
      rows.ones.forEach((ones, n) => {
        for (let i = 0; i < size; i++) {
          const p = parents[i]!;
          const row = `${i}|${p < 0 ? "" : Number(ones.includes(p))}`;
          for (const id of [row, `${row}|${Number(ones.includes(i))}`])
            counts.set(id, (counts.get(id) ?? 0) + rows.weights[n]!);
        }
      });
      let sum = 0;
      for (const [id, n] of counts)
        if (id.split("|").length === 3) sum += n * Math.log(n / counts.get(id.slice(0, id.lastIndexOf("|")))!);
      return sum;
    };
    const found = loss(tree.parents);
    const u = uniforms64(fold(key(6), "trees"), 200 * size);
    for (let trial = 0; trial < 200; trial++) {
      const parents = Array.from({ length: size }, (_, i) => (i === 0 ? -1 : Math.floor(u[trial * size + i]! * i)));
      expect(loss(parents)).toBeLessThanOrEqual(found + 1e-9);
    }
  });

  it("refuses what is not binary", () => {
    expect(() => treeMixture({}, { shape: [3], values: "real" })).toThrow("chow-liu models binary data");
  });
});
