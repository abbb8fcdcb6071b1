import { UsageError } from "../../base/errors.ts";
import { sequenceLength } from "../../base/sequence-length.ts";
import { sizeOf } from "../../base/shape.ts";
import type { Column } from "../../data/table/types.ts";
import type { DataSpec } from "../../data/types.ts";
import type { CovarianceKind, EmissionKind } from "../../probability/markov/index.ts";
import { levelsOf, unitOf } from "../autoregressive/factorisation.ts";

/** How examples are sequences of steps, and what states show of them. */
export interface Steps {
  /** Numbers of one step. */
  readonly dimension: number;
  /** Steps of one example, at most. */
  readonly length: number;
  readonly emission: EmissionKind;
  /** What a symbol is in model units; 1 for real numbers. */
  readonly unit: number;
  /** Values of an example before its first step: the token that opens a line. */
  readonly skip: number;
  /** Whether the first step is given, not modelled: the first token of a window. */
  readonly given: boolean;
  /** Whether examples may be shorter than `length`, NaN from their end on: sequences of rows, in doubles. */
  readonly ragged: boolean;
}

/** What is wanted of the steps. */
interface Wanted {
  readonly step: number;
  readonly covariance: CovarianceKind;
  readonly smoothing: number;
}

/** Reads a kind of data as steps; throws where an example is no whole number of them. */
export function stepsOfData(data: DataSpec, wanted: Wanted): Steps {
  if (data.values === "sequences") return stepsOfRows(data, wanted);
  const { step, covariance, smoothing } = wanted;
  const given = data.values === "tokens";
  const skip = given && data.boundary !== undefined ? 1 : 0;
  const size = sizeOf(data.shape) - skip;
  if (given && step > 1) throw new UsageError("hmm reads text token by token: leave the step at 1.");
  if (size % step !== 0)
    throw new UsageError(`hmm: examples of ${size} values are no whole number of steps of ${step}; choose a divisor.`);
  const shape = { dimension: step, length: size / step, skip, given: given && skip === 0, ragged: false };
  if (data.values === "real") return { ...shape, unit: 1, emission: { kind: "gaussian", covariance, dimension: step } };
  const levels = levelsOf(data, "hmm");
  const emission = { kind: "categorical", levels, dimension: step, pseudocount: smoothing } as const;
  return { ...shape, unit: unitOf(data), emission };
}

/** Rows of typed columns: real ones as one normal vector, counts as Poisson laws, each other column by its own table. */
function stepsOfRows({ columns = [], shape }: DataSpec, { step, covariance, smoothing }: Wanted): Steps {
  if (step > 1) throw new UsageError("hmm reads sequences row by row: leave the step at 1.");
  const of = (wanted: (column: Column) => boolean) =>
    columns.flatMap((column, place) => (wanted(column) ? [place] : []));
  const real = of(({ kind }) => kind === "real");
  const counts = of(({ kind }) => kind === "count");
  const blocks = [
    ...(real.length > 0 ? [block(real, { kind: "gaussian", covariance, dimension: real.length })] : []),
    ...(counts.length > 0
      ? [block(counts, { kind: "poisson", dimension: counts.length, pseudocount: smoothing })]
      : []),
    ...of(({ levels }) => levels !== undefined).map((place) =>
      block([place], { kind: "categorical", levels: columns[place]!.levels!.length, pseudocount: smoothing }),
    ),
  ];
  const emission: EmissionKind = { kind: "product", blocks };
  return { dimension: columns.length, length: shape[0]!, emission, unit: 1, skip: 0, given: false, ragged: true };
}

const block = (places: readonly number[], emission: EmissionKind) => ({ places, emission });

/** An example as numbers of its steps; what is not observed becomes NaN. */
export function readSteps(steps: Steps, x: ArrayLike<number>, observed?: ArrayLike<number>): Float64Array {
  const { unit, skip, emission, ragged, dimension } = steps;
  const symbols = emission.kind === "categorical";
  const length = ragged && !observed ? sequenceLength(x, dimension) * dimension : x.length - skip;
  return Float64Array.from({ length }, (_, i) => {
    if (observed && !(observed[skip + i]! > 0.5)) return Number.NaN;
    const value = x[skip + i]! / unit;
    return symbols ? Math.round(value) : value;
  });
}
