/**
 * Places of an example to look at: of an image [C, H, W] nine, three rows of three, in the last channel, which sees most;
 * of other examples three.
 */
export function spreadPlaces(shape: readonly number[]): number[] {
  const at = (share: number, size: number) => Math.round(share * (size - 1));
  const shares = [0.2, 0.5, 0.8];
  const size = shape.reduce((a, b) => a * b, 1);
  if (shape.length !== 3) return unique(shares.map((share) => at(share, size)));
  const [channels, height, width] = shape as [number, number, number];
  const first = (channels - 1) * height * width;
  return unique(shares.flatMap((row) => shares.map((column) => first + at(row, height) * width + at(column, width))));
}

const unique = (places: readonly number[]) => [...new Set(places)];
