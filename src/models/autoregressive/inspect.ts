import type { Inspection } from "../inspection.ts";
import { causality, slopes } from "./causality.ts";
import type { Inspected } from "./inspected.ts";
import { conditionalsOf, surprise } from "./surprise.ts";

/** Surprise and causality of any model that has a factorisation. */
export function inspection(model: Inspected): Inspection {
  const conditionals = conditionalsOf(model);
  const derivative = slopes(model.factorisation);
  return {
    surprise: (on, x, options) => surprise(model, conditionals, on, x, options),
    causality: (on, x, variables, options) => causality(model, derivative, on, x, variables, options),
  };
}
