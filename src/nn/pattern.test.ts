import { describe, expect, test } from "vitest";
import { reference } from "../../tests/support/reference.ts";
import { type HostArray, int64, toNumbers } from "../base/host.ts";
import { gradients, type Tensor } from "../graph/index.ts";
import { key, normal } from "../random/index.ts";
import { local1d, local2d, type Pattern, selfAttention } from "./index.ts";
import { visibility } from "./pattern.ts";

const patterns: Record<string, Pattern> = {
  "1-D blocks of 3 with a memory of 2": local1d(10, 3, 2),
  "1-D blocks with a memory longer than a block": local1d(8, 2, 5),
  "2-D blocks of 2×3 in images of 4×5 with 2 colours": local2d({
    height: 4,
    width: 5,
    colours: 2,
    block: [2, 3],
    memory: [1, 1],
  }),
};

describe.each(Object.entries(patterns))("%s", (_, pattern) => {
  const length = pattern.starts.at(-1)!;
  const sees = visibility(pattern);
  const layer = selfAttention({ width: 4, heads: 2, pattern, rotary: true });
  const params = layer.init(key(1));
  const x = normal(key(2), [1, length, 4]);
  const whole = toNumbers(
    reference((p: never, input: Tensor) => layer.apply(p, input))(params, x) as unknown as HostArray,
  );

  test("a position has a derivative with respect to exactly what it sees", () => {
    for (let query = 0; query < length; query++) {
      const slopes = reference(
        (p: never, input: Tensor) =>
          gradients(
            layer
              .apply(p, input)
              .slice(1, query, query + 1)
              .sum(),
            [input],
          )[0]!,
      )(params, x) as unknown as HostArray;
      const g = toNumbers(slopes);
      for (let at = 0; at < length; at++)
        expect([query, at, g.slice(4 * at, 4 * at + 4).some((slope) => slope !== 0)]).toEqual([
          query,
          at,
          sees(query, at),
        ]);
    }
  });

  test.each([3, 7, 50])("step by step, in segments of %i, gives the same", (segment) => {
    let cache: unknown = layer.initCache(1, segment);
    for (let at = 0; at < length; at++) {
      const step = reference((p: never, row: Tensor, c: never, position: Tensor) => {
        const next = layer.step(p, row, c, position);
        return (at + 1) % segment === 0 ? { ...next, cache: layer.extend(next.cache, segment) } : next;
      });
      const row = normal(key(2), [1, 4], { offset: 4 * at });
      const done = step(params, row, cache, int64([at], [])) as unknown as { y: HostArray; cache: unknown };
      toNumbers(done.y).forEach((value, i) => {
        expect(value).toBeCloseTo(whole[4 * at + i]!, 9);
      });
      cache = done.cache;
    }
  });
});

test("a 2-D block sees what lies around it and comes before it", () => {
  const { starts, memory } = local2d({ height: 4, width: 6, colours: 1, block: [2, 2], memory: [1, 1] });
  expect(starts).toEqual([0, 4, 8, 12, 16, 20, 24]);
  // block 4 holds columns 2 and 3 of rows 2 and 3; around it: row 1 of columns 1 to 4, and column 1 of rows 2 and 3
  const values = [3, 6, 7, 10, 13, 15]; // their numbers in the order of generation, each held one position later
  expect(memory[4]).toEqual(values.map((k) => k + 1).filter((position) => position < 16));
});

test("a 1-D block sees as many positions before it as its memory holds", () => {
  const { starts, memory } = local1d(7, 3, 4);
  expect(starts).toEqual([0, 3, 6, 7]);
  expect(memory).toEqual([[], [0, 1, 2], [2, 3, 4, 5]]);
});
