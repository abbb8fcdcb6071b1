import { int64 } from "../../../base/host.ts";
import { constant, type Tensor } from "../../../graph/index.ts";

/** A table of position vectors: its length, and which row each place of the sequence takes. */
export interface PositionTable {
  readonly size: number;
  readonly rows: readonly number[];
}

/** Whole numbers as a constant. */
export const constants = (list: ArrayLike<number>): Tensor => constant(int64(list));

/** Sum of the position vectors of every place, [length, W]; undefined where there are none. */
export function positionVectors(
  positions: readonly PositionTable[],
  tables: readonly Tensor[],
  length: number,
): Tensor | undefined {
  const each = positions.map(({ rows }, i) => {
    const used = rows.slice(0, length);
    const whole = used.length === tables[i]!.shape[0] && used.every((row, k) => row === k);
    return whole ? tables[i]! : tables[i]!.gather(constants(used));
  });
  return each.length === 0 ? undefined : each.reduce((sum, table) => sum.add(table));
}

/** x [B, …, W] with the label's vector added everywhere, so that local attention sees it as well. */
export function labelled(table: Tensor | undefined, x: Tensor, labels: Tensor | undefined): Tensor {
  if (!labels || !table) return x;
  const vectors = labels.matmul(table);
  return x.add(x.rank === 3 ? vectors.expandDims(1) : vectors);
}

/** Inputs of a transformer [B, length, W]: the start [W] where there is one, then what is known [B, n, W], in pieces. */
export function opening(start: Tensor | undefined, known: Tensor | undefined, batch: number): Tensor[] {
  const first = start?.reshape([1, 1, -1]).broadcastTo([batch, 1, start.shape[0]!]);
  return [first, known].filter((part) => part !== undefined);
}
