import { type AnyModel, can } from "../models/contract.ts";
import type { JsonRecord } from "./jsonl.node.ts";
import type { ReportChart, ReportTable } from "./report/report.ts";

/** Units of figures that training tells. */
const units: Readonly<Record<string, string>> = {
  natsPerToken: "nats per token",
  bitsPerDim: "bits per dimension",
  elbo: "nats per example",
  kl: "nats per example",
  reconstruction: "nats per example",
  bic: "−2 log likelihood + p log n",
  aic: "−2 log likelihood + 2p",
  components: "components",
};

/** The course of what training told, where there is a course: what was told once stands in a table. */
export async function curves(records: readonly JsonRecord[], unit: (name: string) => string): Promise<ReportChart[]> {
  const { curveChart } = await import("./charts/charts.node.ts");
  return courses(records)
    .filter(({ series }) => series.some(({ x }) => x.length > 1))
    .map(({ name, series }) => ({
      svg: curveChart(series, { title: name, x: "step", y: unit(name), focus: true }),
    }));
}

/** What training told once. */
export function figuresTold(records: readonly JsonRecord[]): ReportTable[] {
  const once = courses(records).filter(({ series }) => series.every(({ x }) => x.length === 1));
  const rows = once.flatMap(({ name, series }) =>
    series.map((one) => [`${name} (${one.name})`, String(Number(one.y[0]!.toPrecision(6)))]),
  );
  return rows.length === 0 ? [] : [{ title: "Figures of the fit", head: ["figure", "value"], numbers: [1], rows }];
}

/** Every figure that training told, of train and of valid, by step. */
function courses(records: readonly JsonRecord[]) {
  const series = (split: string, name: string) => {
    const of = records.filter((record) => record.split === split && typeof record[name] === "number");
    const column = (field: string) => of.map((record) => Number(record[field]));
    return { name: split, x: column("step"), y: column(name) };
  };
  const names = [...new Set(records.flatMap((record) => Object.keys(record)))].filter(
    (name) => !["split", "step", "epoch", "seconds", "best"].includes(name),
  );
  return names.map((name) => ({
    name,
    series: [series("train", name), series("valid", name)].filter(({ x }) => x.length > 0),
  }));
}

/** The unit of a figure; a loss is in nats where the model states probabilities. */
export function unitOf(model: AnyModel): (name: string) => string {
  const loss = can(model, "logProb") || can(model, "classify") ? "nats per example" : "";
  return (name) => units[name] ?? (name === "loss" ? loss : "");
}
