import { UsageError } from "../../base/errors.ts";
import type { Iterate } from "../../numeric/optimize/index.ts";
import type { Loss, Problem } from "./loss.ts";
import type { Fitting } from "./prepared.ts";

/** Throws where coefficients grow without bound: without a penalty, if the inputs tell (some) classes apart perfectly. */
export function watching({ config, target }: Fitting, loss: Loss, { x, features, outputs }: Problem) {
  if (config.penalty !== "none") return () => {};
  const cure = "train with --set penalty=l2, or drop the column that tells them apart";
  let earlier: Float64Array | undefined;
  return ({ x: point, slope }: Iterate, ended: boolean) => {
    if (loss.margin() > 0)
      throw new UsageError(
        `The inputs separate the classes of "${target.name}" perfectly, so without a penalty the coefficients grow without bound: ${cure}.`,
      );
    if (slope > 100 * config.tolerance) earlier = point;
    if (!ended || !earlier) return;
    const moved = point.map((value, i) => value - earlier![i]!);
    if (largestScore(x, moved, features, outputs) > 0.5)
      throw new UsageError(
        `The inputs separate some rows of a class of "${target.name}" perfectly, so without a penalty coefficients grow without bound: ${cure}.`,
      );
  };
}

/** The largest |x·w_k + b_k| over rows and outputs. */
function largestScore(x: Float64Array, point: Float64Array, features: number, outputs: number): number {
  let most = 0;
  for (let at = 0; at < x.length; at += features)
    for (let k = 0; k < outputs; k++) {
      let score = point[features * outputs + k]!;
      for (let f = 0; f < features; f++) score += x[at + f]! * point[f * outputs + k]!;
      most = Math.max(most, Math.abs(score));
    }
  return most;
}
