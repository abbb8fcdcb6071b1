import { describe, expect, it } from "vitest";
import { fittedTo, rowsOf, tableData } from "../../../tests/support/tables.ts";
import { HostArray } from "../../base/host.ts";
import type { Column } from "../../data/table/types.ts";
import { key, normal, uniform } from "../../random/index.ts";
import { bind } from "../bound.ts";
import type { Capabilities, GenerativeModel } from "../contract.ts";
import { bayesianNetworkEntry as entry } from "./bayesian-network.ts";
import { learntOfParams, paramsOf } from "./conditionals.ts";

const columns: Column[] = [
  { name: "smoker", kind: "categorical", levels: ["no", "yes"] },
  { name: "pressure", kind: "real" },
  { name: "ill", kind: "categorical", levels: ["no", "yes"] },
];

/** Smoking raises the pressure by 8; above 128 one is ill. */
function rows(count: number) {
  const [u, z] = [uniform(key(1), [count, 2]).data, normal(key(2), [count]).data];
  return rowsOf(
    Array.from({ length: count }, (_, i) => {
      const smoker = Number(u[2 * i]! < 0.4);
      const pressure = 120 + 8 * smoker + 6 * z[i]!;
      return [smoker, pressure, Number(u[2 * i + 1]! < 1 / (1 + Math.exp((128 - pressure) / 2)))];
    }),
  );
}

type Network = GenerativeModel<"sample" | "logProb" | "complete"> & Pick<Capabilities, "classify">;
const x = rows(600);
const use = { key: key(5) };

describe("a network of mixed columns", () => {
  it("has real columns below discrete ones, and rates a gap as the integral over it", async () => {
    const { model, on } = await fittedTo(entry, tableData(columns, x));
    const { parents } = learntOfParams(on.params, columns);
    expect([parents[0], parents[2]].flat()).not.toContain("pressure");
    expect(parents[1]).toContain("smoker");
    const step = 0.25;
    const all = Array.from({ length: 320 }, (_, i) => [1, 90 + step * i, 1]);
    const { nats } = await (model as Network).logProb(on, rowsOf([...all, [1, null, 1]]), use);
    const integral = nats.subarray(0, all.length).reduce((sum, log) => sum + Math.exp(log) * step, 0);
    expect(nats.at(-1)).toBeCloseTo(Math.log(integral), 6);
  });

  it("refuses in a sentence what does not go with real columns", () => {
    const make = (options: object) => () =>
      entry.make(entry.options.parse(options), tableData(columns, x).dataset.spec);
    expect(make({ structure: "pc" })).toThrow('structure=pc is for columns with levels alone, and "pressure" is real');
    expect(make({ score: "bdeu" })).toThrow("The score bdeu is for columns with levels alone");
    expect(make({ structure: "given", arrows: "pressure>ill" })).toThrow("takes --set conditionals=neural");
    expect(make({ structure: "given", arrows: "presure>ill" })).toThrow('did you mean "pressure"?');
    expect(make({ structure: "ges", score: "k2" })).toThrow("Equivalent structures differ in K2");
  });
});

describe("a network with neural conditionals", () => {
  it("lets a real column lead to one with levels; whole rows are exact, gaps by weighting, and parameters come back", async () => {
    const options = {
      conditionals: "neural",
      structure: "given",
      arrows: "smoker>pressure,pressure>ill",
      hidden: 6,
      neuralSteps: 150,
    };
    const { model, on } = await fittedTo(entry, tableData(columns, x), { ...options, samples: 500 });
    const network = model as Network;
    const whole = await network.logProb(on, x, use);
    expect([whole.kind, whole.nats.every(Number.isFinite)]).toEqual(["exact", true]);
    const again = bind(on.runtime, paramsOf(learntOfParams(on.params, columns)));
    expect((await network.logProb(again, x, use)).nats).toEqual(whole.nats);
    const { data: logs } = await network.classify(
      on,
      rowsOf([
        [0, 110, null],
        [0, 140, null],
      ] as (number | null)[][]),
      use,
    );
    expect(Math.exp(logs[0]!)).toBeGreaterThan(0.9);
    expect(Math.exp(logs[3]!)).toBeGreaterThan(0.9);
    const gap = rowsOf([[null, 135, 1]]);
    const near = await network.logProb(on, gap, use);
    const parts = (
      await network.logProb(
        on,
        rowsOf([
          [0, 135, 1],
          [1, 135, 1],
        ]),
        use,
      )
    ).nats;
    expect(near.kind).toBe("estimate");
    expect(Math.abs(near.nats[0]! - Math.log(Math.exp(parts[0]!) + Math.exp(parts[1]!)))).toBeLessThan(0.15);
    const shown = new HostArray("float32", [1, 3], Float32Array.of(0, 1, 1));
    const filled = await network.complete(on, gap, shown, use);
    expect(filled.data.slice(1)).toEqual(Float64Array.of(135, 1));
    const drawn = await network.sample(on, { count: 400, key: key(6) });
    const ill = (high: boolean) => {
      const own = Array.from({ length: 400 }, (_, i) => i).filter((i) => drawn.data[3 * i + 1]! > 128 === high);
      return own.reduce((sum, i) => sum + drawn.data[3 * i + 2]!, 0) / own.length;
    };
    expect(ill(true) - ill(false)).toBeGreaterThan(0.4);
  });

  it("of discrete columns become tables, so that gaps are exact", async () => {
    const discrete = [columns[0]!, columns[2]!];
    const two = rowsOf(Array.from({ length: 300 }, (_, i) => [x.data[3 * i]!, x.data[3 * i + 2]!]));
    const options = { conditionals: "neural", structure: "given", arrows: "smoker>ill", hidden: 4, neuralSteps: 60 };
    const { model, on } = await fittedTo(entry, tableData(discrete, two), options);
    const { kind, nats } = await (model as Network).logProb(
      on,
      rowsOf([
        [null, 1],
        [0, 1],
        [1, 1],
      ]),
      use,
    );
    expect(kind).toBe("exact");
    expect(Math.exp(nats[0]!)).toBeCloseTo(Math.exp(nats[1]!) + Math.exp(nats[2]!), 9);
  });
});
