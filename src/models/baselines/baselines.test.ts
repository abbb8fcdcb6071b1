import { describe, expect, it } from "vitest";
import { float32, HostArray } from "../../base/host.ts";
import { sizeOf } from "../../base/shape.ts";
import type { DataSpec } from "../../data/types.ts";
import { key, uniform } from "../../random/index.ts";
import { referenceRuntime } from "../../runtime/index.ts";
import { bind } from "../bound.ts";
import type { AnyModel, Capabilities, ClosedForm, Params } from "../contract.ts";
import { bernoulli } from "./bernoulli.ts";
import { contextsOf } from "./contexts.ts";
import { bernoulliMixture } from "./mixture/mixture.ts";
import { conditionalTable, smoothed } from "./table.ts";

const runtime = referenceRuntime();
type Floats = HostArray<"float32">;

/** Parameters after so many rounds over the examples. */
async function fitted(model: AnyModel, x: Floats, rounds = 1): Promise<Params> {
  const learning = model.learning as ClosedForm;
  let params = (await learning.start?.(runtime, x, key(1))) ?? model.init(key(0));
  for (let round = 0; round < rounds; round++) {
    const sums = learning.zeros();
    await learning.add(sums, bind(runtime, params), x);
    params = learning.solve(sums, x.shape[0]!);
  }
  return params;
}

/** All binary vectors of a length, and how often each is among the examples. */
const everyVector = (size: number) =>
  float32(
    Array.from({ length: 2 ** size * size }, (_, at) => (Math.floor(at / size) >> (at % size)) & 1),
    [2 ** size, size],
  );

const probabilities = async (model: AnyModel & Pick<Capabilities, "logProb">, params: Params, x: Floats) =>
  Array.from((await model.logProb(bind(runtime, params), x, { key: key(0) })).nats, Math.exp);

const vectors = (size: number): DataSpec => ({ shape: [size], values: "binary" });

describe("independent variables", () => {
  it("have the smoothed frequencies of their values", async () => {
    const model = bernoulli({ smoothing: 1 }, vectors(2));
    const params = await fitted(model, float32([1, 0, 1, 0, 1, 0, 0, 0], [4, 2]));
    const [p00, p10, p01, p11] = await probabilities(model, params, everyVector(2));
    expect(p10).toBeCloseTo((4 / 6) * (5 / 6), 6);
    expect(p00! + p10! + p01! + p11!).toBeCloseTo(1, 6);
    expect(p01! + p11!).toBeCloseTo(1 / 6, 6);
  });

  it("give 256 values of bytes probabilities that sum to one", async () => {
    const model = bernoulli({}, { shape: [1], values: "bytes" });
    const values = float32(
      Array.from({ length: 256 }, (_, value) => value / 255),
      [256, 1],
    );
    const params = await fitted(model, float32([7 / 255, 7 / 255, 200 / 255], [3, 1]));
    const p = await probabilities(model, params, values);
    expect(p.reduce((a, b) => a + b, 0)).toBeCloseTo(1, 6);
    expect(p[7]).toBeCloseTo(2.5 / 131, 6);
    expect(p[200]).toBeCloseTo(1.5 / 131, 6);
  });

  it("refuse what cannot be counted", () => {
    expect(() => bernoulli({}, { shape: [2], values: "real" })).toThrow(/binary data, bytes/);
    expect(() => bernoulli({}, { shape: [2], values: "tokens", vocabulary: 3 })).toThrow(/binary data and bytes/);
    expect(() => conditionalTable({}, { shape: [2], values: "bytes" })).toThrow(/--binarize/);
  });
});

describe("contexts", () => {
  it("are the nearest earlier pixels of images, the last variables of vectors", () => {
    const image = contextsOf([1, 4, 4], 4);
    expect(Array.from(image[0]!)).toEqual([]);
    expect(Array.from(image[2]!)).toEqual([1, 0]);
    expect(Array.from(image[10]!)).toEqual([9, 6, 7, 5]); // left, above, above right, above left
    expect(contextsOf([6], 2).map((one) => Array.from(one))).toEqual([[], [0], [1, 0], [2, 1], [3, 2], [4, 3]]);
  });

  it("leave out none that is nearer", () => {
    const [height, width, order] = [7, 5, 6];
    const far = (a: number, b: number) =>
      (Math.floor(a / width) - Math.floor(b / width)) ** 2 + ((a % width) - (b % width)) ** 2;
    contextsOf([1, height, width], order).forEach((context, i) => {
      const all = Array.from({ length: i }, (_, j) => far(i, j)).sort((a, b) => a - b);
      expect(Array.from(context, (j) => far(i, j))).toEqual(all.slice(0, order));
    });
  });
});

describe("conditionals by table", () => {
  it("are the joint frequencies where the context holds all that came before", async () => {
    const model = conditionalTable({ order: 2, smoothing: 1e-6 }, vectors(3));
    const x = float32([0, 0, 1, 0, 0, 1, 1, 0, 1, 1, 1, 1, 1, 1, 0], [5, 3]);
    const p = await probabilities(model, await fitted(model, x), everyVector(3));
    const expected = new Array<number>(8).fill(0);
    for (let n = 0; n < 5; n++) expected[x.data[3 * n]! + 2 * x.data[3 * n + 1]! + 4 * x.data[3 * n + 2]!]! += 0.2;
    expected.forEach((one, number) => {
      expect(p[number]).toBeCloseTo(one, 4);
    });
  });

  it("fall back on the shorter context where a longer one was not seen", () => {
    const [ones, noughts] = smoothed(Float64Array.of(3, 0), Float64Array.of(1, 0), 2);
    const shorter = (1 + 2 * 0.5) / (2 + 2); // seen in one longer context as 1 and in one as 0
    expect(ones[1]).toBeCloseTo(shorter, 12);
    expect(ones[0]).toBeCloseTo((3 + 2 * shorter) / (4 + 2), 12);
    expect(ones[0]! + noughts[0]!).toBeCloseTo(1, 12);
  });
});

describe("mixture of Bernoullis", () => {
  const [count, size] = [400, 6];
  const u = uniform(key(3), [count, size + 1]).data;
  /** Three examples of four have ones on the left, the rest on the right. */
  const x = float32(
    Array.from({ length: count * size }, (_, at) => {
      const [n, i] = [Math.floor(at / size), at % size];
      const left = u[n * (size + 1) + size]! < 0.75;
      return Number(u[n * (size + 1) + i]! < (left === i < 3 ? 0.95 : 0.05));
    }),
    [count, size],
  );
  const model = bernoulliMixture({ components: 2 }, vectors(size));

  it("finds the groups that made the data, and how large they are", async () => {
    const params = (await fitted(model, x, 20)) as unknown as { weights: Floats; logOdds: Floats };
    const shares = Array.from(params.weights.data, Math.exp);
    const larger = shares[0]! > shares[1]! ? 0 : 1;
    expect(shares[larger]).toBeGreaterThan(0.7);
    expect(shares[larger]).toBeLessThan(0.8);
    const p = Array.from(params.logOdds.data, (t) => 1 / (1 + Math.exp(-t)));
    for (let i = 0; i < size; i++) {
      const [high, low] = i < 3 ? [larger, 1 - larger] : [1 - larger, larger];
      expect(p[high * size + i]).toBeGreaterThan(0.88);
      expect(p[low * size + i]).toBeLessThan(0.12);
    }
  });

  it("never loses likelihood in a round of expectation and maximisation", async () => {
    const small = bernoulliMixture({ components: 4, smoothing: 1e-9 }, vectors(size));
    const learning = small.learning as ClosedForm;
    let params = small.init(key(5));
    let last = Number.NEGATIVE_INFINITY;
    for (let round = 0; round < 12; round++) {
      const sums = learning.zeros();
      await learning.add(sums, bind(runtime, params), x);
      expect(sums.nats![0]!).toBeGreaterThanOrEqual(last - 1e-4);
      last = sums.nats![0]!;
      params = learning.solve(sums, count);
    }
  });

  it("completes any mask by the posterior of its components", async () => {
    const params = await fitted(model, x, 20);
    const total = 3000;
    const image = float32(
      Array.from({ length: total * size }, (_, at) => Number(at % size === 4)),
      [total, size],
    );
    const observed = new HostArray("float32", [total, size], image.data.slice()); // only the fifth variable, which is 1
    const done = await model.complete(bind(runtime, params), image, observed, { key: key(6) });
    const all = everyVector(size);
    const p = await probabilities(model, params, all);
    const [given, both] = [0, 0].map((_, which) =>
      p.reduce((sum, value, n) => sum + (all.data[n * size + 4] && (which === 0 || all.data[n * size]) ? value : 0), 0),
    ) as [number, number];
    let ones = 0;
    for (let n = 0; n < total; n++) {
      ones += done.data[n * size]!;
      expect(done.data[n * size + 4]).toBe(1);
    }
    const expected = both / given;
    expect(Math.abs(ones / total - expected)).toBeLessThan(5 * Math.sqrt((expected * (1 - expected)) / total));
    expect(sizeOf(done.shape)).toBe(total * size);
  });
});
