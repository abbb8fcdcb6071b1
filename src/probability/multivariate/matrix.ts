import { ShapeError } from "../../base/errors.ts";

export {
  cholesky,
  logDiagonal,
  type Matrix,
  type MatrixLike,
  matrixOf,
  rowOf,
  solveLower,
  square,
  submatrix,
} from "../../numeric/linear/index.ts";

/** The sum of some numbers. */
export const sum = (x: ArrayLike<number>): number => {
  let total = 0;
  for (let i = 0; i < x.length; i++) total += x[i]!;
  return total;
};

/** Refuses a vector of another length. */
export function checkLength(family: string, x: ArrayLike<number>, dimension: number): void {
  if (x.length !== dimension)
    throw new ShapeError(`${family} has ${dimension} coordinates; got a vector of ${x.length}.`);
}
