import { full, type HostArray, zeros } from "../../../base/host.ts";
import { concat, constant, scan, type Tensor } from "../../../graph/index.ts";
import { lstmCell, type Traced } from "../../../nn/index.ts";
import { fold, type Key } from "../../../random/index.ts";
import { type Channels, rowConv } from "../pixelcnn/layers.ts";
import { gateBias, gateColours, gateWeights, type MapSize, noUnits, type RecurrentLayer, type Units } from "./layer.ts";
import { shift, skew, unskew } from "./skew.ts";

/** input [4·units, features, 1, 1], bias [4·units], recurrent [2·units, 4·units]: the neighbour beside, then the one above. */
export type DirectionParams = { input: HostArray; bias: HostArray; recurrent: HostArray };

/** Parameters of both directions: `left` comes from the upper left corner, `right` from the upper right one. */
export type DiagonalParams = { left: DirectionParams; right: DirectionParams };

/** One of each direction. */
type Both<T> = { readonly left: T; readonly right: T };

/** What a Diagonal BiLSTM keeps of the row above: outputs of both directions and, while it still owes its `right`, the row. */
interface Kept {
  /** Outputs of `left` in the row above, [W, B, units]. */
  readonly left: Tensor;
  /** Outputs of `right` in the row above the row above; after `begin`, in the row above. */
  readonly right: Tensor;
  /** Features of the row above, [W, B, features]. */
  readonly x: Tensor;
  /** 1 where there is a row above, a scalar. */
  readonly any: Tensor;
}

/**
 * Diagonal BiLSTM: units get the outputs of the neighbour beside and of the one above, from the upper left corner and
 * from the upper right one; a loop over the diagonals of the image, whose places do not need each other. The second
 * direction is moved down by one row, where it sees nothing that comes later, and added. van den Oord et al. 2016,
 * arXiv 1601.06759, section 3.2.
 */
export function diagonalLayer({ inputs, outputs }: Channels): RecurrentLayer<DiagonalParams> {
  const [features, units] = [inputs.length, outputs.length];
  const conv = rowConv({ kernel: 1, strict: false, inputs, outputs: gateColours(outputs) });
  const initDirection = (key: Key): DirectionParams => ({
    input: conv.init(fold(key, "input"), 2 * conv.fanIn),
    bias: gateBias(units),
    recurrent: gateWeights(fold(key, "recurrent"), 2 * units, units),
  });
  /** What the gates get from features [.., features]: [.., 4·units]. */
  const fromInput = (params: Traced<DirectionParams>, x: Tensor) =>
    conv
      .pixel(params.input, x.reshape([-1, features]))
      .add(params.bias)
      .reshape([...x.shape.slice(0, -1), 4 * units]);
  /** The units of one direction on the next diagonal. */
  const advance = (params: Traced<DirectionParams>, { hidden, cell }: Units, given: Tensor, batch: number) => {
    const sides = concat([hidden, shift(hidden, 0, batch)], 1);
    return lstmCell(given.add(sides.matmul(params.recurrent)), cell);
  };
  /** Outputs [H, W, B·units] of both directions from what their gates get from features, [H, W, B·4·units]: one loop. */
  const sweep = (params: Traced<DiagonalParams>, gates: Both<Tensor>, batch: number): Both<Tensor> => {
    const [height, width] = gates.left.shape as [number, number];
    const diagonals = (given: Tensor) => skew(given).reshape([height + width - 1, height * batch, 4 * units]);
    const body = (now: Both<Units>, given: Both<Tensor>) => {
      const left = advance(params.left, now.left, given.left, batch);
      const right = advance(params.right, now.right, given.right, batch);
      return { carry: { left, right }, y: { left: left.hidden, right: right.hidden } };
    };
    const none = noUnits(height * batch, units);
    const xs = { left: diagonals(gates.left), right: diagonals(gates.right) };
    const { ys } = scan(body, { init: { left: none, right: none }, xs });
    const places = (outputs: Tensor) => unskew(outputs.reshape([height + width - 1, height, batch * units]));
    return { left: places(ys.left), right: places(ys.right) };
  };
  /** Outputs of `right` in one row, from its features and its own outputs in the row above it. */
  const rightRow = (params: Traced<DirectionParams>, x: Tensor, above: Tensor) => {
    const [beside, over] = params.recurrent.split(2, 0) as [Tensor, Tensor];
    const body = ({ hidden, cell }: Units, given: Tensor) => {
      const carry = lstmCell(given.add(hidden.matmul(beside)), cell);
      return { carry, y: carry.hidden };
    };
    const xs = fromInput(params, x).add(above.matmul(over));
    return scan(body, { init: noUnits(x.shape[1]!, units), xs, reverse: true }).ys;
  };
  return {
    init: (key) => ({ left: initDirection(fold(key, "left")), right: initDirection(fold(key, "right")) }),
    image: (params, x, { width, batch }: MapSize) => {
      const places = (tensor: Tensor) => tensor.reshape([tensor.shape[0]!, width, -1]);
      const gates = {
        left: places(fromInput(params.left, x)),
        right: places(fromInput(params.right, x)).flip(1),
      };
      const { left, right } = sweep(params, gates, batch);
      const sum = left.add(shift(right.flip(1), 0, 1));
      return sum.reshape([x.shape[0]!, width * batch, units]);
    },
    rows: {
      state: (batch, width) => ({
        left: zeros("float32", [width, batch, units]),
        right: zeros("float32", [width, batch, units]),
        x: zeros("float32", [width, batch, features]),
        any: zeros("float32", []),
      }),
      carry: (batch) => ({ hidden: zeros("float32", [batch, units]), cell: zeros("float32", [batch, units]) }),
      made: (batch) => ({ x: zeros("float32", [batch, features]), left: zeros("float32", [batch, units]) }),
      begin: (params, state) => {
        const kept = state as unknown as Kept;
        const above = kept.left.matmul(params.left.recurrent.slice(0, units));
        const right = rightRow(params.right, kept.x, kept.right).mul(kept.any);
        return { seen: { above, right }, state: { ...kept, right } };
      },
      step: (params, x, carry, seen) => {
        const { above, right } = seen as { above: Tensor; right: Tensor };
        const { hidden, cell } = carry as unknown as Units;
        const beside = hidden.matmul(params.left.recurrent.slice(0, 0, units));
        const next = lstmCell(fromInput(params.left, x).add(beside.add(above)), cell);
        const now = { hidden: next.hidden, cell: next.cell };
        return { y: next.hidden.add(right), carry: now, made: { x, left: next.hidden } };
      },
      end: (state, made) => {
        const { x, left } = made as { x: Tensor; left: Tensor };
        return { left, right: (state as unknown as Kept).right, x, any: constant(full("float32", [], 1)) };
      },
    },
  };
}
