import { toPlane } from "../evaluation/index.ts";
import { can, type Numbers } from "../models/contract.ts";
import type { ReportChart } from "./report/report.ts";
import { type ReportInputs, testExamples } from "./run-inputs.node.ts";

/** Examples on the map. */
const MAP = 2000;

/** Codes of test examples in the plane; none where codes are shares. */
export async function latentMap(inputs: ReportInputs): Promise<ReportChart[]> {
  const { model } = inputs.trained;
  if (!can(model, "encode") || model.data.values === "sequences") return [];
  const { x, shown, options } = testExamples(inputs, MAP);
  const codes = await model.encode(inputs.on, x, options);
  if (areShares(codes)) return [];
  const classes = model.data.classes;
  const { scatterChart } = await import("./charts/charts.node.ts");
  const svg = scatterChart(toPlane(codes), shown, {
    title: "Latent map",
    subtitle:
      codes.shape[1] === 2 ? "mean codes of test examples" : "mean codes of test examples, two principal components",
    ...(classes ? { classes } : {}),
  });
  return [{ svg }];
}

/** How far from one a sum of shares may be that have been rounded to float32. */
const SLACK = 1e-4;

/** Whether the numbers of each code are shares that sum to one: most of them then stand at the corners, and no plane shows more. */
export function areShares({ data, shape }: Numbers): boolean {
  const width = data.length / shape[0]!;
  for (let at = 0; at < data.length; at += width) {
    let sum = 0;
    for (let i = at; i < at + width; i++) {
      if (!(data[i]! >= 0)) return false;
      sum += data[i]!;
    }
    if (Math.abs(sum - 1) > SLACK) return false;
  }
  return true;
}
