import { type HostArray, zeros } from "../../../base/host.ts";
import type { Tree } from "../../../base/tree.ts";
import { concat, scan, type Tensor } from "../../../graph/index.ts";
import { lstmCell } from "../../../nn/index.ts";
import { fold } from "../../../random/index.ts";
import { type Channels, reachOf, rowConv } from "../pixelcnn/layers.ts";
import { gateBias, gateColours, gateWeights, noUnits, type RecurrentLayer, type Units } from "./layer.ts";

/** input [4·units, features, 1, taps], bias [4·units], recurrent [kernel·units, 4·units]. */
export type RowParams = { input: HostArray; bias: HostArray; recurrent: HostArray };

/** What shapes a Row LSTM: the colours of its features and units, and the width of both convolutions. */
export interface RowOptions extends Channels {
  readonly kernel: number;
}

/** All neighbours within reach, side by side along the last axis; places lie `step` apart along `axis`. */
export function neighbours(x: Tensor, axis: number, [before, after]: readonly [number, number], step: number): Tensor {
  const size = x.shape[axis]!;
  const amounts = x.shape.map((_, i) => (i === axis ? ([before * step, after * step] as const) : ([0, 0] as const)));
  const padded = x.pad(amounts);
  const shifted = Array.from({ length: before + 1 + after }, (_, k) => padded.slice(axis, k * step, k * step + size));
  return shifted.length === 1 ? x : concat(shifted, -1);
}

/**
 * Row LSTM: units go down the image, a whole row at a time. Their gates get a masked convolution of the row, computed for
 * all rows before the loop, and a convolution of the outputs of the row above: what a place sees of the past widens by
 * the kernel's reach from row to row. van den Oord et al. 2016, arXiv 1601.06759, section 3.1.
 */
export function rowLayer({ inputs, outputs, kernel }: RowOptions): RecurrentLayer<RowParams> {
  const reach = reachOf(kernel);
  const [features, units] = [inputs.length, outputs.length];
  const conv = rowConv({ kernel, strict: false, inputs, outputs: gateColours(outputs) });
  const around = [reach, reach] as const;
  const side = (2 * reach + 1) * units;
  return {
    init: (key) => ({
      input: conv.init(fold(key, "input"), 2 * conv.fanIn),
      bias: gateBias(units),
      recurrent: gateWeights(fold(key, "recurrent"), side, units),
    }),
    image: (params, x, { batch }) => {
      const [height, places] = x.shape as [number, number];
      const window = neighbours(x, 1, [reach, 0], batch).reshape([-1, conv.taps * features]);
      const fromInput = conv.pixel(params.input, window).add(params.bias).reshape([height, places, -1]);
      const body = ({ hidden, cell }: Units, gates: Tensor) => {
        const carry = lstmCell(gates.add(neighbours(hidden, 0, around, batch).matmul(params.recurrent)), cell);
        return { carry, y: carry.hidden };
      };
      return scan(body, { init: noUnits(places, units), xs: fromInput }).ys;
    },
    rows: {
      state: (batch, width) => unitsOf(() => zeros("float32", [width, batch, units])),
      carry: (batch) => zeros("float32", [batch, reach * features]),
      made: (batch) => unitsOf(() => zeros("float32", [batch, units])),
      begin: (params, state) => {
        const { hidden, cell } = state as unknown as Units;
        const above = neighbours(hidden, 0, around, 1).matmul(params.recurrent);
        return { seen: { above, cell }, state };
      },
      step: (params, x, carry, seen) => {
        const { above, cell } = seen as { above: Tensor; cell: Tensor };
        const window = concat([carry as Tensor, x], 1);
        const made = lstmCell(conv.pixel(params.input, window).add(params.bias).add(above), cell);
        return { y: made.hidden, carry: window.slice(1, features), made: made as unknown as Tree<Tensor> };
      },
      end: (_state, made) => made,
    },
  };
}

const unitsOf = (make: () => HostArray) => ({ hidden: make(), cell: make() });
