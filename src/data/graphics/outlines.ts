import { cosine, sine } from "../trig.ts";

/** The corners x0, y0, x1, y1, … of a closed outline, all within distance 1 of the origin. */
type Outline = Float64Array;

/** Points at the given angles (in turns, from the top, clockwise) and radii. */
function polar(count: number, radius: (i: number) => number): Outline {
  const corners = new Float64Array(2 * count);
  for (let i = 0; i < count; i++) {
    const angle = (2 * Math.PI * i) / count;
    corners[2 * i] = radius(i) * sine(angle);
    corners[2 * i + 1] = -radius(i) * cosine(angle);
  }
  return corners;
}

/** The heart x = sin³t, y = (13 cos t - 5 cos 2t - 2 cos 3t - cos 4t)/16, moved and shrunk into the unit circle. */
function heart(count: number): Outline {
  const corners = new Float64Array(2 * count);
  for (let i = 0; i < count; i++) {
    const t = (2 * Math.PI * i) / count;
    const y = 13 * cosine(t) - 5 * cosine(2 * t) - 2 * cosine(3 * t) - cosine(4 * t);
    corners[2 * i] = 0.92 * sine(t) ** 3;
    corners[2 * i + 1] = -0.92 * (y / 16 + 0.12);
  }
  return corners;
}

const ARM = 0.32;

/** Outlines with corners; the circle has none and is its own formula. */
const outlines = {
  square: Float64Array.of(-0.75, -0.75, 0.75, -0.75, 0.75, 0.75, -0.75, 0.75),
  triangle: polar(3, () => 1),
  star: polar(10, (i) => (i % 2 === 0 ? 1 : 0.42)),
  heart: heart(40),
  cross: Float64Array.of(
    -ARM,
    -0.92,
    ARM,
    -0.92,
    ARM,
    -ARM,
    0.92,
    -ARM,
    0.92,
    ARM,
    ARM,
    ARM,
    ARM,
    0.92,
    -ARM,
    0.92,
    -ARM,
    ARM,
    -0.92,
    ARM,
    -0.92,
    -ARM,
    -ARM,
    -ARM,
  ),
} satisfies Record<string, Outline>;

/** Names of the shapes, in the order of their labels. */
export const shapeNames = ["circle", "square", "triangle", "star", "heart", "cross"] as const;

/** The name of a shape. */
export type ShapeName = (typeof shapeNames)[number];

/** Signed distance from a point to a closed outline, negative inside: nearest edge, sign by crossings of a ray. */
function outlineDistance(corners: Outline, x: number, y: number): number {
  let nearest = Number.POSITIVE_INFINITY;
  let inside = false;
  let bx = corners[corners.length - 2]!;
  let by = corners[corners.length - 1]!;
  for (let i = 0; i < corners.length; i += 2) {
    const ax = corners[i]!;
    const ay = corners[i + 1]!;
    const [ex, ey] = [bx - ax, by - ay];
    const [px, py] = [x - ax, y - ay];
    const t = Math.min(1, Math.max(0, (px * ex + py * ey) / (ex * ex + ey * ey)));
    const [qx, qy] = [px - t * ex, py - t * ey];
    nearest = Math.min(nearest, qx * qx + qy * qy);
    if (ay > y !== by > y && x < ax + (ex * py) / ey) inside = !inside;
    [bx, by] = [ax, ay];
  }
  return inside ? -Math.sqrt(nearest) : Math.sqrt(nearest);
}

/** Signed distance from (x, y) to a shape that just fits into the unit circle. */
export function shapeDistance(shape: ShapeName, x: number, y: number): number {
  if (shape === "circle") return Math.sqrt(x * x + y * y) - 0.9;
  return outlineDistance(outlines[shape], x, y);
}
