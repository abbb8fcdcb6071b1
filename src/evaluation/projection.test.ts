import { describe, expect, it } from "vitest";
import { float32 } from "../base/host.ts";
import { fold, key, normal } from "../random/index.ts";
import { toPlane } from "./projection.ts";

/** Points a·u + b·v + c·w + centre in five dimensions, u, v, w orthonormal, coordinates uncorrelated by construction. */
function known(scale: readonly [number, number, number]) {
  const s = Math.SQRT1_2;
  const axes = [
    [s, 0, s, 0, 0],
    [0, 0.6, 0, 0.8, 0],
    [0, 0, 0, 0, 1],
  ]; // prettier-ignore
  const signs = Array.from({ length: 8 }, (_, i) =>
    [i & 1, (i >> 1) & 1, (i >> 2) & 1].map((bit, k) => (2 * bit - 1) * scale[k]!),
  );
  const rows = signs.map((coordinates) =>
    [10, -3, 2, 0, 7].map((centre, j) => centre + coordinates.reduce((sum, c, k) => sum + c * axes[k]![j]!, 0)),
  );
  return { signs, codes: float32(rows.flat(), [8, 5]) };
}

describe("points in the plane", () => {
  it("are the two principal components of a known covariance, larger first", () => {
    const { signs, codes } = known([3, 1, 0.1]);
    const points = toPlane(codes);
    const flip = [0, 1].map((k) => Math.sign(points[k]! / signs[0]![k]!));
    for (let i = 0; i < 8; i++)
      for (const k of [0, 1]) expect(points[2 * i + k]).toBeCloseTo(flip[k]! * signs[i]![k]!, 4);
  });

  it("keep their signs: the same for the same codes, in any order", () => {
    const { codes } = known([3, 1, 0.1]);
    const order = [5, 2, 7, 0, 1, 6, 3, 4];
    const shuffled = float32(
      order.flatMap((i) => [...codes.data.subarray(5 * i, 5 * i + 5)]),
      [8, 5],
    );
    const [points, again] = [toPlane(codes), toPlane(shuffled)];
    expect(toPlane(codes)).toEqual(points);
    order.forEach((from, to) => {
      for (const k of [0, 1]) expect(again[2 * to + k]).toBeCloseTo(points[2 * from + k]!, 4);
    });
  });

  it("have the variances that the eigenvalues of random data are", () => {
    const d = 6;
    const codes = normal(fold(key(4), "codes"), [500, d]);
    for (let i = 0; i < codes.size; i++) codes.data[i]! *= [1, 2, 5, 1, 0.5, 3][i % d]!;
    const points = toPlane(codes);
    const variance = (k: number) =>
      Array.from({ length: 500 }, (_, i) => points[2 * i + k]!).reduce((sum, v) => sum + v * v, 0) / 500;
    const covariance =
      Array.from({ length: 500 }, (_, i) => points[2 * i]! * points[2 * i + 1]!).reduce((a, b) => a + b) / 500;
    expect(variance(0)).toBeGreaterThan(22);
    expect(variance(1)).toBeGreaterThan(7.5);
    expect(variance(1)).toBeLessThan(11);
    expect(Math.abs(covariance)).toBeLessThan(1e-2);
  });

  it("are the codes themselves in two dimensions, on a line in one, and on a line where all points lie on one", () => {
    expect(toPlane(float32([1, 2, 3, 4], [2, 2]))).toEqual(Float32Array.of(1, 2, 3, 4));
    expect(toPlane(float32([1, 2], [2, 1]))).toEqual(Float32Array.of(1, 0, 2, 0));
    const line = toPlane(float32([0, 0, 0, 1, 1, 1, 2, 2, 2], [3, 3]));
    expect(Math.abs(line[4]! - line[0]!)).toBeCloseTo(2 * Math.sqrt(3), 5);
    for (const i of [1, 3, 5]) expect(line[i]).toBeCloseTo(0, 5);
  });
});
