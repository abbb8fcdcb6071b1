import { ShapeError } from "./errors.ts";

/** Sizes of an array's axes, outermost first; `[]` is a scalar. */
export type Shape = readonly number[];

/** Number of elements of a shape. */
export function sizeOf(shape: Shape): number {
  return shape.reduce((product, dim) => product * dim, 1);
}

/** Row-major strides of a shape, in elements. */
export function stridesOf(shape: Shape): number[] {
  const strides = new Array<number>(shape.length);
  let stride = 1;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    strides[axis] = stride;
    stride *= shape[axis]!;
  }
  return strides;
}

/** Whether two shapes are the same. */
export function sameShape(a: Shape, b: Shape): boolean {
  return a.length === b.length && a.every((dim, axis) => dim === b[axis]);
}

/** `[2, 3]` as people write it. */
export function showShape(shape: Shape): string {
  return `[${shape.join(", ")}]`;
}

/** The common shape of several under NumPy's broadcasting rule; throws when there is none. */
export function broadcastShapes(...shapes: Shape[]): number[] {
  const rank = Math.max(0, ...shapes.map((shape) => shape.length));
  const result = new Array<number>(rank).fill(1);
  for (const shape of shapes) {
    shape.forEach((dim, i) => {
      const axis = rank - shape.length + i;
      if (dim === 1 || dim === result[axis]) return;
      if (result[axis] !== 1) throw new ShapeError(`shapes ${shapes.map(showShape).join(" and ")} do not broadcast`);
      result[axis] = dim;
    });
  }
  return result;
}

/** Turns a possibly negative axis into 0..rank-1; throws when it lies outside. */
export function normalizeAxis(axis: number, rank: number): number {
  const positive = axis < 0 ? axis + rank : axis;
  if (!Number.isInteger(axis) || positive < 0 || positive >= rank)
    throw new ShapeError(`axis ${axis} is out of range for rank ${rank}`);
  return positive;
}
