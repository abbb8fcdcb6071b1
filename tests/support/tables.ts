import { HostArray } from "../../src/base/host.ts";
import type { Column } from "../../src/data/table/types.ts";
import type { Dataset } from "../../src/data/types.ts";
import { type Bound, bind } from "../../src/models/bound.ts";
import type { AnyModel, ModelEntry } from "../../src/models/contract.ts";
import { referenceRuntime } from "../../src/runtime/index.ts";
import type { TrainingData } from "../../src/training/index.ts";
import { allEvents, ofType } from "./tiny.ts";

/** Rows of float64 as a host array; null is missing. */
export function rowsOf(rows: readonly (readonly (number | null)[])[]): HostArray<"float64"> {
  const data = Float64Array.from(rows.flat(), (value) => value ?? Number.NaN);
  return new HostArray("float64", [rows.length, rows[0]?.length ?? 0], data);
}

/** A table of given rows, the same in every split; the last column is the target unless another one is named. */
export function tableData(
  columns: readonly Column[],
  x: HostArray<"float64">,
  target: number | undefined = columns.length - 1,
): TrainingData {
  const split = { count: x.shape[0]!, x: x.data };
  const classes = target === undefined ? undefined : columns[target]!.levels;
  const dataset: Dataset = {
    name: "given rows",
    spec: {
      shape: [columns.length],
      values: "table",
      columns,
      ...(target === undefined ? {} : { target }),
      ...(classes ? { classes } : {}),
    },
    splits: { train: split, valid: split, test: split },
    protocol: "rows of a test",
    hash: "0",
  };
  return { dataset, encoding: {} };
}

/** A model of a registry entry for a table, fitted to all its rows. */
export async function fittedTo(
  entry: ModelEntry,
  data: TrainingData,
  options: Readonly<Record<string, unknown>> = {},
): Promise<{ readonly model: AnyModel; readonly on: Bound }> {
  const model = entry.make(entry.options.parse(options), data.dataset.spec);
  const runtime = referenceRuntime();
  const training = Object.values(entry.presets)[0]!.training;
  const events = await allEvents(model, data, training, { seed: 1, runtime });
  return { model, on: bind(runtime, ofType(events, "checkpoint").at(-1)!.state.params) };
}
