import type { Tensor } from "../../graph/index.ts";
import type { TracedParams } from "../contract.ts";
import type { Factorisation, Given } from "./factorisation.ts";

/** log p(v) of values v in model units under logits of one more axis, or under log-odds of the same shape. */
export function logProbOf(logits: Tensor, values: Tensor, unit: number): Tensor {
  if (logits.rank === values.rank) return logits.mul(values.mul(2).sub(1)).logSigmoid();
  const numbers = values.div(unit).round().cast("int64");
  return logits.logSoftmax(-1).takeAlong(numbers.expandDims(-1), -1).squeeze(-1);
}

/** log p(xᵢ | variables before it) of each variable at its place, [B, D], in nats; 0 where it does not count. */
export function logConditionals(f: Factorisation, unit: number, params: TracedParams, given: Given): Tensor {
  const nats = f.logConditionals?.(params, given) ?? logProbOf(f.logits(params, given), given.x.flatten(1), unit);
  return f.counted ? nats.mul(f.counted(given.x)) : nats;
}

/** log p(x) in one order, [B], in nats: the sum of the log-conditionals. */
export function logDensity(f: Factorisation, unit: number, params: TracedParams, given: Given): Tensor {
  return f.logProb?.(params, given) ?? logConditionals(f, unit, params, given).sum(1);
}
