/** Ten colours for lines, bars and classes, each readable (contrast 3:1 or better) on white and on near-black. */
export const palette = [
  "#3f7fd6",
  "#dd6b20",
  "#2a9d76",
  "#a05fd0",
  "#d9475a",
  "#a8832a",
  "#cf5aa5",
  "#2899b8",
  "#74962b",
  "#7b8796",
] as const;

/** The colour of the series or class at a position; after ten they repeat. */
export function colourAt(index: number): string {
  return palette[index % palette.length]!;
}

/** Ink of charts that stand alone: a grey readable on light and dark grounds. A page sets `color` on `.sampo-chart` instead. */
export const neutralInk = "#78818d";

/** WCAG 2.2 contrast ratio of two colours written as #rrggbb, from 1 to 21. */
export function contrast(one: string, other: string): number {
  const luminance = (colour: string) => {
    const [red, green, blue] = [1, 3, 5].map((at) => {
      const share = Number.parseInt(colour.slice(at, at + 2), 16) / 255;
      return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * red! + 0.7152 * green! + 0.0722 * blue!;
  };
  const [low, high] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return (high! + 0.05) / (low! + 0.05);
}
