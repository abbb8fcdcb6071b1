import { UsageError } from "../../base/errors.ts";
import { fold, type Key } from "../../random/index.ts";
import type { DirectGiven, DirectStep, Params } from "../contract.ts";
import { array, type MixtureParams } from "./components.ts";
import type { Fitting } from "./fitting.ts";
import type { Layout } from "./layout.ts";
import type { MixtureConfig } from "./options.ts";
import { roundsOver, totalNats } from "./rounds.ts";
import { type Rows, rowsOf } from "./rows.ts";
import { bestStart } from "./starts.ts";
import type { Surveyed } from "./survey.ts";

/** The best number of components so far: parameters and what they were rated. */
interface Best {
  readonly params: Params;
  readonly score: number;
}

/** Numbers of components from 1 on, each fitted to the end; what stands is always the best so far. */
export async function* selecting(fitting: Fitting, given: DirectGiven, rows: Surveyed): AsyncGenerator<DirectStep> {
  const { config } = fitting;
  const judge = await heldOut(fitting, given, rows);
  let best = bestBefore(given);
  for (let K = 1 + (given.resume?.step ?? 0); K <= config.components; K++) {
    const own = { ...fitting, config: { ...config, components: K } };
    const params = await settledFit(own, rows, fold(given.key, `components ${K}`));
    const score = rated(own, await totalNats(own, params, judge), rows.count);
    if (!best || score < best.score) best = { params, score };
    const components = (best.params as unknown as MixtureParams).weights.size;
    yield {
      params: best.params,
      state: { best: array([], Float64Array.of(best.score)) },
      metrics: { loss: best.score, [config.select]: score, components },
      done: K / config.components,
    };
  }
}

/** The rows by which mixtures are judged. */
async function heldOut({ name, layout, config }: Fitting, { valid }: DirectGiven, rows: Surveyed): Promise<Rows> {
  if (config.select !== "validation") return rows;
  if (valid.count === 0)
    throw new UsageError(`${name} has no validation examples to select by: take --set select=bic.`);
  return rowsOf(layout, valid);
}

function bestBefore({ resume }: DirectGiven): Best | undefined {
  const before = resume?.state as { best?: { data: ArrayLike<number> } } | undefined;
  return resume && before?.best ? { params: resume.params, score: before.best.data[0]! } : undefined;
}

/** BIC or AIC by the total nats of the training rows, or minus those of validation: the less, the better. */
function rated({ layout, config }: Fitting, total: number, count: number): number {
  if (config.select === "validation") return -total;
  const p = freeParameters(layout, config, config.components);
  return -2 * total + p * (config.select === "bic" ? Math.log(count) : 2);
}

/** Independent numbers among the parameters of a mixture of K components. */
export function freeParameters(layout: Layout, { covariance }: Pick<MixtureConfig, "covariance">, K: number): number {
  const D = layout.reals.length;
  const triangle = (D * (D + 1)) / 2;
  const spread = { full: K * triangle, tied: triangle, diagonal: K * D, spherical: K }[covariance];
  const levels = layout.levels.reduce((sum, { size }) => sum + K * (size - 1), 0);
  return K - 1 + K * D + (D > 0 ? spread : 0) + levels + K * layout.counts.length;
}

/** The parameters of a fit that went on until a round gained too little. */
async function settledFit(fitting: Fitting, rows: Surveyed, key: Key): Promise<Params> {
  const { config } = fitting;
  const rounds = await roundsOver(fitting, rows);
  let place = await bestStart(fitting, rows, key, rounds);
  for (let i = 1; i < config.iterations; i++) {
    const next = await rounds.next(place);
    const gain = next.score - place.score;
    place = next;
    if (gain < config.tolerance) break;
  }
  return place.params;
}
