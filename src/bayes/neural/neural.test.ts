import { describe, expect, it } from "vitest";
import { networkNamed } from "../../../tests/support/networks.ts";
import type { Table } from "../../data/table/types.ts";
import { key, uniform } from "../../random/index.ts";
import { referenceRuntime } from "../../runtime/index.ts";
import { marginals } from "../exact/index.ts";
import { forwardSample } from "../sampling/index.ts";
import { tabulate } from "./conditional.ts";
import { forwardWeighting, gaussianForward, tableNodes } from "./forward-nodes.ts";
import { trainNeural } from "./train.ts";

const sprinkler = networkNamed("sprinkler");
const runtime = referenceRuntime();
const rows = forwardSample(sprinkler, key(1), 6000);
const table: Table = {
  columns: rows.variables.map(({ name, states }) => ({ name, kind: "categorical", levels: states })),
  count: rows.count,
  values: rows.columns.map((column) => Float64Array.from(column)),
  missing: rows.columns.map(() => undefined),
};

describe("neural conditionals", () => {
  it("of discrete nodes learn their tables, and answer exactly once tabulated", async () => {
    const neural = await trainNeural(table, "Grass", ["Sprinkler", "Rain"], {
      key: key(2),
      runtime,
      hidden: 8,
      steps: 300,
      batchSize: 128,
      learningRate: 0.05,
    });
    const node = tabulate(neural);
    const truth = sprinkler.nodes.find(({ variable }) => variable.name === "Grass")!;
    node.table.forEach((p, i) => {
      expect(Math.abs(p - truth.table[i]!)).toBeLessThan(0.05);
    });
    const nodes = sprinkler.nodes.map((each) => (each === truth ? node : each));
    const exact = marginals({ ...sprinkler, nodes }, ["Rain"], { Grass: "wet" }).get("Rain")!;
    const forward = tableNodes(sprinkler).map((each) => (each.name === "Grass" ? neural : each));
    const drawn = forwardWeighting(forward, { Grass: 0 }, { samples: 4000, key: key(3) });
    const share = drawn.values.get("Rain")!.reduce((sum, state, i) => sum + (state === 0 ? drawn.weights[i]! : 0), 0);
    expect(Math.abs(share - exact[0]!)).toBeLessThan(4 * Math.sqrt(0.25 / drawn.effectiveSamples));
  });

  it("of real nodes learn a bent mean and its noise", async () => {
    const x = Float64Array.from(uniform(key(4), [2000]).data, (u) => 6 * u - 3);
    const e = uniform(key(5), [2000]).data;
    const y = x.map((v, i) => v * v + (e[i]! - 0.5) * Math.sqrt(12) * 0.5);
    const curve: Table = {
      columns: [
        { name: "x", kind: "real" },
        { name: "y", kind: "real" },
      ],
      count: 2000,
      values: [x, y],
      missing: [undefined, undefined],
    };
    const neural = await trainNeural(curve, "y", ["x"], {
      key: key(6),
      runtime,
      hidden: 12,
      steps: 500,
      batchSize: 128,
      learningRate: 0.03,
    });
    for (const at of [-2, 0, 2]) expect(Math.abs(neural.normal([at]).mean - at * at)).toBeLessThan(0.4);
    expect(Math.abs(neural.normal([1]).deviation - 0.5)).toBeLessThan(0.2);
    // The density integrates to one, and draws follow it.
    let total = 0;
    for (let v = -5; v < 8; v += 0.01) total += Math.exp(neural.logProb(v, [1])) * 0.01;
    expect(total).toBeCloseTo(1, 3);
    expect(neural.draw([1], 0.5)).toBeCloseTo(neural.normal([1]).mean, 6);
    const nodes = [gaussianForward("x", [], { intercept: 0, coefficients: [], variance: 1 }), neural];
    const { values, weights } = forwardWeighting(nodes, { y: 4 }, { samples: 4000, key: key(7) });
    const size = values.get("x")!.reduce((sum, v, i) => sum + Math.abs(v) * weights[i]!, 0);
    expect(Math.abs(size - 2)).toBeLessThan(0.2);
    expect(() => tabulate(neural)).toThrow("has no table: ask by weighting");
  });

  it("say in one sentence what they cannot learn from", async () => {
    const constant = {
      ...table,
      columns: [{ name: "c", kind: "real" as const }, ...table.columns.slice(1)],
      values: [new Float64Array(table.count), ...table.values.slice(1)],
    };
    await expect(trainNeural(constant, "Grass", ["c"], { key: key(0), runtime })).rejects.toThrow(
      'The column "c" is constant',
    );
    await expect(trainNeural(table, "Gras", [], { key: key(0), runtime })).rejects.toThrow('no column "Gras"');
    expect(() => forwardWeighting(tableNodes(sprinkler), { Gras: 0 }, { samples: 5, key: key(0) })).toThrow(
      'did you mean "Grass"?',
    );
  });
});
