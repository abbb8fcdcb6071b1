import { expect, test } from "vitest";
import { key } from "../random/index.ts";
import { toy2d, toyNames } from "./toy2d.ts";

/** Statistical tests with fixed seeds; each has a false-alarm rate below 1e-5. */
const EXTENT = 5; // half the side of a square that holds nearly all of every density

/** Estimates from 20,000 to 40,000 points each, made with other programs. */
const published = {
  "8gaussians": 2.834,
  checkerboard: 3.466,
  "2spirals": 2.655,
  rings: 2.621,
  moons: 2.386,
  circles: 3.287,
  swissroll: 2.658,
  "25-grid": -2.011,
  "8-ring": -2.904,
};

test.each(Object.entries(published))("the entropy of %s is near the %s of a Monte-Carlo estimate", (name, value) => {
  expect(Math.abs(toy2d(name).entropy - value)).toBeLessThan(0.02);
});

test.each(toyNames)("%s: the mean of -log p over samples is the entropy", (name) => {
  const toy = toy2d(name);
  const count = name === "2spirals" ? 1000 : 3000;
  const { x } = toy.sample(key(31), count);
  const losses = Array.from({ length: count }, (_, i) => -toy.logProb(x[2 * i]!, x[2 * i + 1]!));
  const mean = losses.reduce((sum, l) => sum + l, 0) / count;
  const variance = losses.reduce((sum, l) => sum + (l - mean) ** 2, 0) / count;
  expect(Math.abs(mean - toy.entropy)).toBeLessThan(4.5 * Math.sqrt(variance / count) + 1e-6);
});

/** Sums over a grid that is finer than the noise of the densities it is used for. */
function integrate(name: string): { mass: number; entropy: number } {
  const step = 0.12;
  const { logProb } = toy2d(name);
  let [mass, entropy] = [0, 0];
  for (let x = -EXTENT; x <= EXTENT; x += step)
    for (let y = -EXTENT; y <= EXTENT; y += step) {
      const log = logProb(x + step / 3, y + step / 7);
      const p = Math.exp(log) * step * step;
      mass += p;
      if (p > 0) entropy -= p * log;
    }
  return { mass, entropy };
}

test.each(["8gaussians", "circles", "swissroll", "pinwheel"] as const)(
  "%s: the density integrates to one and gives the entropy",
  (name) => {
    const { mass, entropy } = integrate(name);
    expect(mass).toBeCloseTo(1, 2.5);
    expect(entropy).toBeCloseTo(toy2d(name).entropy, 2);
  },
);

test.each(toyNames)("%s: samples fill cells as the density says (chi-square)", (name) => {
  const { sample, logProb } = toy2d(name);
  const count = 20_000;
  const { x } = sample(key(32), count);
  const [side, cells, inner] =
    name === "8-ring" || name === "25-grid" ? [0.1, 4, 10] : [1, 4, name === "2spirals" ? 8 : 12];
  const centre = name === "8-ring" ? [2, 0] : [0, 0];
  const corner = centre.map((c) => c - (cells * side) / 2);
  let chiSquare = 0;
  let used = 0;
  for (let a = 0; a < cells; a++)
    for (let b = 0; b < cells; b++) {
      const [left, low] = [corner[0]! + a * side, corner[1]! + b * side];
      let expected = 0;
      for (let i = 0; i < inner * inner; i++) {
        const [px, py] = [
          left + (((i % inner) + 0.5) / inner) * side,
          low + ((Math.floor(i / inner) + 0.5) / inner) * side,
        ];
        expected += (Math.exp(logProb(px, py)) * side * side * count) / (inner * inner);
      }
      if (expected < 30) continue;
      let found = 0;
      for (let i = 0; i < count; i++)
        found += Number(
          x[2 * i]! >= left && x[2 * i]! < left + side && x[2 * i + 1]! >= low && x[2 * i + 1]! < low + side,
        );
      chiSquare += (found - expected) ** 2 / expected;
      used++;
    }
  expect(used).toBeGreaterThan(0);
  expect(chiSquare).toBeLessThan(used + 5 * Math.sqrt(2 * used) + 12);
});

test.each(toyNames)("%s: point i depends on the key and i alone", (name) => {
  const { sample } = toy2d(name);
  const many = sample(key(1), 50);
  const few = sample(key(1), 20);
  expect(few.x).toEqual(many.x.subarray(0, 40));
  expect(few.labels).toEqual(many.labels.subarray(0, 20));
});

test("the checkerboard has no density between its squares", () => {
  const { logProb, sample } = toy2d("checkerboard");
  expect(logProb(0.5, 0.5)).toBe(-Math.log(32));
  expect(logProb(0.5, 2.5)).toBe(Number.NEGATIVE_INFINITY);
  expect(Math.exp(logProb(1, 1)) + Math.exp(logProb(1, 3))).toBeCloseTo(1 / 32, 12);
  expect(logProb(5, 1)).toBe(Number.NEGATIVE_INFINITY);
  const { x } = sample(key(4), 5000);
  const outside = Array.from({ length: 5000 }, (_, i) => logProb(x[2 * i]!, x[2 * i + 1]!)).filter(
    (p) => p !== -Math.log(32),
  );
  expect(outside).toEqual([]);
});

test("an unknown name gets a suggestion", () => {
  expect(() => toy2d("8gausians")).toThrow(/did you mean "8gaussians"/);
});
