/** One curve of a plot of text: a mark for each of its places. */
export interface PlottedCurve {
  readonly mark: string;
  readonly values: readonly number[];
}

/** Curves over a logarithmic axis in lines of text, the largest value on top; where two fall on one place the first is shown. */
export function curvePlot(
  sizes: readonly number[],
  curves: readonly PlottedCurve[],
  { width = 60, height = 12 }: { readonly width?: number; readonly height?: number } = {},
): string {
  const all = curves.flatMap(({ values }) => values).filter(Number.isFinite);
  const [low, high] = [Math.min(...all), Math.max(...all)];
  const span = Math.log(sizes.at(-1)! / sizes[0]!) || 1;
  const grid = Array.from({ length: height }, () => new Array<string>(width).fill(" "));
  const column = (size: number) => Math.round((Math.log(size / sizes[0]!) / span) * (width - 1));
  const row = (value: number) => Math.round(((high - value) / (high - low || 1)) * (height - 1));
  for (const { mark, values } of [...curves].reverse())
    for (let x = 0; x < width; x++) {
      const value = interpolated(sizes.map(column), values, x);
      const isPlace = sizes.some((size) => column(size) === x);
      if (Number.isFinite(value))
        grid[row(value)]![x] = isPlace ? mark : grid[row(value)]![x] === " " ? "·" : grid[row(value)]![x]!;
    }
  const labels = [high.toPrecision(3), low.toPrecision(3)];
  const margin = Math.max(...labels.map(({ length }) => length));
  const lines = grid.map((cells, y) => {
    const label = y === 0 ? labels[0]! : y === height - 1 ? labels[1]! : "";
    return `${label.padStart(margin)} │${cells.join("").trimEnd()}`;
  });
  const [first, last] = [String(sizes[0]), String(sizes.at(-1))];
  const axis = `${" ".repeat(margin)} └${"─".repeat(width)}`;
  const ends = `${" ".repeat(margin + 2)}${first}${last.padStart(Math.max(1, width - first.length))}`;
  return [...lines, axis, ends].join("\n");
}

function interpolated(places: readonly number[], values: readonly number[], x: number): number {
  const after = places.findIndex((place) => place >= x);
  if (after <= 0) return values[Math.max(0, after)]!;
  const [a, b] = [places[after - 1]!, places[after]!];
  return values[after - 1]! + ((values[after]! - values[after - 1]!) * (x - a)) / (b - a);
}
