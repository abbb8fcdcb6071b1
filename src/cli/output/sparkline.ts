const levels = "▁▂▃▄▅▆▇█";

function meanOfFinite(values: readonly number[]): number {
  const finite = values.filter(Number.isFinite);
  return finite.length > 0 ? finite.reduce((sum, value) => sum + value, 0) / finite.length : Number.NaN;
}

/** Values averaged into at most `columns` groups of neighbours. */
function condense(values: readonly number[], columns: number): number[] {
  if (values.length <= columns) return [...values];
  return Array.from({ length: columns }, (_, i) =>
    meanOfFinite(
      values.slice(Math.floor((i * values.length) / columns), Math.floor(((i + 1) * values.length) / columns)),
    ),
  );
}

/** A curve in one line of text, lowest value ▁ and highest █; a space where a value is not finite. */
export function sparkline(values: readonly number[], columns = 40): string {
  const shown = condense(values, columns);
  const finite = shown.filter(Number.isFinite);
  const low = finite.reduce((least, value) => Math.min(least, value), Number.POSITIVE_INFINITY);
  const high = finite.reduce((most, value) => Math.max(most, value), Number.NEGATIVE_INFINITY);
  const level = (value: number) => (high > low ? Math.round(((value - low) / (high - low)) * (levels.length - 1)) : 3);
  return shown.map((value) => (Number.isFinite(value) ? levels[level(value)] : " ")).join("");
}
