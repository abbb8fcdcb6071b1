import type { Tensor } from "../../graph/index.ts";
import type { TracedParams } from "../contract.ts";
import type { Factorisation, Given } from "./factorisation.ts";

/** log p(v) of values v in model units under logits of one more axis, or under log-odds of the same shape. */
export function logProbOf(logits: Tensor, values: Tensor, unit: number): Tensor {
  if (logits.rank === values.rank) return logits.mul(values.mul(2).sub(1)).logSigmoid();
  const numbers = values.div(unit).round().cast("int64");
  return logits.logSoftmax(-1).takeAlong(numbers.expandDims(-1), -1).squeeze(-1);
}

/** log p(xᵢ | variables before it) of each variable at its place, [B, D], in nats. */
export function logConditionals(f: Factorisation, unit: number, params: TracedParams, given: Given): Tensor {
  return logProbOf(f.logits(params, given), given.x.flatten(1), unit);
}

/** log p(x) in one order, [B], in nats: the sum of the log-conditionals. */
export function logDensity(f: Factorisation, unit: number, params: TracedParams, given: Given): Tensor {
  return f.logProb?.(params, given) ?? logConditionals(f, unit, params, given).sum(1);
}
