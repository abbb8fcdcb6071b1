import { describe, expect, it } from "vitest";
import { key, uniform } from "../../random/index.ts";
import { pickRows } from "./matrix.ts";
import { groupsByOrder, uniformsOf } from "./orders.ts";

describe("groups of examples by order", () => {
  it("are plain ranges where there is one order", () => {
    expect(groupsByOrder(5, 2, 1, key(0))).toEqual([
      { order: 0, examples: [0, 1] },
      { order: 0, examples: [2, 3] },
      { order: 0, examples: [4] },
    ]);
  });

  it("hold each example in the order drawn for it, however many there are, in few sizes", () => {
    const orderOf = (count: number) => {
      const found = new Map<number, number>();
      for (const { order, examples } of groupsByOrder(count, 16, 3, key(1))) {
        expect([1, 2, 4, 8, 16]).toContain(examples.length);
        for (const example of examples) {
          expect(found.get(example) ?? order).toBe(order);
          found.set(example, order);
        }
      }
      return found;
    };
    const [few, many] = [orderOf(10), orderOf(100)];
    expect([...many.keys()].toSorted((a, b) => a - b)).toEqual([...Array(100).keys()]);
    for (const [example, order] of few) expect(many.get(example)).toBe(order);
    for (let order = 0; order < 3; order++) {
      const share = [...many.values()].filter((one) => one === order).length;
      expect(share).toBeGreaterThan(15);
    }
  });

  it("give each example the uniforms of its number", () => {
    const all = uniform(key(2), [6, 4]);
    expect(uniformsOf(key(2), [4, 1, 1], 4).data).toEqual(pickRows(all, [4, 1, 1]).data);
  });
});
