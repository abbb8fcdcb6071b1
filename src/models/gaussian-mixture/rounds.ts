import type { Params } from "../contract.ts";
import { type Component, componentsOf, type MixtureParams } from "./components.ts";
import type { Fitting } from "./fitting.ts";
import { maximise } from "./maximise.ts";
import { priorOf } from "./prior.ts";
import { responsibilities } from "./responsibilities.ts";
import type { Rows } from "./rows.ts";
import { addNats, addRows, emptyStatistics, type Statistics } from "./statistics.ts";
import type { Surveyed } from "./survey.ts";
import { evidenceBound, expectedComponents, maximiseBound, type Posterior, type Prior } from "./variational.ts";

/** Where rounds stand: parameters, the posterior of variational Bayes, and what the last round found. */
export interface Place {
  readonly params: Params;
  readonly posterior?: Posterior;
  /** Nats per example of the parameters before the last round (of variational Bayes, the bound after it). */
  readonly score: number;
}

/** Rounds over some rows: each is expectation by the parameters so far, then maximisation. */
export interface Rounds {
  /** What variational Bayes believes before any row. */
  readonly prior?: Prior;
  next(place: Pick<Place, "params" | "posterior">): Promise<Place>;
}

/** The rounds of expectation-maximisation or of variational Bayes over all rows. */
export async function roundsOver(fitting: Fitting, rows: Surveyed): Promise<Rounds> {
  if (fitting.config.inference === "em") return { next: ({ params }) => raised(fitting, rows, params) };
  const prior = await priorOf(fitting, rows);
  return { prior, next: (place) => boundRaised(fitting, rows, prior, place) };
}

/** A round of expectation-maximisation. */
async function raised(fitting: Fitting, rows: Rows, params: Params): Promise<Place> {
  const { name, layout, config } = fitting;
  const components = componentsOf(name, layout, config.covariance, params);
  const statistics = await expectation(fitting, components, params, rows);
  return { params: maximise(statistics, layout, config), score: statistics.nats / rows.count };
}

/** A round of variational Bayes; the first one goes by the parameters alone. */
async function boundRaised(
  fitting: Fitting,
  rows: Rows,
  prior: Prior,
  { params, posterior }: Pick<Place, "params" | "posterior">,
): Promise<Place> {
  const { name, layout, config } = fitting;
  const D = layout.reals.length;
  const plain = componentsOf(name, layout, config.covariance, params);
  const components = posterior ? expectedComponents(plain, posterior, D) : plain;
  const statistics = await expectation(fitting, components, params, rows);
  const next = maximiseBound(statistics, layout, config, prior);
  const { covariances } = next.params as unknown as MixtureParams;
  return { ...next, score: evidenceBound(statistics.entropy, next.posterior, covariances!, D, config.covariance) };
}

/** What the components receive of all rows under their scores; sums are taken about the means so far. */
async function expectation(
  { layout, config }: Fitting,
  components: readonly Component[],
  params: Params,
  rows: Rows,
): Promise<Statistics> {
  const { means } = params as unknown as MixtureParams;
  const shift = Float64Array.from(means?.data ?? []);
  const statistics = emptyStatistics(layout, config.covariance, components.length, shift);
  await rows.each((some) => {
    const found = responsibilities(layout, components, some);
    addNats(statistics, found);
    addRows(statistics, layout, config.covariance, components, found.shares, some);
  });
  return statistics;
}

/** Σ log p(x) over rows. */
export async function totalNats({ name, layout, config }: Fitting, params: Params, rows: Rows): Promise<number> {
  const components = componentsOf(name, layout, config.covariance, params);
  let total = 0;
  await rows.each((some) => {
    for (const nats of responsibilities(layout, components, some).nats) total += nats;
  });
  return total;
}
