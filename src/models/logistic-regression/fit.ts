import { SampoError } from "../../base/errors.ts";
import { lbfgsSearch, owlqnSearch, type SearchOptions } from "../../numeric/optimize/index.ts";
import type { DirectGiven, DirectStep } from "../contract.ts";
import { logisticLoss, type Problem } from "./loss.ts";
import type { LogisticConfig } from "./options.ts";
import { type Fitting, type Prepared, prepared } from "./prepared.ts";
import { watching } from "./separation.ts";
import { positionOf, told } from "./steps.ts";

/**
 * Minimises C Σ loss + penalty by L-BFGS, with an L1 penalty by OWL-QN, telling every iteration. The search moves in features
 * of mean 0 and deviation 1, which is the same problem better conditioned; the penalty is on the coefficients of those
 * features, or of the features as they are without `standardize`. Intercepts are free.
 */
export async function* fitLogistic(fitting: Fitting, { train, resume }: DirectGiven): AsyncGenerator<DirectStep> {
  const { features, config, target } = fitting;
  const ready = await prepared(train, fitting);
  const { scale, labels, x, present } = ready;
  const size = features.names.length;
  const outputs = target.classes.length === 2 ? 1 : present.length;
  const strength = 1 / (config.C * labels.length);
  const ridge = scale.map((deviation) => (config.standardize ? strength : strength / deviation ** 2));
  const problem: Problem = {
    x,
    labels,
    features: size,
    outputs,
    ...(config.penalty === "l2" ? { ridge } : {}),
  };
  const loss = logisticLoss(problem);
  const before = resume && positionOf(resume);
  const options: SearchOptions = {
    tolerance: config.tolerance,
    iterations: Number.POSITIVE_INFINITY,
    memory: config.memory,
    ...(before ? { resume: before } : {}),
  };
  const start = before?.x ?? new Float64Array((size + 1) * outputs);
  const search =
    config.penalty === "l1"
      ? owlqnSearch(loss.objective, lassoWeights(ready, strength, outputs, config), start, options)
      : lbfgsSearch(loss.objective, start, options);
  const watch = watching(fitting, loss, problem);
  for (;;) {
    const { value: place, done } = search.next();
    if (!done || place.iteration === 0) yield told(place, ready, fitting, outputs);
    if (done) {
      if (place.reason === "line-search" && place.slope > 1e-4)
        throw new SampoError(
          `logistic-regression cannot go on: no step makes the loss smaller, at a slope of ${place.slope}.`,
        );
      watch(place, true);
      return;
    }
    watch(place, false);
  }
}

/** The threshold of each coordinate for an L1 penalty; 0 for intercepts. */
function lassoWeights({ scale }: Prepared, strength: number, outputs: number, { standardize }: LogisticConfig) {
  const weights = new Float64Array((scale.length + 1) * outputs);
  for (let i = 0; i < scale.length * outputs; i++)
    weights[i] = standardize ? strength : strength / scale[Math.floor(i / outputs)]!;
  return weights;
}
