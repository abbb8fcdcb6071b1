import {
  baumWelch,
  categoricalEmission,
  type Emission,
  gaussianEmission,
  type HiddenMarkovModel,
  hiddenMarkovModel,
} from "../../src/probability/markov/index.ts";
import { key } from "../../src/random/index.ts";
import type { Workload } from "../harness.ts";

/** Steps of the sequence, as in bench/peers/hidden_markov.py. */
const LENGTH = 20_000;

/** 8 states that stay with 0.65 and go anywhere else with 0.05. */
function model(emission: Emission): HiddenMarkovModel {
  const transition = Array.from({ length: 64 }, (_, at) => (Math.floor(at / 8) === at % 8 ? 0.65 : 0.05));
  return hiddenMarkovModel({ initial: new Array<number>(8).fill(1 / 8), transition, emission });
}

const symbols = () =>
  model(
    categoricalEmission({
      states: 8,
      probabilities: Array.from({ length: 8 * 16 }, (_, at) => (at % 16 === 2 * Math.floor(at / 16) ? 0.25 : 0.05)),
    }),
  );

const vectors = () =>
  model(
    gaussianEmission({
      states: 8,
      covariance: "full",
      means: Array.from({ length: 32 }, (_, at) => ((at * 7) % 11) - 5),
      covariances: Array.from({ length: 8 * 16 }, (_, at) => (Math.floor((at % 16) / 4) === at % 4 ? 1 : 0.2)),
    }),
  );

const workload = (
  name: string,
  make: () => HiddenMarkovModel,
  step: (m: HiddenMarkovModel, x: Float64Array) => unknown,
) => ({
  name: `hidden-markov/${name}`,
  prepare: async () => {
    const made = make();
    const { steps } = made.sample(key(1), LENGTH);
    return { step: () => void step(made, steps) };
  },
});

/** A sequence of 20,000 steps and 8 states: smoothed posteriors, and one round of Baum-Welch (two passes: hmmlearn's, too). */
export const hiddenMarkovWorkloads: Workload[] = [
  workload("categorical-posterior", symbols, (m, x) => m.smooth(x)),
  workload("categorical-baum-welch", symbols, (m, x) => baumWelch(m, [x], { rounds: 1, tolerance: -1e9 })),
  workload("gaussian-posterior", vectors, (m, x) => m.smooth(x)),
  workload("gaussian-baum-welch", vectors, (m, x) => baumWelch(m, [x], { rounds: 1, tolerance: -1e9 })),
];
