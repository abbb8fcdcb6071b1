import { UsageError } from "../../base/errors.ts";
import { fold } from "../../random/index.ts";
import type { DirectGiven, DirectStep, Params } from "../contract.ts";
import { array, type MixtureParams } from "./components.ts";
import { criteria, freeParameters, outcomeOf } from "./criteria.ts";
import type { Fitting } from "./fitting.ts";
import { roundsOver, totalNats } from "./rounds.ts";
import { type Rows, rowsOf } from "./rows.ts";
import type { Surveyed } from "./survey.ts";
import { behind, restored, stored, type Walk, walked } from "./walk.ts";

/** The best number of components so far: parameters, what they were rated, and their nats per training example. */
interface Best {
  readonly params: Params;
  readonly rating: number;
  readonly nats: number;
}

/** What a selection keeps beside the best parameters. */
interface Kept {
  readonly best?: { readonly data: ArrayLike<number> };
  /** Where the number of components stands that is being fitted. */
  readonly walk?: { readonly params: Params };
}

/**
 * Numbers of components from 1 on, each fitted to the end; what stands is always the best so far. A step is one number of
 * components with its criterion; its rounds are places within the step.
 */
export async function* selecting(fitting: Fitting, given: DirectGiven, rows: Surveyed): AsyncGenerator<DirectStep> {
  const { config } = fitting;
  const judge = await heldOut(fitting, given, rows);
  const kept = (given.resume?.state ?? {}) as Kept;
  let best = bestBefore(given, kept);
  let from = kept.walk && restored(kept.walk as unknown as Params, kept.walk.params);
  for (let K = 1 + (given.resume?.step ?? 0); K <= config.components; K++) {
    const own = { ...fitting, config: { ...config, components: K } };
    const way = { fitting: own, rows, key: fold(given.key, `components ${K}`), rounds: await roundsOver(own, rows) };
    let last = from;
    for await (const walk of walked(way, from)) {
      last = walk;
      yield within(own, walk, best, (K - 1 + behind(own.config, walk)) / config.components);
    }
    from = undefined;
    const { params } = last!.place;
    const total = await totalNats(own, params, rows);
    const rating = await rated(own, params, total, rows, judge);
    if (!best || rating < best.rating) best = { params, rating, nats: total / rows.count };
    yield settled(fitting, best, rating, K);
  }
}

/** A place within the fit of one number of components. */
function within({ config }: Fitting, walk: Walk, best: Best | undefined, done: number): DirectStep {
  const { params } = walk.place;
  return {
    params: best?.params ?? params,
    state: { ...(best ? { best: figuresOf(best) } : {}), walk: { ...(stored(walk) as object), params } as Params },
    metrics: { ...(best ? { loss: -best.nats } : {}), trying: config.components },
    done,
    partial: true,
  };
}

/** The step of a number of components that has been fitted and rated. */
function settled({ config }: Fitting, best: Best, rating: number, K: number): DirectStep {
  const components = (best.params as unknown as MixtureParams).weights.size;
  return {
    params: best.params,
    state: { best: figuresOf(best) },
    metrics: { loss: -best.nats, [config.select]: rating, components },
    done: K / config.components,
    ...(K === config.components ? { outcome: outcomeOf(components, { [config.select]: best.rating }) } : {}),
  };
}

const figuresOf = ({ rating, nats }: Best) => array([2], Float64Array.of(rating, nats));

/** The rows by which mixtures are judged. */
async function heldOut({ name, layout, config }: Fitting, { valid }: DirectGiven, rows: Surveyed): Promise<Rows> {
  if (config.select !== "validation") return rows;
  if (valid.count === 0)
    throw new UsageError(`${name} has no validation examples to select by: take --set select=bic.`);
  return rowsOf(layout, valid);
}

function bestBefore({ resume }: DirectGiven, { best }: Kept): Best | undefined {
  if (!resume || !best) return undefined;
  return { params: resume.params, rating: best.data[0]!, nats: best.data[1]! };
}

/** BIC or AIC by the total nats of the training rows, or minus the nats per validation example: the less, the better. */
async function rated(fitting: Fitting, params: Params, total: number, rows: Rows, judge: Rows): Promise<number> {
  const { layout, config } = fitting;
  if (config.select === "validation") return -(await totalNats(fitting, params, judge)) / judge.count;
  const p = freeParameters(layout, config.covariance, config.components);
  return criteria(total, p, rows.count)[config.select === "bic" ? "bic" : "aic"];
}
