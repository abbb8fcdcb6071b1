/** Options of {@link plateau}. */
export interface PlateauOptions {
  /** What the learning rate is multiplied with when validation stalls. */
  readonly factor?: number;
  /** How many validations without improvement are borne; the next one reduces the rate. */
  readonly patience?: number;
  /** Relative improvement that counts: value < best − threshold·|best|. */
  readonly threshold?: number;
  /** Validations after a reduction during which none is counted as bad. */
  readonly cooldown?: number;
  /** The scale never falls below this. */
  readonly minScale?: number;
}

/** What a plateau schedule remembers: plain JSON. `best` is null before the first validation. */
export interface PlateauState {
  readonly scale: number;
  readonly best: number | null;
  readonly bad: number;
  readonly rest: number;
}

/** A schedule fed with validation losses (smaller is better): multiply the learning rate by `state.scale`. */
export interface Plateau {
  init(): PlateauState;
  update(state: PlateauState, value: number): PlateauState;
}

/** Reduces the learning rate by `factor` after more than `patience` validations in a row without improvement. */
export function plateau(options: PlateauOptions = {}): Plateau {
  const { factor = 0.5, patience = 5, threshold = 1e-4, cooldown = 0, minScale = 1e-6 } = options;
  return {
    init: () => ({ scale: 1, best: null, bad: 0, rest: 0 }),
    update: ({ scale, best, bad, rest }, value) => {
      const better = Number.isFinite(value) && (best === null || value < best - threshold * Math.abs(best));
      if (better) return { scale, best: value, bad: 0, rest: Math.max(0, rest - 1) };
      if (rest > 0) return { scale, best, bad: 0, rest: rest - 1 };
      if (bad < patience) return { scale, best, bad: bad + 1, rest: 0 };
      return { scale: Math.max(minScale, scale * factor), best, bad: 0, rest: cooldown };
    },
  };
}
