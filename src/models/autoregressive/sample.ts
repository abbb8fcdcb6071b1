import { UsageError } from "../../base/errors.ts";
import { type HostArray, zeros } from "../../base/host.ts";
import { fold } from "../../random/index.ts";
import type { Bound } from "../bound.ts";
import type { SampleOptions } from "../contract.ts";
import { labelRows } from "../labels.ts";
import type { Generate } from "./generate.ts";
import { pickRows } from "./matrix.ts";
import { groupsByOrder, uniformsOf } from "./orders.ts";
import type { Parts } from "./parts.ts";

type Floats = HostArray<"float32">;

/** Each example in an order drawn for it: the mixture of the orders is what is sampled. */
export async function sample(
  { data, classes, chunk, size, factorisation: { orders } }: Parts,
  generate: Generate,
  on: Bound,
  { count, key, labels, temperature, topK, topP, mean, progress }: SampleOptions,
): Promise<Floats> {
  if (mean) throw new UsageError("This model draws value by value: it has no decoder whose means could be shown.");
  const given = labelRows(classes, labels, count);
  const result = zeros("float32", [count, ...data.shape]);
  const greedy = temperature === 0;
  const drawing = {
    ...(temperature === undefined || greedy ? {} : { temperature }),
    ...(topK === undefined && !greedy ? {} : { topK: greedy ? 1 : topK! }),
    ...(topP === undefined ? {} : { topP }),
  };
  const groups = groupsByOrder(count, chunk, orders.length, key);
  for (const [g, { order, examples }] of groups.entries()) {
    const uniforms = uniformsOf(fold(key, "values"), examples, size);
    const draws = { uniforms, order, ...(given ? { labels: pickRows(given, examples) } : {}) };
    const { values } = await generate(on, draws, drawing, (done) => progress?.((g + done) / groups.length));
    examples.forEach((example, i) => {
      result.data.set(values.data.subarray(i * size, (i + 1) * size), example * size);
    });
  }
  return result;
}
