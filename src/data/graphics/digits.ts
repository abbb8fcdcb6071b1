import { fillNormal, type Key } from "../../random/index.ts";
import { cosine, sine } from "../trig.ts";
import type { Ranges } from "./factors.ts";
import { glyphs, type Stroke } from "./glyphs.ts";
import { drawPath, flatten } from "./stroke.ts";

/** What a handwritten digit is drawn from. Lengths are fractions of the picture's side, angles radians. */
export interface DigitFactors {
  /** 0 to 10: the digit is the whole part. */
  readonly digit: number;
  /** 0 to 1: which of the digit's ways of writing. */
  readonly style: number;
  /** Shift to the right per unit of height. */
  readonly slant: number;
  /** Width of the pen's line. */
  readonly thickness: number;
  /** Height of the digit. */
  readonly scale: number;
  /** Width of the digit relative to its usual one. */
  readonly width: number;
  /** Turn, clockwise. */
  readonly rotation: number;
  /** Centre, from the middle of the picture. */
  readonly x: number;
  readonly y: number;
  /** How far the hand strays: standard deviation of the path's points, relative to the height. */
  readonly jitter: number;
  /** Hues of ink and paper in turns; seen in colour pictures only. */
  readonly hue: number;
  readonly paper: number;
}

/** How the digits of the data set `digits` vary. */
export const digitRanges: Ranges<keyof DigitFactors> = {
  digit: [0, 10],
  style: [0, 1],
  slant: [-0.12, 0.42],
  thickness: [0.055, 0.125],
  scale: [0.6, 0.74],
  width: [0.8, 1.25],
  rotation: [-0.17, 0.17],
  x: [-0.04, 0.04],
  y: [-0.04, 0.04],
  jitter: [0.005, 0.03],
  hue: [0, 1],
  paper: [0, 1],
};

const MOST_POINTS = 16;
const points = new Float64Array(2 * MOST_POINTS);
const corners = new Array<boolean>(MOST_POINTS).fill(false);
const path = new Float64Array(3 * (5 * MOST_POINTS + 1));
const strays = new Float32Array(6 * MOST_POINTS);

/** Carries the points of a stroke from the glyph's box to the picture: stray, stretch, slant, turn, scale, shift. */
function place(stroke: Stroke, f: DigitFactors, size: number, stray: number): void {
  const [cos, sin] = [cosine(f.rotation), sine(f.rotation)];
  stroke.forEach((point, i) => {
    const y = point.y + f.jitter * strays[stray + 2 * i + 1]!;
    const x = (point.x + f.jitter * strays[stray + 2 * i]!) * f.width - f.slant * y;
    points[2 * i] = size * (0.5 + f.x + f.scale * (cos * x - sin * y));
    points[2 * i + 1] = size * (0.5 + f.y + f.scale * (sin * x + cos * y));
    corners[i] = point.corner;
  });
}

/** Writes the signed distance field of a digit, in pixels; `hand` draws the jitter. */
export function traceDigit(distance: Float32Array, size: number, factors: DigitFactors, hand: Key): void {
  const styles = glyphs[Math.min(9, Math.floor(factors.digit))]!;
  const glyph = styles[Math.min(styles.length - 1, Math.floor(factors.style * styles.length))]!;
  distance.fill(size);
  fillNormal(hand, strays);
  let stray = 0;
  for (const stroke of glyph) {
    place(stroke, factors, size, stray);
    const joints = flatten(points, stroke.length, corners, 0.5 * factors.thickness * size, path);
    drawPath(distance, size, path, joints);
    stray += 2 * stroke.length;
  }
}
