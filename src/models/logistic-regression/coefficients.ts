import type { LearntTable, Params } from "../contract.ts";
import type { LogisticParams } from "./steps.ts";

/** What each feature adds to the score of a class; of two classes to the log-odds of the second. */
export function coefficients(
  params: Params,
  features: readonly string[],
  target: string,
  classes: readonly string[],
): LearntTable {
  const { weight, bias } = params as unknown as LogisticParams;
  const outputs = bias.size;
  const cells = (data: Float64Array, at: number) => Array.from(data.subarray(at * outputs, (at + 1) * outputs));
  const two = outputs === 1;
  return {
    title: "Coefficients",
    head: [
      "feature",
      ...(two ? [`log-odds of ${target} = ${classes[1]}`] : classes.map((name) => `${target} = ${name}`)),
    ],
    rows: [
      ["(intercept)", ...cells(bias.data, 0)],
      ...features.map((name, f): LearntTable["rows"][number] => [name, ...cells(weight.data, f)]),
    ],
    note: `${two ? "Log-odds are" : "The probabilities are the softmax of"} the intercept plus each coefficient times its feature, in the units of the data; name=level is 1 where the column has that level.`,
  };
}
