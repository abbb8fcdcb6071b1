import { full, type HostArray } from "../base/host.ts";
import { mapTree } from "../base/tree.ts";
import { constant, scan, type Tensor } from "../graph/index.ts";
import { fold, type Key } from "../random/index.ts";
import { glorotUniform, orthogonal } from "./initializers.ts";
import type { Module, Traced } from "./module.ts";

/** Parameters of a recurrent layer: weight [inputs, gates·units], recurrent [units, gates·units], biases [gates·units]. */
export type RecurrentParams = { weight: HostArray; recurrent: HostArray; bias: HostArray; recurrentBias?: HostArray };

/** What a recurrent layer hands from position to position: the output [B, units] and, for an LSTM, the cell. */
export type RecurrentState<T> = { readonly hidden: T; readonly cell?: T };

/** A recurrent layer's results: y for every position, and the state after the last. */
export interface Unrolled {
  readonly y: Tensor;
  readonly state: RecurrentState<Tensor>;
}

/**
 * A recurrent layer over x [B, T, inputs], from a given state or zeros, with results [B, T, units]. The products with
 * the input are one matrix product over all positions; only the recurrent one is inside the loop. `step` handles one
 * position: x [B, inputs], result [B, units].
 */
export interface Recurrent extends Module<RecurrentParams, [x: Tensor, state?: RecurrentState<Tensor>], Unrolled> {
  initState(batch: number): RecurrentState<HostArray>;
  step(params: Traced<RecurrentParams>, x: Tensor, state: RecurrentState<Tensor>): Unrolled;
}

/** The next state from the input's share of the gates [B, gates·units] and the recurrent product of the same shape. */
type Cell = (fromInput: Tensor, fromHidden: Tensor, state: RecurrentState<Tensor>) => RecurrentState<Tensor>;

/** What tells one kind of layer from another. */
interface RecurrentKind {
  readonly init: (key: Key) => RecurrentParams;
  readonly initState: (batch: number) => RecurrentState<HostArray>;
  readonly cell: Cell;
}

function recurrent({ init, initState, cell }: RecurrentKind): Recurrent {
  const project = ({ weight, bias }: Traced<RecurrentParams>, x: Tensor) => x.matmul(weight).add(bias);
  const advance = (params: Traced<RecurrentParams>, fromInput: Tensor, state: RecurrentState<Tensor>) => {
    const product = state.hidden.matmul(params.recurrent);
    return cell(fromInput, params.recurrentBias ? product.add(params.recurrentBias) : product, state);
  };
  const zeroState = (batch: number) => mapTree<HostArray, Tensor>(initState(batch), (leaf) => constant(leaf));
  return {
    init,
    initState,
    apply: (params, x, state) => {
      const body = (carry: RecurrentState<Tensor>, fromInput: Tensor) => {
        const next = advance(params, fromInput, carry);
        return { carry: next, y: next.hidden };
      };
      const start: RecurrentState<Tensor> = state ?? (zeroState(x.shape[0]!) as RecurrentState<Tensor>);
      const { carry, ys } = scan(body, { init: start, xs: project(params, x).swapAxes(0, 1) });
      return { y: ys.swapAxes(0, 1), state: carry };
    },
    step: (params, x, state) => {
      const next = advance(params, project(params, x), state);
      return { y: next.hidden, state: next };
    },
  };
}

/** Glorot weights, an orthogonal recurrent matrix for each gate, and the bias given. */
function initGates(key: Key, inputs: number, units: number, gates: number, bias: HostArray): RecurrentParams {
  const fans = { fanIn: inputs, fanOut: units };
  const square = Array.from({ length: gates }, (_, g) =>
    orthogonal()(fold(fold(key, "recurrent"), g), [units, units], fans),
  );
  const recurrentWeight = full("float32", [units, gates * units], 0);
  square.forEach(({ data }, g) => {
    data.forEach((value, i) => {
      recurrentWeight.data[Math.floor(i / units) * gates * units + g * units + (i % units)] = value;
    });
  });
  return {
    weight: glorotUniform(fold(key, "weight"), [inputs, gates * units], fans),
    recurrent: recurrentWeight,
    bias,
  };
}

/**
 * Long short-term memory, gates i, f, g, o: c ← σ(f)·c + σ(i)·tanh(g), h ← σ(o)·tanh(c). Hochreiter, Schmidhuber 1997;
 * Gers et al. 2000; the forget gate's bias starts at 1 (Jozefowicz et al. 2015).
 */
export function lstm(inputs: number, units: number): Recurrent {
  const zero = (batch: number) => full("float32", [batch, units], 0);
  return recurrent({
    init: (key) => {
      const bias = full("float32", [4 * units], 0);
      bias.data.fill(1, units, 2 * units);
      return initGates(key, inputs, units, 4, bias);
    },
    initState: (batch) => ({ hidden: zero(batch), cell: zero(batch) }),
    cell: (fromInput, fromHidden, state) => lstmCell(fromInput.add(fromHidden), state.cell!),
  });
}

/** The next output and cell [B, units] of LSTM units from all that goes into their gates i, f, g, o, [B, 4·units]. */
export function lstmCell(gates: Tensor, before: Tensor): Required<RecurrentState<Tensor>> {
  const [i, f, g, o] = gates.split(4, -1) as [Tensor, Tensor, Tensor, Tensor];
  const cell = f.sigmoid().mul(before).add(i.sigmoid().mul(g.tanh()));
  return { hidden: o.sigmoid().mul(cell.tanh()), cell };
}

/**
 * Gated recurrent unit, gates r, z, n: n ← tanh(x·Wn + bn + σ(r)·(h·Un + cn)), h ← (1 − σ(z))·n + σ(z)·h. Cho et al.
 * 2014, arXiv 1406.1078, with the reset after the product (as cuDNN and PyTorch do), so that one product serves all gates.
 */
export function gru(inputs: number, units: number): Recurrent {
  return recurrent({
    init: (key) => ({
      ...initGates(key, inputs, units, 3, full("float32", [3 * units], 0)),
      recurrentBias: full("float32", [3 * units], 0),
    }),
    initState: (batch) => ({ hidden: full("float32", [batch, units], 0) }),
    cell: (fromInput, fromHidden, { hidden }) => {
      const [ri, zi, ni] = fromInput.split(3, -1) as [Tensor, Tensor, Tensor];
      const [rh, zh, nh] = fromHidden.split(3, -1) as [Tensor, Tensor, Tensor];
      const candidate = ni.add(ri.add(rh).sigmoid().mul(nh)).tanh();
      const keep = zi.add(zh).sigmoid();
      return { hidden: candidate.add(keep.mul(hidden.sub(candidate))) };
    },
  });
}
