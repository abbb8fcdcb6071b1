import type { MixtureParams } from "./components.ts";
import type { Fitting } from "./fitting.ts";
import { maximise } from "./maximise.ts";
import { realsOf } from "./responsibilities.ts";
import { addRows, emptyStatistics } from "./statistics.ts";
import type { Surveyed } from "./survey.ts";
import type { Prior } from "./variational.ts";

/** Mean and covariance (divided by n − 1) of all rows without gaps, which variational Bayes takes as the prior. */
export async function priorOf({ layout, config }: Fitting, rows: Surveyed): Promise<Prior> {
  const D = layout.reals.length;
  const statistics = emptyStatistics(layout, config.covariance, 1, rows.first);
  await rows.each((some) => {
    const x = realsOf(layout, some);
    const whole = Float64Array.from({ length: x.length / D }, (_, n) =>
      Number(!x.subarray(n * D, (n + 1) * D).some(Number.isNaN)),
    );
    addRows(statistics, layout, config.covariance, [], whole, some);
  });
  const { means, covariances } = maximise(statistics, layout, {
    ...config,
    regularisation: 0,
  }) as unknown as MixtureParams;
  return {
    mean: means!.data,
    covariance: covariances!.data.map((value) => (value * rows.count) / (rows.count - 1)),
    concentration: config.concentration ?? 1 / config.components,
  };
}
