/** The bit of a braille letter at each of its places, by row and column. */
const dots = [
  [0x01, 0x08],
  [0x02, 0x10],
  [0x04, 0x20],
  [0x40, 0x80],
] as const;

/** A picture in braille letters, two by four dots each: a dot where `on(row, column)`. */
export function braille(height: number, width: number, on: (row: number, column: number) => boolean): string {
  const line = (top: number) =>
    Array.from({ length: Math.ceil(width / 2) }, (_, letter) => {
      let bits = 0;
      for (const [dy, pair] of dots.entries())
        for (const [dx, bit] of pair.entries()) {
          const [row, column] = [top + dy, 2 * letter + dx];
          if (row < height && column < width && on(row, column)) bits |= bit;
        }
      return String.fromCodePoint(0x2800 + bits);
    }).join("");
  return Array.from({ length: Math.ceil(height / 4) }, (_, row) => line(4 * row)).join("\n");
}

/** Images [n, C, H, W] side by side in braille letters: a dot where a pixel is brighter than one half. */
export function brailleRow(data: ArrayLike<number>, shape: readonly number[]): string {
  const [count, channels, height, width] = shape as [number, number, number, number];
  const gap = 2;
  const across = count * (width + gap) - gap;
  return braille(height, across, (row, column) => {
    const [image, x] = [Math.floor(column / (width + gap)), column % (width + gap)];
    if (x >= width) return false;
    let sum = 0;
    for (let c = 0; c < channels; c++) sum += data[((image * channels + c) * height + row) * width + x]!;
    return sum > channels / 2;
  });
}
