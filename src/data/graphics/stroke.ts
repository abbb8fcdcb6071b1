/** Straight pieces that stand for one piece of curve. */
const PIECES = 5;
/** Numbers per joint of a path: x, y and the pen's radius there, in pixels. */
export const PER_JOINT = 3;

/** Catmull and Rom's cubic through p1 and p2 with outer neighbours p0 and p3, at t in [0, 1]. */
function between(p0: number, p1: number, p2: number, p3: number, t: number): number {
  const a = 3 * (p1 - p2) + p3 - p0;
  const b = 2 * p0 - 5 * p1 + 4 * p2 - p3;
  return p1 + 0.5 * t * (p2 - p0 + t * (b + t * a));
}

/**
 * Flattens a curve through `points` (x, y pairs) that bends sharply only at corners. Writes joints into `path` and
 * returns their number; the pen presses hardest in the middle of the stroke.
 */
export function flatten(
  points: Float64Array,
  count: number,
  corner: ArrayLike<boolean>,
  radius: number,
  path: Float64Array,
): number {
  let joints = 0;
  const last = count - 1;
  for (let i = 0; i < last; i++) {
    const before = i === 0 || corner[i] ? i : i - 1;
    const after = i + 1 === last || corner[i + 1] ? i + 1 : i + 2;
    for (let piece = 0; piece < PIECES || (i + 1 === last && piece === PIECES); piece++) {
      const t = piece / PIECES;
      const along = (i + t) / last;
      for (let axis = 0; axis < 2; axis++)
        path[PER_JOINT * joints + axis] = between(
          points[2 * before + axis]!,
          points[2 * i + axis]!,
          points[2 * i + 2 + axis]!,
          points[2 * after + axis]!,
          t,
        );
      path[PER_JOINT * joints++ + 2] = radius * (0.8 + 1.1 * along * (1 - along));
    }
  }
  return joints;
}

/** Pixels beyond the pen's edge that are still touched by it. */
const EDGE = 1;

/**
 * Lowers `distance` (one number per pixel of a square picture) to the signed distance, in pixels, from each pixel's
 * centre to a capsule from (x0, y0) to (x1, y1) whose radius goes from r0 to r1; pixels far away are left alone.
 */
function drawPiece(
  distance: Float32Array,
  size: number,
  x0: number,
  y0: number,
  r0: number,
  x1: number,
  y1: number,
  r1: number,
): void {
  const reach = Math.max(r0, r1) + EDGE;
  const left = Math.max(0, Math.floor(Math.min(x0, x1) - reach));
  const right = Math.min(size - 1, Math.floor(Math.max(x0, x1) + reach));
  const top = Math.max(0, Math.floor(Math.min(y0, y1) - reach));
  const bottom = Math.min(size - 1, Math.floor(Math.max(y0, y1) + reach));
  const dx = x1 - x0;
  const dy = y1 - y0;
  const scale = 1 / Math.max(dx * dx + dy * dy, 1e-12);
  for (let row = top; row <= bottom; row++)
    for (let column = left; column <= right; column++) {
      const px = column + 0.5 - x0;
      const py = row + 0.5 - y0;
      const t = Math.min(1, Math.max(0, (px * dx + py * dy) * scale));
      const ex = px - t * dx;
      const ey = py - t * dy;
      const d = Math.sqrt(ex * ex + ey * ey) - (r0 + t * (r1 - r0));
      const at = row * size + column;
      if (d < distance[at]!) distance[at] = d;
    }
}

/** Draws a flattened path; see `drawPiece`. */
export function drawPath(distance: Float32Array, size: number, path: Float64Array, joints: number): void {
  for (let i = 0; i + 1 < joints; i++) {
    const [a, b] = [PER_JOINT * i, PER_JOINT * (i + 1)];
    drawPiece(distance, size, path[a]!, path[a + 1]!, path[a + 2]!, path[b]!, path[b + 1]!, path[b + 2]!);
  }
}
