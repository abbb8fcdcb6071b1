import { type HostArray, int64 } from "../../base/host.ts";
import { arange, constant, matmul, scan, type Tensor } from "../../graph/index.ts";

/** What conditionals with shared hidden units are computed from; all of it in the order's sequence. */
export interface Positions {
  /** Values [B, D]. */
  readonly x: Tensor;
  /** rows[d] [H] is what x_d adds to the units of all later variables. */
  readonly rows: Tensor;
  /** The units' input before anything is known, [H]. */
  readonly bias: Tensor;
  /** What each variable's units have in addition, [D, H]. */
  readonly offsets?: Tensor;
  /** From the units' inputs [n, H] to what is read out [n, H′]. */
  readonly hidden: (units: Tensor) => Tensor;
  /** Read-out weights [D, H′] and biases [D]. */
  readonly readout: Tensor;
  readonly readoutBias: Tensor;
}

/**
 * Variables whose units are held at once; those of all would be [D, B, H], 157 MB for 784 variables, 100 examples and
 * 500 units. Measured there on one thread, loss and gradient: one variable at a time 104 ms, blocks of 8 and 16
 * 91–98 ms, of 28 116 ms; with all units kept for the gradient 850 MB and the same time, computed again 220 MB.
 */
const BLOCK = 8;

/**
 * Log-odds [B, D] of x_d given those before it: readout_d · hidden(bias + offsets_d + Σ_{e<d} x_e rows_e) + readoutBias_d.
 * A scan over blocks of variables: the sum over what lies before a block is carried, what lies in it is one product with
 * the block's values below the diagonal.
 */
export function logOddsByPosition(given: Positions): Tensor {
  const { x, rows, bias, offsets, readout, hidden } = given;
  const [batch, size] = x.shape as [number, number];
  const width = Math.min(BLOCK, size);
  const cut = (tensor: Tensor) => inBlocks(tensor, width);
  const xs = {
    values: cut(x.transpose()),
    rows: cut(rows),
    readout: cut(readout),
    ...(offsets ? { offsets: cut(offsets) } : {}),
  };
  const body = (before: Tensor, block: typeof xs) => {
    const within = matmul(belowDiagonal(block.values), block.rows).add(before); // [width, B, H]
    const units = block.offsets ? within.add(block.offsets.expandDims(1)) : within;
    const read = hidden(units.reshape([width * batch, -1])).reshape([width, batch, -1]);
    const carry = before.add(matmul(block.values, block.rows, { transposeA: true }));
    return { carry, y: read.matmul(block.readout.expandDims(-1)).squeeze(-1) };
  };
  const { ys } = scan(body, { init: bias.broadcastTo([batch, bias.size]), xs, recompute: true });
  return ys.reshape([-1, batch]).slice(0, 0, size).transpose().add(given.readoutBias);
}

/** [D, n] as [blocks, width, n], with zeros after the end. */
function inBlocks(tensor: Tensor, width: number): Tensor {
  const [size, inner] = tensor.shape as [number, number];
  const count = Math.ceil(size / width);
  const spare = count * width - size;
  const whole =
    spare === 0
      ? tensor
      : tensor.pad([
          [0, spare],
          [0, 0],
        ]);
  return whole.reshape([count, width, inner]);
}

/** Values [width, B] of a block as [width, B, width]: row d keeps those of the variables before d. */
function belowDiagonal(values: Tensor): Tensor {
  const index = arange(values.shape[0]!);
  const before = index.expandDims(0).less(index.expandDims(1)).cast("float32"); // [d, e]
  return values.transpose().expandDims(0).mul(before.expandDims(1));
}

/** Columns [B, D] at their places brought into the order's sequence. */
export function inSequence(values: Tensor, places: Uint32Array): Tensor {
  return isRaster(places) ? values : values.gather(indices(places), 1);
}

/** Columns [B, D] in the order's sequence brought to their places. */
export function atPlaces(values: Tensor, places: Uint32Array): Tensor {
  return isRaster(places) ? values : values.gather(indices(ranksOf(places)), 1);
}

/** ranks[i]: how many variables come in the order before the one at place i. */
export function ranksOf(places: Uint32Array): Uint32Array {
  const ranks = new Uint32Array(places.length);
  places.forEach((place, k) => {
    ranks[place] = k;
  });
  return ranks;
}

/** Several orders as tables in a graph. */
export function orderTables(orders: readonly Uint32Array[]) {
  const table = (lists: readonly Uint32Array[]) =>
    int64(
      lists.flatMap((list) => Array.from(list)),
      [lists.length, lists[0]!.length],
    );
  const [places, ranks] = [table(orders), table(orders.map(ranksOf))];
  const pick = (all: HostArray, order: Tensor | undefined) =>
    order ? constant(all).gather(order, 0) : constant(all).slice(0, 0, 1).squeeze(0);
  return {
    /** Places and ranks [D] of the order with that number (int64 scalar), of the only one where it is left out. */
    at: (order: Tensor | undefined) => ({ places: pick(places, order), ranks: pick(ranks, order) }),
  };
}

const isRaster = (places: Uint32Array) => places.every((place, k) => place === k);
const indices = (list: Uint32Array) => constant(int64([...list], [list.length]));
