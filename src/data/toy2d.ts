import { UsageError } from "../base/errors.ts";
import { unknownName } from "../base/suggest.ts";
import { checkerboard } from "./toy/checkerboard.ts";
import { type Curve, curves } from "./toy/curves.ts";
import { gaussians, onCircle, onGrid, separateEntropy } from "./toy/gaussians.ts";
import { pinwheel } from "./toy/pinwheel.ts";
import type { Toy } from "./toy/toy.ts";
import { cosine, sine } from "./trig.ts";

export type { Toy, ToyDraw } from "./toy/toy.ts";

const ring = (radius: number): Curve => ({
  at: (t) => [radius * cosine(2 * Math.PI * t), radius * sine(2 * Math.PI * t)],
});

const moon = (sign: 1 | -1, x: number, y: number): Curve => ({
  at: (t) => [2 * (x + sign * cosine(Math.PI * t)) - 1, 2 * (y + sign * sine(Math.PI * t)) - 0.2],
});

const spiral = (sign: 1 | -1): Curve => ({
  at: (t) => {
    const n = Math.sqrt(t) * 3 * Math.PI;
    return [(-sign * n * cosine(n)) / 3, (sign * n * sine(n)) / 3];
  },
  box: sign / 6,
});

const roll: Curve = {
  at: (t) => {
    const n = 1.5 * Math.PI * (1 + 2 * t);
    return [(n * cosine(n)) / 5, (n * sine(n)) / 5];
  },
};

const GRID = "-∫ p log p on a grid; p in closed form";
const APART = "ln n + ln(2πe σ²), the Gaussians being far apart";

/**
 * The usual densities in the plane, at the scales of FFJORD's generators (Grathwohl et al. 2018, arXiv 1810.01367),
 * `25-grid` of WGAN-GP (Gulrajani et al. 2017, arXiv 1704.00028) and the ring of eight of unrolled GANs (Metz et al.
 * 2016, arXiv 1611.02163). Entropies were integrated with steps of at most 0.08 and are good to the last digit written.
 */
const toys = {
  "8gaussians": gaussians(onCircle(8, 4 / Math.SQRT2), 0.5 / Math.SQRT2, 2.8316, GRID),
  checkerboard,
  "2spirals": curves([spiral(1), spiral(-1)], 0.1, 2.6454),
  rings: curves([0.75, 1.5, 2.25, 3].map(ring), 0.08, 2.6232),
  moons: curves([moon(1, 0, 0), moon(-1, 1, 0.5)], 0.2, 2.3939),
  circles: curves([ring(3), ring(1.5)], 0.24, 3.2681),
  swissroll: curves([roll], 0.2, 2.6696),
  "25-grid": gaussians(
    onGrid(5, 1 / Math.SQRT2),
    0.05 / (2 * Math.SQRT2),
    separateEntropy(25, 0.05 / (2 * Math.SQRT2)),
    APART,
  ),
  "8-ring": gaussians(onCircle(8, 2), 0.02, separateEntropy(8, 0.02), APART),
  pinwheel: pinwheel(2.3178),
} satisfies Record<string, Toy>;

/** Names of the toy densities. */
export const toyNames = Object.keys(toys) as readonly (keyof typeof toys)[];

/** The toy density of a name. */
export function toy2d(name: string): Toy {
  if (!Object.hasOwn(toys, name)) throw new UsageError(unknownName("toy density", name, toyNames));
  return toys[name as keyof typeof toys];
}
