import { describe, expect, it } from "vitest";
import { fittedTo, rowsOf, tableData } from "../../tests/support/tables.ts";
import type { HostArray } from "../base/host.ts";
import { factorAnalysisEntry } from "../models/factors/factor-analysis.ts";
import { icaEntry } from "../models/factors/ica.ts";
import { pcaEntry } from "../models/factors/pca.ts";
import { probabilisticPcaEntry } from "../models/factors/probabilistic-pca.ts";
import { key, normal } from "../random/index.ts";
import { directionImages, directionTables, explainedChart } from "./directions.node.ts";

const z = normal(key(4), [200, 4]).data;
const columns = ["a", "b", "c"].map((name) => ({ name, kind: "real" as const }));
const table = tableData(
  columns,
  rowsOf(Array.from({ length: 200 }, (_, n) => [3 * z[4 * n]!, z[4 * n]! + z[4 * n + 1]!, 0.1 * z[4 * n + 2]!])),
);

describe("directions of a linear model", () => {
  it("of principal components explain what their variances do, largest first, and are told by column", async () => {
    const { model, on } = await fittedTo(pcaEntry, table, { components: 3 });
    const { explained, vectors, name } = model.directions!(on.params);
    expect(name).toBe("component");
    expect(vectors.shape).toEqual([3, 3]);
    expect(explained!.reduce((a, b) => a + b)).toBeCloseTo(1, 10);
    expect(explained![0]).toBeGreaterThan(explained![1]!);
    const [shares, said] = directionTables(model, on.params);
    expect(shares!.rows[2]).toEqual(["component 3", explained![2], expect.closeTo(1, 10)]);
    expect(said!.rows.map(([column]) => column)).toEqual(["a", "b", "c"]);
    expect(Number(said!.rows[0]![1])).toBeCloseTo(vectors.data[0]!, 2);
    expect(await explainedChart(model, on.params)).toHaveLength(1);
  });

  it.each([probabilisticPcaEntry, factorAnalysisEntry])("of $name explain what noise does not", async (entry) => {
    const { model, on } = await fittedTo(entry, table, { components: 1 });
    const { explained, vectors } = model.directions!(on.params);
    const { noise } = on.params as unknown as { noise: HostArray };
    const own = vectors.data.reduce((sum, value) => sum + value * value, 0);
    const rest = Array.from(noise.data as Float64Array).reduce((a, b) => a + b, 0);
    expect(explained![0]).toBeCloseTo(own / (own + rest), 10);
    expect(explained![0]).toBeGreaterThan(0.5);
  });

  it("are drawn from black over grey, which is zero, to white; sources have no share of the variance", async () => {
    const { model, on } = await fittedTo(icaEntry, table, { components: 2 });
    expect(await explainedChart(model, on.params)).toEqual([]);
    const { images, name } = directionImages(model, on.params)!;
    expect(name).toBe("source");
    const { data } = model.directions!(on.params).vectors;
    for (let k = 0; k < 2; k++) {
      const most = Math.max(...[0, 1, 2].map((i) => Math.abs(data[3 * k + i]!)));
      for (let i = 0; i < 3; i++) expect(images.data[3 * k + i]).toBeCloseTo(0.5 + (0.5 * data[3 * k + i]!) / most, 6);
    }
  });
});
