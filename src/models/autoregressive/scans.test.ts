import { describe, expect, it } from "vitest";
import { UsageError } from "../../base/errors.ts";
import { made } from "./made.ts";
import { SCANS, scanOrders } from "./scans.ts";

const [height, width] = [3, 4];
const scans = scanOrders({ shape: [1, height, width], values: "binary" });

describe("scan orders", () => {
  it("are eight different permutations, the raster order first", () => {
    expect(new Set(scans.map((order) => order.join())).size).toBe(SCANS);
    for (const order of scans) expect([...order].toSorted((a, b) => a - b)).toEqual([...Array(height * width).keys()]);
    expect([...scans[0]!]).toEqual([...Array(height * width).keys()]);
  });

  it("read along rows four times and along columns four times, neighbour after neighbour", () => {
    scans.forEach((order, s) => {
      const alongRows = s % 4 < 2;
      const [length, stride] = alongRows ? [width, 1] : [height, width];
      for (let k = 1; k < order.length; k++)
        if (k % length !== 0) expect([s, k, Math.abs(order[k]! - order[k - 1]!)]).toEqual([s, k, stride]);
    });
  });

  it("begin twice at each corner", () => {
    const corners = scans.map((order) => order[0]!).toSorted((a, b) => a - b);
    expect(corners).toEqual([0, 0, 3, 3, 8, 8, 11, 11]);
  });

  it("are of images of one channel alone", () => {
    expect(() => scanOrders({ shape: [12], values: "binary" })).toThrow(UsageError);
    expect(() => scanOrders({ shape: [3, 2, 2], values: "binary" })).toThrow(/one channel/);
  });

  it("are refused where a model asks for more than there are", () => {
    const data = { shape: [1, 3, 3], values: "binary" } as const;
    expect(() => made({ hidden: [8], masks: 9, orders: 9, order: "scans" }, data)).toThrow(/8 scan orders, not 9/);
  });
});
