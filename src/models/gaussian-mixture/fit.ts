import { UsageError } from "../../base/errors.ts";
import type { DirectGiven, DirectStep, Params } from "../contract.ts";
import { array } from "./components.ts";
import type { Fitting } from "./fitting.ts";
import { type Place, roundsOver } from "./rounds.ts";
import { rowsOf } from "./rows.ts";
import { selecting } from "./selection.ts";
import { bestStart } from "./starts.ts";
import { type Surveyed, surveyed } from "./survey.ts";
import type { Posterior } from "./variational.ts";

/** Fits a mixture: starts, then rounds until one gains too little; or one number of components after the other. */
export async function* fitMixture(fitting: Fitting, given: DirectGiven): AsyncGenerator<DirectStep> {
  const rows = await surveyed(fitting, await rowsOf(fitting.layout, given.train));
  refuseFew(fitting, rows.count);
  yield* fitting.config.select === "none" ? fitted(fitting, given, rows) : selecting(fitting, given, rows);
}

function refuseFew({ name, config: { components } }: Fitting, count: number): void {
  if (count < components)
    throw new UsageError(
      `${name} with ${components} components needs at least as many training examples, and there are ${count}: train with --set components=${Math.max(1, Math.floor(count / 5))}.`,
    );
}

/** The best start, then rounds from there on, or from where they were stopped. */
async function* fitted(fitting: Fitting, given: DirectGiven, rows: Surveyed): AsyncGenerator<DirectStep> {
  const { iterations, tolerance } = fitting.config;
  const rounds = await roundsOver(fitting, rows);
  let place = given.resume && resumed(given.resume);
  for (let i = given.resume?.step ?? 0; i < iterations; i++) {
    const next: Place = place ? await rounds.next(place) : await bestStart(fitting, rows, given.key, rounds);
    const converged = next.score - (place?.score ?? Number.NEGATIVE_INFINITY) < tolerance;
    place = next;
    yield told(place, i + 1, iterations);
    if (converged) return;
  }
}

const told = ({ params, posterior, score }: Place, step: number, most: number): DirectStep => ({
  params,
  state: {
    ...(posterior ? { posterior: posterior as unknown as Params } : {}),
    score: array([], Float64Array.of(score)),
  },
  metrics: { loss: -score },
  done: step / most,
});

function resumed({ params, state }: NonNullable<DirectGiven["resume"]>): Place {
  const { posterior, score } = (state ?? {}) as { posterior?: Posterior; score?: { data: ArrayLike<number> } };
  const before = score?.data[0] ?? Number.NEGATIVE_INFINITY;
  return { params, score: before, ...(posterior ? { posterior } : {}) };
}
