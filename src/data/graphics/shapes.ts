import { cosine, sine } from "../trig.ts";
import type { Ranges } from "./factors.ts";
import { shapeDistance, shapeNames } from "./outlines.ts";

/** What a picture of a shape is drawn from. Lengths are fractions of the picture's side, angles radians. */
export interface ShapeFactors {
  /** 0 to 6: the whole part is a place in `shapeNames`. */
  readonly shape: number;
  /** Radius of the circle around the shape. */
  readonly scale: number;
  /** Turn, clockwise. */
  readonly rotation: number;
  /** Centre, from the middle of the picture. */
  readonly x: number;
  readonly y: number;
  /** Hues of shape and ground in turns; seen in colour pictures only. */
  readonly hue: number;
  readonly paper: number;
}

/** How the pictures of the data set `shapes` vary. */
export const shapeRanges: Ranges<keyof ShapeFactors> = {
  shape: [0, shapeNames.length],
  scale: [0.16, 0.32],
  rotation: [-Math.PI, Math.PI],
  x: [-0.16, 0.16],
  y: [-0.16, 0.16],
  hue: [0, 1],
  paper: [0, 1],
};

/** Writes the signed distance field of a shape, in pixels. */
export function traceShape(distance: Float32Array, size: number, f: ShapeFactors): void {
  const name = shapeNames[Math.min(shapeNames.length - 1, Math.floor(f.shape))]!;
  const radius = f.scale * size;
  const [cos, sin] = [cosine(f.rotation), sine(f.rotation)];
  const reach = radius + 1;
  distance.fill(size);
  for (let row = 0; row < size; row++)
    for (let column = 0; column < size; column++) {
      const x = column + 0.5 - size * (0.5 + f.x);
      const y = row + 0.5 - size * (0.5 + f.y);
      if (x * x + y * y > reach * reach) continue;
      distance[row * size + column] =
        radius * shapeDistance(name, (cos * x + sin * y) / radius, (cos * y - sin * x) / radius);
    }
}
