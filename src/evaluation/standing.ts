import type { LikelihoodFigure } from "./likelihood.ts";
import type { TextFigure } from "./text.ts";

/** A validation of a training run: its loss, and after how many seconds of training. */
export interface CurvePoint {
  readonly seconds: number;
  readonly loss: number;
}

/** What a comparison knows of one trained model. */
export interface Standing {
  readonly model: string;
  readonly preset: string;
  readonly title: string;
  /** Its run folder. */
  readonly run: string;
  /** The likelihood on the test split; none for models without one. */
  readonly likelihood?: LikelihoodFigure & Partial<TextFigure>;
  readonly parameters: number;
  /** Training: steps, seconds in all and for one pass over the examples (validation included), and how it ended. */
  readonly steps: number;
  readonly seconds: number;
  readonly secondsPerEpoch: number;
  readonly status: string;
  readonly samplesPerSecond?: number;
  /** Validation losses in the course of training. */
  readonly curve: readonly CurvePoint[];
}

/** Standings with the smallest negative log-likelihood first; those without one last, by name. */
export function ranked<S extends Standing>(standings: readonly S[]): S[] {
  const nats = ({ likelihood }: S) => (Number.isFinite(likelihood?.nats) ? likelihood!.nats : Number.POSITIVE_INFINITY);
  return [...standings].sort((a, b) => {
    const [first, second] = [nats(a), nats(b)];
    return first === second ? a.model.localeCompare(b.model) : first - second;
  });
}
