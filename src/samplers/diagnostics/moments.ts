/** The mean of numbers. */
export function meanOf(x: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < x.length; i++) sum += x[i]!;
  return sum / x.length;
}

/** The variance of numbers, over n − `lost` of them. */
export function varianceOf(x: ArrayLike<number>, lost = 1): number {
  const mean = meanOf(x);
  let sum = 0;
  for (let i = 0; i < x.length; i++) sum += (x[i]! - mean) ** 2;
  return sum / (x.length - lost);
}
