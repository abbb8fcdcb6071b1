import { planDouble } from "../../runtime/index.ts";
import { leaveOneOut, type PredictiveDensity, waic } from "../../samplers/diagnostics/index.ts";
import type { Posterior } from "./posterior.ts";
import { type Program, pointwiseLogLikelihood, traceAt } from "./program.ts";

/** The log likelihood of every observation under every draw, chains one after the other: [chains · draws][observations]. */
export function pointwise({ program, positions }: Pick<Posterior, "program" | "positions">): Float64Array[] {
  const plan = planDouble(
    traceAt(program as Program, (position) => ({ all: pointwiseLogLikelihood(program)(position) })),
  );
  const d = program.dimension;
  return positions.flatMap((chain) =>
    Array.from({ length: chain.length / d }, (_, i) => {
      plan.inputs[0]!.set(chain.subarray(i * d, (i + 1) * d));
      plan.run();
      return plan.outputs[0]!.slice();
    }),
  );
}

/** Leave-one-out cross-validation of a fitted program (`diagnostics.leaveOneOut`). */
export function crossValidate(posterior: Posterior): ReturnType<typeof leaveOneOut> {
  return leaveOneOut(pointwise(posterior));
}

/** The widely applicable information criterion of a fitted program. */
export function informationCriterion(posterior: Posterior): PredictiveDensity {
  return waic(pointwise(posterior));
}
