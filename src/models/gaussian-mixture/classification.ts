import type { HostArray } from "../../base/host.ts";
import { logSumExp } from "../../base/log-sum-exp.ts";
import type { DataSpec } from "../../data/types.ts";
import type { Capabilities, Params } from "../contract.ts";
import { array, componentsOf, mixtureParams } from "./components.ts";
import type { Fitting } from "./fitting.ts";
import { logJoint } from "./responsibilities.ts";

/** The law of the target's levels given the other columns; none where the target has no levels. */
export function classifierOf(fitting: Fitting, data: DataSpec): Capabilities["classify"] | undefined {
  const place = data.values === "table" ? data.target : undefined;
  const target = fitting.layout.levels.findIndex((one) => one.place === place);
  if (target < 0) return undefined;
  return async (on, x) => classified(fitting, target, on.params, Float64Array.from(x.data));
}

/** log p(y | rest) = log Σₖ p(k | rest) p(y | k) of rows [n, width], which lose their targets. */
function classified(
  { name, layout, config }: Fitting,
  target: number,
  params: Params,
  rows: Float64Array,
): HostArray<"float64"> {
  const { place, size } = layout.levels[target]!;
  for (let at = place; at < rows.length; at += layout.width) rows[at] = Number.NaN;
  const components = componentsOf(name, layout, config.covariance, params);
  const logs = mixtureParams(params).levels![target]!.data.map(Math.log);
  const [K, count] = [components.length, rows.length / layout.width];
  const scores = new Float64Array(count * K);
  logJoint(layout, components, rows, scores);
  const [data, each] = [new Float64Array(count * size), new Float64Array(K)];
  for (let n = 0; n < count; n++) {
    const own = scores.subarray(n * K, (n + 1) * K);
    const sum = logSumExp(own);
    for (let y = 0; y < size; y++) {
      for (let k = 0; k < K; k++) each[k] = own[k]! - sum + logs[k * size + y]!;
      data[n * size + y] = logSumExp(each);
    }
  }
  return array([count, size], data);
}
