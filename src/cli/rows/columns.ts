import { HostArray } from "../../base/host.ts";
import type { Column } from "../../data/table/types.ts";
import type { AnyModel } from "../../models/contract.ts";

/** The columns of a model of tables. */
export const columnsOf = (model: AnyModel): readonly Column[] => model.data.columns!;

/** Cells as rows [n, columns] of a model of tables. */
export const rowsArray = (model: AnyModel, cells: Float64Array) =>
  new HostArray("float64", [cells.length / columnsOf(model).length, columnsOf(model).length], cells);
