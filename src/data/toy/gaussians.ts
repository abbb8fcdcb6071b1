import { logSumExp } from "../../base/log-sum-exp.ts";
import { cosine, sine } from "../trig.ts";
import { drawNoise, type Toy } from "./toy.ts";

type Point = readonly [x: number, y: number];

/** Entropy of `n` round Gaussians so far apart that they do not overlap: ln n + ln(2πe σ²). */
export function separateEntropy(n: number, deviation: number): number {
  return Math.log(n) + Math.log(2 * Math.PI * Math.E * deviation ** 2);
}

/** Equal round Gaussians around the given centres. */
export function gaussians(centres: readonly Point[], deviation: number, entropy: number, via: string): Toy {
  const n = centres.length;
  const norm = -Math.log(n * 2 * Math.PI * deviation ** 2);
  return {
    components: n,
    entropy,
    via,
    sample(k, count) {
      const { u, z } = drawNoise(k, count, 1, 2);
      const labels = Uint8Array.from({ length: count }, (_, i) => Math.floor(u(i, 0) * n));
      const x = new Float32Array(2 * count);
      for (let i = 0; i < x.length; i++) x[i] = centres[labels[i >> 1]!]![i & 1]! + deviation * z(i >> 1, i & 1);
      return { x, labels };
    },
    logProb: (x, y) =>
      norm + logSumExp(centres.map(([cx, cy]) => -((x - cx) ** 2 + (y - cy) ** 2) / (2 * deviation ** 2))),
  };
}

/** `n` centres evenly on a circle, the first on the positive x axis. */
export function onCircle(n: number, radius: number): Point[] {
  const angle = (i: number) => (2 * Math.PI * i) / n;
  return Array.from({ length: n }, (_, i) => [radius * cosine(angle(i)), radius * sine(angle(i))]);
}

/** side × side centres on a square grid around the origin. */
export function onGrid(side: number, spacing: number): Point[] {
  const at = (i: number) => (i - (side - 1) / 2) * spacing;
  return Array.from({ length: side * side }, (_, i) => [at(i % side), at(Math.floor(i / side))]);
}
