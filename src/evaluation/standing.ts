import type { ClassificationFigure } from "./classification.ts";
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
  /** How it predicts the target of a table on the test split; none for models that do not. */
  readonly classification?: ClassificationFigure;
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

/** Whether standings are ranked by log-loss: where all of them predict a target and some can do nothing else. */
export function byLogLoss(standings: readonly Standing[]): boolean {
  return standings.every((one) => one.classification) && standings.some((one) => !one.likelihood);
}

/**
 * Standings with the smallest negative log-likelihood first (the smallest log-loss where some classifier has no
 * likelihood); those without one last, by name.
 */
export function ranked<S extends Standing>(standings: readonly S[]): S[] {
  const classes = byLogLoss(standings);
  const figure = ({ likelihood, classification }: S) => {
    const nats = classes ? classification!.logLoss : likelihood?.nats;
    return Number.isFinite(nats) ? nats! : Number.POSITIVE_INFINITY;
  };
  return [...standings].sort((a, b) => {
    const [first, second] = [figure(a), figure(b)];
    return first === second ? a.model.localeCompare(b.model) : first - second;
  });
}
