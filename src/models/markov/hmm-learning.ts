import { sequenceLength } from "../../base/sequence-length.ts";
import {
  baumWelch,
  type EmissionKind,
  expectation,
  type HiddenMarkovModel,
  hiddenMarkovModel,
  maximisedRows,
  randomStart,
} from "../../probability/markov/index.ts";
import { fold, type Key, normal } from "../../random/index.ts";
import { rows } from "../bound.ts";
import type { ClosedForm, Params, Sums } from "../contract.ts";
import { paramsOf } from "./hmm-params.ts";
import type { Parts } from "./hmm-parts.ts";
import { mapRows } from "./rows.ts";
import { readSteps } from "./steps.ts";

/** A model before any data: the random start that made-up examples give. */
export function randomParams({ config, steps, size }: Parts, key: Key): Params {
  const { emission, dimension, length, ragged } = steps;
  const numbers = normal(fold(key, "made up"), [64 * config.states * dimension]).data;
  const example = emission.kind === "categorical" ? madeUp(emission, size - steps.skip) : Float64Array.from(numbers);
  if (emission.kind === "product")
    for (const { places, emission: own } of emission.blocks)
      if (own.kind !== "gaussian")
        for (let at = 0; at < example.length; at += dimension)
          for (const place of places) example[at + place] = Number.NaN;
  const model = randomStart([example], { ...config, emission }, key);
  return paramsOf(model, steps, ragged ? new Float64Array(length).fill(1) : undefined);
}

const madeUp = (_: EmissionKind, length: number) => new Float64Array(length).fill(Number.NaN);

/** Values that random starts are tried on, and rounds after which they are compared. */
const TRIAL_VALUES = 30_000;
const TRIAL_ROUNDS = 4;

/** Baum-Welch in rounds over all examples. */
export function rounds(parts: Parts): ClosedForm {
  const { config, data, steps, size, fitted } = parts;
  const { states, smoothing, restarts } = config;
  const { length, ragged, dimension } = steps;
  const before = new WeakMap<Sums, HiddenMarkovModel>();
  const pseudocounts = { initial: smoothing, transition: smoothing };
  const read = (row: ArrayLike<number>) => {
    const all = readSteps(steps, row);
    const end = data.boundary === undefined ? -1 : all.indexOf(data.boundary);
    return end === -1 ? all : all.subarray(0, end + 1);
  };
  return {
    kind: "closed-form",
    tolerance: 1e-3,
    zeros: () => ({
      initial: new Float64Array(states),
      pairs: new Float64Array(states * states),
      emission: new Float64Array(sumSizeOf(steps.emission, states)),
      ...(ragged ? { lengths: new Float64Array(length) } : {}),
      nats: new Float64Array(1),
    }),
    start: async (_, x, key) => {
      const some = rows(x as never, 0, Math.max(1, Math.min(x.shape[0]!, Math.floor(TRIAL_VALUES / size))));
      const sequences = mapRows(some, read);
      let best: { readonly model: HiddenMarkovModel; readonly objective: number } | undefined;
      for (let trial = 0; trial < restarts; trial++) {
        const begun = randomStart(sequences, { ...config, emission: steps.emission }, fold(key, trial));
        const tried = baumWelch(begun, sequences, { rounds: TRIAL_ROUNDS, pseudocounts });
        if (!best || tried.objective > best.objective) best = tried;
      }
      return paramsOf(best!.model, steps, ragged ? new Float64Array(length).fill(1) : undefined);
    },
    add: async (sums, on, x) => {
      const model = fitted(on.params);
      before.set(sums, model);
      const emission = model.emission.sums(sums.emission);
      mapRows(x, (row) => {
        sums.nats![0]! += expectation(model, read(row), sums as never, emission, "An example");
        if (ragged) sums.lengths![sequenceLength(row, dimension) - 1]!++;
      });
    },
    solve: (sums) => {
      const model = before.get(sums)!;
      const solved = hiddenMarkovModel({
        initial: maximisedRows(model.initial, sums.initial!, states, smoothing),
        transition: maximisedRows(model.transition, sums.pairs!, states, smoothing),
        emission: model.emission.sums(sums.emission!).solve(),
      });
      return paramsOf(solved, steps, sums.lengths);
    },
  };
}

/** Numbers that expectation adds up of what the states show. */
function sumSizeOf(kind: EmissionKind, states: number): number {
  if (kind.kind === "product")
    return kind.blocks.reduce((total, { emission }) => total + sumSizeOf(emission, states), 0);
  if (kind.kind === "univariate") return 0;
  const d = kind.dimension ?? 1;
  if (kind.kind === "categorical") return states * d * kind.levels;
  if (kind.kind === "poisson") return 2 * states * d;
  return states * (1 + d + (kind.covariance === "full" || kind.covariance === "tied" ? d * d : d));
}
