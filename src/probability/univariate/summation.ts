import { type Effort, type Measured, spend } from "./quadrature.ts";

/** Runs of whole numbers up to this long are added one by one. */
const SINGLE = 4096;

/** How far the last two results of a run may differ, in shares of the whole. */
const SETTLED = 1e-11;

function addedUp(f: (k: number) => number, first: number, count: number): Measured {
  let [value, size] = [0, 0];
  for (let i = 0; i < count; i++) {
    const term = f(first + i);
    value += term;
    size += Math.abs(term);
  }
  return { value, size };
}

/** Strides of the trapezoidal rule: the last cuts a run into 64. */
const ROUNDS = 5;

/** The value at stride 1 of the polynomial in h² through sums with strides h, h/2, …; the last before its newest point too. */
function carriedToOne(sums: readonly number[], strides: readonly number[]): { value: number; before: number } {
  let row: number[] = [];
  let before = Number.NaN;
  sums.forEach((sum, r) => {
    const next = [sum];
    row.forEach((older, j) => {
      const [far, near] = [strides[r - j - 1]!, strides[r]!];
      const ratio = ((near / far) ** 2 * (1 - near ** -2)) / (1 - far ** -2);
      next.push((next[j]! - ratio * older) / (1 - ratio));
    });
    before = row.at(-1) ?? Number.NaN;
    row = next;
  });
  return { value: row.at(-1)!, before };
}

/**
 * Σ f(k) over `count` whole numbers from `first` on, `count` a power of two: one by one where they are few. Else trapezoidal
 * sums with strides h, h/2, … are carried on to stride 1, for they differ by a polynomial in h² (Euler and Maclaurin; Romberg
 * 1955 carries them on to 0); runs where that does not settle are halved. f(first + count) must be at hand.
 */
export function summed(
  f: (k: number) => number,
  first: number,
  count: number,
  whole: number,
  effort: Effort,
): Measured {
  spend(effort, 1);
  if (count <= SINGLE) return addedUp(f, first, count);
  const [start, end] = [f(first), f(first + count)];
  const [sums, strides]: [number[], number[]] = [[], []];
  let inner = (start + end) / 2;
  let size = (Math.abs(start) + Math.abs(end)) / 2;
  for (let round = 0; round < ROUNDS; round++) {
    const stride = count / (4 << round);
    const step = round === 0 ? stride : 2 * stride;
    const more = addedUp((i) => f(first + stride + i * step), 0, round === 0 ? 3 : 2 << round);
    inner += more.value;
    size += more.size;
    sums.push(stride * inner);
    strides.push(stride);
  }
  const { value, before } = carriedToOne(sums, strides);
  const absolute = strides.at(-1)! * size;
  if (!(Math.abs(value - before) > SETTLED * (whole + absolute)))
    return { value: value + (start - end) / 2, size: absolute };
  const left = summed(f, first, count / 2, whole + absolute, effort);
  const right = summed(f, first + count / 2, count / 2, whole + absolute, effort);
  return { value: left.value + right.value, size: left.size + right.size };
}
