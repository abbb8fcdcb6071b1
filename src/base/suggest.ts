/** Number of single-character insertions, deletions, substitutions and swaps of neighbours between two words. */
export function editDistance(a: string, b: string): number {
  let before: number[] = [];
  let previous = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const cost = a[i - 1] === b[j - 1] ? 0 : 1;
      let best = Math.min(previous[j]! + 1, row[j - 1]! + 1, previous[j - 1]! + cost);
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      if (swapped) best = Math.min(best, before[j - 2]! + 1);
      row.push(best);
    }
    before = previous;
    previous = row;
  }
  return previous[b.length]!;
}

/** The candidate nearest to a mistyped word, or the only one that it begins; undefined when there is none. */
export function nearest(word: string, candidates: readonly string[]): string | undefined {
  const lower = word.toLowerCase();
  const begun = word.length < 3 ? [] : candidates.filter((name) => name.toLowerCase().startsWith(lower));
  if (begun.length === 1) return begun[0];
  const scored = candidates.map((name) => ({ name, distance: editDistance(lower, name.toLowerCase()) }));
  scored.sort((a, b) => a.distance - b.distance);
  const best = scored[0];
  return best && best.distance <= Math.max(2, Math.floor(word.length / 3)) ? best.name : undefined;
}

/** A sentence for an unknown name: `Unknown model "vea"; did you mean "vae"? Known: made, vae.` */
export function unknownName(what: string, word: string, candidates: readonly string[]): string {
  const near = nearest(word, candidates);
  const guess = near === undefined ? "" : `; did you mean "${near}"?`;
  const known = candidates.length > 0 ? `${guess ? "" : "."} Known: ${[...candidates].sort().join(", ")}.` : ".";
  return `Unknown ${what} "${word}"${guess}${known}`;
}
