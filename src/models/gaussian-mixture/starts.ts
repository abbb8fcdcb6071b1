import type { Key } from "../../random/index.ts";
import type { Params } from "../contract.ts";
import type { MixtureParams } from "./components.ts";
import type { Fitting } from "./fitting.ts";
import { maximise } from "./maximise.ts";
import type { Place, Rounds } from "./rounds.ts";
import { clustersOf } from "./seeds.ts";
import { addRows, emptyStatistics, needsMatrix, type Statistics } from "./statistics.ts";
import type { Surveyed } from "./survey.ts";
import { maximiseBound } from "./variational.ts";

/** A start: parameters from clusters of rows, each of which belongs to one. */
export async function startOf(
  fitting: Fitting,
  rows: Surveyed,
  key: Key,
  { prior }: Rounds,
): Promise<Omit<Place, "score">> {
  const { layout, config } = fitting;
  const statistics = await clustered(fitting, rows, key);
  if (prior) return maximiseBound(statistics, layout, config, prior);
  return { params: settled(maximise(statistics, layout, config), fitting, rows) };
}

/** What clusters of rows hold; gaps in real numbers are means of all rows. */
async function clustered({ layout, config }: Fitting, rows: Surveyed, key: Key): Promise<Statistics> {
  const [K, D] = [config.components, layout.reals.length];
  const clusters = await clustersOf(rows, layout, K, key);
  const shift = Float64Array.from({ length: K * D }, (_, at) => rows.first[at % D]!);
  const statistics = emptyStatistics(layout, config.covariance, K, shift);
  await rows.each((some) => {
    const shares = new Float64Array((some.length / layout.width) * K);
    for (const [n, k] of clusters(some).entries()) shares[n * K + k] = 1;
    addRows(statistics, layout, config.covariance, [], shares, withMeans(some, rows, layout));
  });
  return statistics;
}

/** Rows with means of all rows for gaps in real numbers. */
function withMeans(some: Float64Array, { means }: Surveyed, { width, reals }: Fitting["layout"]): Float64Array {
  const filled = some.slice();
  for (let at = 0; at < filled.length; at += width)
    for (let i = 0; i < reals.length; i++)
      if (Number.isNaN(filled[at + reals[i]!]!)) filled[at + reals[i]!] = means[i]!;
  return filled;
}

/** A start in which no variance is so small that a component holds on to a few equal rows. */
function settled(params: Params, { layout, config }: Fitting, { variances }: Surveyed): Params {
  const { covariances } = params as unknown as MixtureParams;
  if (!covariances) return params;
  const D = layout.reals.length;
  const { data } = covariances;
  if (config.covariance === "spherical") {
    const floor = 1e-3 * (variances.reduce((a, b) => a + b, 0) / D);
    for (let k = 0; k < data.length; k++) data[k] = Math.max(data[k]!, floor);
    return params;
  }
  const step = needsMatrix(config.covariance) ? D : 1;
  for (let i = 0; i * step < data.length; i++) {
    const at = i * step + (step > 1 ? i % D : 0);
    if (data[at]! < 1e-3 * variances[i % D]!) data[at]! += 1e-3 * variances[i % D]!;
  }
  return params;
}
