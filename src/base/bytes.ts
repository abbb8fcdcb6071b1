/** The byte behind a dequantised number, as value/255; bytes that are divided by 255 already stay. */
export function requantized(value: number): number {
  return Math.min(255, Math.max(0, Math.floor(value * 256))) / 255;
}
