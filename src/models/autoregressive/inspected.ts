import { UsageError } from "../../base/errors.ts";
import { int64 } from "../../base/host.ts";
import type { DataSpec } from "../../data/types.ts";
import type { Factorisation } from "./factorisation.ts";

/** A model as surprise and causality see it. */
export interface Inspected {
  readonly data: DataSpec;
  readonly factorisation: Factorisation;
  readonly unit: number;
  readonly size: number;
  readonly classes: number;
  /** Most examples handled at once by the engine. */
  readonly chunk: number;
}

/** The order that is asked for, as its number and as an input of graph functions. */
export function chosenOrder({ factorisation: { orders } }: Inspected, order = 0) {
  if (!Number.isInteger(order) || order < 0 || order >= orders.length)
    throw new UsageError(
      `There is no order ${order}: this model's are ${orders.length === 1 ? "just number 0" : `0 to ${orders.length - 1}`}.`,
    );
  return { order, orders: orders.length, input: orders.length > 1 ? { order: int64([order], []) } : {} };
}
