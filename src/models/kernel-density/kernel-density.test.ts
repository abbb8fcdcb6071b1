import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { dataFolder, needsData } from "../../../tests/support/data.ts";
import { grid, KOLMOGOROV_1_IN_1000, kolmogorov, simpson } from "../../../tests/support/statistics.ts";
import { fittedTo, rowsOf, tableData } from "../../../tests/support/tables.ts";
import { farthest, standardRows, type UciName } from "../../../tests/support/uci.ts";
import { HostArray } from "../../base/host.ts";
import type { Column } from "../../data/table/types.ts";
import { key, normal } from "../../random/index.ts";
import type { Capabilities } from "../contract.ts";
import { leaveOneOut } from "./fit.ts";
import { type KernelParams, kernelDensityEntry } from "./kernel-density.ts";

const golden = JSON.parse(readFileSync(new URL("../../../tests/golden/mixtures.json", import.meta.url), "utf8")) as {
  kernel: Record<string, { bandwidth: number; score: number[] }>;
};
const reals = (count: number): Column[] => Array.from({ length: count }, (_, i) => ({ name: `x${i}`, kind: "real" }));
const learned = (x: HostArray<"float64">, options: Record<string, unknown>) =>
  fittedTo(kernelDensityEntry, tableData(reals(x.shape[1]!), x), options);
const use = { key: key(1) };
const able = ({ model }: Awaited<ReturnType<typeof learned>>) => model as unknown as Capabilities;

describe.skipIf(dataFolder === undefined)(`kernel density beside scikit-learn${needsData}`, () => {
  it.each(Object.entries(golden.kernel))("%s: log densities", async (title, { bandwidth, score }) => {
    const [name, kernel] = title.split(" ") as [UciName, string];
    const x = standardRows(name);
    const fitted = await learned(x, { kernel, bandwidth });
    const D = x.shape[1]!;
    const near = new HostArray(
      "float64",
      [7, D],
      x.data.slice(0, 7 * D).map((v) => v + 0.1),
    );
    expect(farthest((await able(fitted).logProb(fitted.on, near, use)).nats, score)).toBeLessThan(1e-10);
  });
});

const z = normal(key(2), [60, 3]).data;
const x = rowsOf(
  Array.from({ length: 60 }, (_, n) => [z[3 * n]!, z[3 * n]! + 0.5 * z[3 * n + 1]!, 10 * z[3 * n + 2]!]),
);

describe.each(["gaussian", "epanechnikov"])("the %s kernel", (kernel) => {
  it("gives densities that integrate to one, in every marginal", async () => {
    const fitted = await learned(x, { kernel });
    const { logProb } = able(fitted);
    const line = grid(-7, 7, 201);
    const plane = rowsOf(line.flatMap((a) => line.map((b) => [a, b, null])));
    const { nats } = await logProb(fitted.on, plane, use);
    const single = await logProb(fitted.on, rowsOf(line.map((a) => [a, null, null])), use);
    const marginal = line.map((_, i) => simpson([...nats.slice(i * 201, (i + 1) * 201)].map(Math.exp), -7, 7));
    expect(simpson(marginal, -7, 7)).toBeCloseTo(1, 4);
    expect(farthest(marginal, [...single.nats].map(Math.exp))).toBeLessThan(2e-3);
  });

  it("draws what its density says: a marginal, and a conditional", async () => {
    const fitted = await learned(x, { kernel });
    const { logProb, sample, complete } = able(fitted);
    const line = grid(-8, 8, 3201);
    const tested = async (values: readonly number[], rows: readonly (readonly (number | null)[])[], from: number) => {
      const { nats } = await logProb(fitted.on, rowsOf(rows), use);
      const cumulative = [0];
      for (let i = 1; i < line.length; i++)
        cumulative.push(
          cumulative[i - 1]! +
            ((Math.exp(nats[i]! - from) + Math.exp(nats[i - 1]! - from)) / 2) * (line[1]! - line[0]!),
        );
      const cdf = (sorted: readonly number[]) =>
        sorted.map((v) => cumulative[Math.round((v + 8) / (line[1]! - line[0]!))]!);
      expect(cumulative.at(-1)).toBeCloseTo(1, 3);
      expect(kolmogorov(values, cdf)).toBeLessThan(KOLMOGOROV_1_IN_1000);
    };
    const count = 1500;
    const drawn = await sample(fitted.on, { count, key: key(5) });
    await tested(
      Array.from({ length: count }, (_, n) => drawn.data[3 * n + 1]!),
      line.map((v) => [null, v, null]),
      0,
    );
    const given = rowsOf(Array.from({ length: count }, () => [0.4, null, null]));
    const seen = new HostArray(
      "float32",
      [count, 3],
      Float32Array.from({ length: 3 * count }, (_, i) => Number(i % 3 === 0)),
    );
    const filled = await complete(fitted.on, given, seen, use);
    const { nats } = await logProb(fitted.on, rowsOf([[0.4, null, null]]), use);
    await tested(
      Array.from({ length: count }, (_, n) => filled.data[3 * n + 1]!),
      line.map((v) => [0.4, v, null]),
      nats[0]!,
    );
  });
});

describe("widths", () => {
  it("follow the rules: Scott n^(−1/(d+4)) σ, Silverman (n (d+2)/4)^(−1/(d+4)) σ", async () => {
    const sigma = [0, 1, 2].map((i) => {
      const column = Array.from({ length: 60 }, (_, n) => x.data[3 * n + i]!);
      const mean = column.reduce((a, b) => a + b, 0) / 60;
      return Math.sqrt(column.reduce((sum, v) => sum + (v - mean) ** 2, 0) / 59);
    });
    const widths = async (bandwidth: string) =>
      ((await learned(x, { bandwidth })).on.params as unknown as KernelParams).widths.data;
    expect(
      farthest(
        await widths("scott"),
        sigma.map((s) => s * 60 ** (-1 / 7)),
      ),
    ).toBeLessThan(1e-12);
    expect(
      farthest(
        await widths("silverman"),
        sigma.map((s) => s * 75 ** (-1 / 7)),
      ),
    ).toBeLessThan(1e-12);
    const best = (await widths("cross-validation"))[0]! / sigma[0]!;
    const matrix = { rows: 60, columns: 3, data: x.data };
    const rated = (factor: number) => leaveOneOut(matrix, Float64Array.from(sigma), factor);
    for (const other of [0.9, 1.1, 0.5, 2]) expect(rated(best)).toBeGreaterThan(rated(best * other));
  });

  it("of a constant column cannot be found, which one sentence says", async () => {
    const rows = rowsOf([
      [1, 2],
      [2, 2],
      [3, 2],
    ]);
    await expect(learned(rows, {})).rejects.toThrow(/"x1" is 2 in every training example.*--drop/);
    await expect(
      learned(
        rowsOf([
          [1, null],
          [2, null],
        ]),
        {},
      ),
    ).rejects.toThrow(/takes no gaps.*"x1"/);
  });
});
