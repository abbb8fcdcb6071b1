import { describe, expect, test } from "vitest";
import { evaluate, f64, reference } from "../../tests/support/reference.ts";
import { type HostArray, int64, toNumbers } from "../base/host.ts";
import { mapTree } from "../base/tree.ts";
import { gradients, type Tensor } from "../graph/index.ts";
import { key, normal } from "../random/index.ts";
import { crossAttention, rotary, scaledDotProduct, selfAttention, transformer } from "./index.ts";

const x = normal(key(1), [2, 6, 8]);
const model = transformer({ width: 8, heads: 2, layers: 2, causal: true, rotary: true });
const params = model.init(key(2));

describe("causality", () => {
  test("a position has zero derivative with respect to all later inputs, and none other is zero", () => {
    const slopes = reference(
      (p: never, input: Tensor) => gradients(model.apply(p, input).slice(1, 2, 3).square().sum(), [input])[0]!,
    );
    const g = slopes(params, x) as unknown as HostArray;
    const size = (b: number, t: number) =>
      toNumbers(g)
        .slice((b * 6 + t) * 8, (b * 6 + t + 1) * 8)
        .reduce((sum, v) => sum + Math.abs(v), 0);
    for (const b of [0, 1]) {
      for (const t of [0, 1, 2]) expect(size(b, t)).toBeGreaterThan(0);
      for (const t of [3, 4, 5]) expect(size(b, t)).toBe(0);
    }
  });

  test("without a mask every position matters", () => {
    const layer = selfAttention({ width: 8, heads: 2 });
    const slopes = reference(
      (p: never, input: Tensor) => gradients(layer.apply(p, input).slice(1, 0, 1).sum(), [input])[0]!,
    );
    expect(toNumbers(slopes(layer.init(key(3)), x) as unknown as HostArray).every((v) => v !== 0)).toBe(true);
  });
});

describe("cached attention", () => {
  const whole = toNumbers(
    reference((p: never, input: Tensor) => model.apply(p, input))(params, x) as unknown as HostArray,
  );

  /** Runs the model over x position by position, settling the cache after each run of `segment`. */
  function inSegments(segment: number): number[] {
    let cache: unknown = mapTree(model.initCache(2, segment), (leaf: HostArray) => leaf);
    const rows: number[][] = [[], []];
    for (let at = 0; at < 6; at++) {
      const part = f64(
        [0, 1].flatMap((b) => toNumbers(x).slice((b * 6 + at) * 8, (b * 6 + at + 1) * 8)),
        [2, 8],
      );
      const step = reference((p: never, input: Tensor, c: never, position: Tensor) => {
        const { y, cache: next } = model.step(p, input, c, position);
        return { y, cache: (at + 1) % segment === 0 ? model.extend(next, segment) : next };
      });
      const out = step(params, part, cache, int64([at], [])) as unknown as { y: HostArray; cache: unknown };
      const y = toNumbers(out.y);
      [0, 1].forEach((b) => {
        rows[b]!.push(...y.slice(b * 8, (b + 1) * 8));
      });
      cache = out.cache;
    }
    return rows.flat();
  }

  test.each([1, 2, 4, 6, 9])("in segments of %i equals the whole at once", (segment) => {
    inSegments(segment).forEach((value, i) => {
      expect(value).toBeCloseTo(whole[i]!, 9);
    });
  });
});

test("attention is the weighted mean of the values", () => {
  const [q, k, v] = [f64([1, 0], [1, 2]), f64([2, 1, -1, 0.5], [2, 2]), f64([10, 20], [2, 1])];
  const weight = 1 / (1 + Math.exp(-3 / Math.SQRT2));
  expect(evaluate((a: Tensor, b: Tensor, c: Tensor) => scaledDotProduct(a, b, c), q, k, v)[0]).toBeCloseTo(
    10 * weight + 20 * (1 - weight),
    6,
  );
});

test("cross-attention to a single context position returns its projected value everywhere", () => {
  const layer = crossAttention(8, 4, 2);
  const p = layer.init(key(4));
  const y = toNumbers(
    reference((params: never, a: Tensor, c: Tensor) => layer.apply(params, a, c))(
      p,
      x,
      normal(key(5), [2, 1, 4]),
    ) as unknown as HostArray,
  );
  for (let t = 1; t < 6; t++) expect(y[t * 8]).toBeCloseTo(y[0]!, 9);
  expect(y[6 * 8]).not.toBeCloseTo(y[0]!, 3);
});

test("rotary products depend on the distance of positions only, and lengths stay", () => {
  const turned = evaluate(
    (q: Tensor) => rotary(q, { first: 7 }),
    f64(Array.from({ length: 7 }, () => [0.3, -1, 2, 0.7]).flat(), [7, 4]),
  );
  const row = (t: number) => turned.slice(4 * t, 4 * t + 4);
  const dot = (s: number, t: number) => row(s).reduce((sum, v, i) => sum + v * row(t)[i]!, 0);
  expect(dot(0, 2)).toBeCloseTo(dot(4, 6), 6);
  expect(dot(3, 3)).toBeCloseTo(dot(0, 0), 6);
  expect(Math.abs(dot(0, 2) - dot(0, 3))).toBeGreaterThan(0.1);
});
