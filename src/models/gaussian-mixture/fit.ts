import { UsageError } from "../../base/errors.ts";
import type { DirectGiven, DirectStep, Params } from "../contract.ts";
import type { MixtureParams } from "./components.ts";
import { criteria, freeParameters, outcomeOf } from "./criteria.ts";
import type { Fitting } from "./fitting.ts";
import { roundsOver, totalNats } from "./rounds.ts";
import { rowsOf } from "./rows.ts";
import { selecting } from "./selection.ts";
import { type Surveyed, surveyed } from "./survey.ts";
import { behind, ended, restored, stored, trying, type Walk, walked } from "./walk.ts";

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

/** Rounds of all starts within the first step, which is the best of them; then a step a round. */
async function* fitted(fitting: Fitting, given: DirectGiven, rows: Surveyed): AsyncGenerator<DirectStep> {
  const rounds = await roundsOver(fitting, rows);
  const { resume, key } = given;
  const from = resume && restored(resume.state!, resume.params);
  for await (const walk of walked({ fitting, rows, key, rounds }, from)) {
    const { params, score } = walk.place;
    yield {
      params,
      state: stored(walk),
      metrics: Number.isFinite(score) ? { loss: -score } : {},
      done: behind(fitting.config, walk),
      ...(trying(fitting.config, walk) ? { partial: true } : {}),
      ...(ended(fitting.config, walk) ? await outcome(fitting, rows, walk) : {}),
    };
  }
}

/** What a fit of greatest likelihood has come to: the criteria of its last parameters. */
async function outcome(
  fitting: Fitting,
  rows: Surveyed,
  { place: { params } }: Walk,
): Promise<Pick<DirectStep, "outcome">> {
  const K = componentsIn(params);
  if (fitting.config.inference !== "em") return { outcome: outcomeOf(K, {}) };
  const p = freeParameters(fitting.layout, fitting.config.covariance, K);
  return { outcome: outcomeOf(K, criteria(await totalNats(fitting, params, rows), p, rows.count)) };
}

const componentsIn = (params: Params): number => (params as unknown as MixtureParams).weights.size;
