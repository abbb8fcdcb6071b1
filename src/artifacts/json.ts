const nonFinite = new Map([
  ["NaN", Number.NaN],
  ["Infinity", Number.POSITIVE_INFINITY],
  ["-Infinity", Number.NEGATIVE_INFINITY],
]);

/** JSON text in which NaN and the infinities, which JSON lacks, are the strings "NaN", "Infinity" and "-Infinity". */
export function printJson(value: unknown, indent?: number): string {
  const replace = (_: string, item: unknown) =>
    typeof item === "number" && !Number.isFinite(item) ? String(item) : item;
  return JSON.stringify(value, replace, indent);
}

/** Reads what `printJson` wrote, non-finite numbers included. */
export function parseJson(text: string): unknown {
  return JSON.parse(text, (_, item: unknown) => (typeof item === "string" ? (nonFinite.get(item) ?? item) : item));
}
