import { type HostArray, zeros } from "../../../base/host.ts";
import type { Tree } from "../../../base/tree.ts";
import { constant, type Tensor } from "../../../graph/index.ts";
import { glorotUniform, type RecurrentState, type Traced } from "../../../nn/index.ts";
import type { Key } from "../../../random/index.ts";

/** Sizes of a feature map held place by place, [H, W·B, features]: all columns of a row, each with the whole batch. */
export interface MapSize {
  readonly width: number;
  readonly batch: number;
}

/** A recurrent layer over feature maps: its outputs at a place owe nothing to inputs that come later in raster order. */
export interface RecurrentLayer<P> {
  readonly init: (key: Key) => P;
  /** [H, W·B, features] → [H, W·B, units]. */
  readonly image: (params: Traced<P>, x: Tensor, size: MapSize) => Tensor;
  /** The same row by row. */
  readonly rows: LayerRows<P>;
}

/** How a layer goes through an image row by row; every tree may be the layer's own. */
export interface LayerRows<P> {
  /** What is kept from row to row, before the first. */
  readonly state: (batch: number, width: number) => Tree<HostArray>;
  /** What is carried within a row, at its start. */
  readonly carry: (batch: number) => Tree<HostArray>;
  /** What a place leaves for the rows after it; only the shapes count. */
  readonly made: (batch: number) => Tree<HostArray>;
  /** Once for each row: what its places see, stacked along a first axis [W, …], and what is kept then. */
  readonly begin: (
    params: Traced<P>,
    state: Tree<Tensor>,
  ) => { readonly seen: Tree<Tensor>; readonly state: Tree<Tensor> };
  /** One place with features x [B, features]: outputs y [B, units], what is carried on and what is left. */
  readonly step: (params: Traced<P>, x: Tensor, carry: Tree<Tensor>, seen: Tree<Tensor>) => StepResult;
  /** What is kept after a row whose places left `made`, stacked along a first axis [W, …]. */
  readonly end: (state: Tree<Tensor>, made: Tree<Tensor>) => Tree<Tensor>;
}

/** What a place of a row comes to. */
export interface StepResult {
  readonly y: Tensor;
  readonly carry: Tree<Tensor>;
  readonly made: Tree<Tensor>;
}

/** The output and the cell of LSTM units. */
export type Units = Required<RecurrentState<Tensor>>;

/** The colours of an LSTM's four gates, side by side, for units of those colours. */
export const gateColours = (units: readonly number[]): number[] => [...units, ...units, ...units, ...units];

/** Zeros to begin LSTM units with, [rows, units]. */
export const noUnits = (rows: number, units: number): Units => {
  const zero = constant(zeros("float32", [rows, units]));
  return { hidden: zero, cell: zero };
};

/** Weights of what `inputs` values give to the four gates of `units`, [inputs, 4·units]. */
export const gateWeights = (key: Key, inputs: number, units: number): HostArray =>
  glorotUniform(key, [inputs, 4 * units], { fanIn: inputs, fanOut: units });

/** Biases of the gates i, f, g, o, [4·units]; the forget gate starts open. */
export function gateBias(units: number): HostArray {
  const bias = zeros("float32", [4 * units]);
  bias.data.fill(1 as never, units, 2 * units);
  return bias;
}
