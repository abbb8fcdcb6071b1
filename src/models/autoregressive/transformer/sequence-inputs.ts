import { concat, type Tensor } from "../../../graph/index.ts";
import { constants, labelled, opening, positionVectors } from "./positions.ts";
import type { Net, Sequence } from "./sequence-parts.ts";

/** Whether variables come in the order in which they lie in memory. */
export const isRaster = (order: Uint32Array) => order.every((place, k) => place === k);

/** Values [B, D] in the order's sequence, as numbers 0, 1, 2, … */
export function inOrder(s: Sequence, x: Tensor): Tensor {
  const values = x.flatten(1).div(s.unit);
  return isRaster(s.order) ? values : values.gather(constants(s.order), 1);
}

/** Columns [B, D, …] in the order's sequence brought to their places. */
export function placed(s: Sequence, columns: Tensor): Tensor {
  if (isRaster(s.order)) return columns;
  const ranks = new Uint32Array(s.size);
  s.order.forEach((place, k) => {
    ranks[place] = k;
  });
  return columns.gather(constants(ranks), 1);
}

/** First row of the table of every variable in sequence; undefined where all have one. */
const offsetsOf = ({ tables, levels }: Sequence) => tables && constants(tables.map((table) => table * levels));

/** The vectors of values from the rows after `first`; two levels are interpolated, so that what is seen has a derivative. */
function embed(s: Sequence, params: Net, values: Tensor, first: Tensor | undefined): Tensor {
  if (s.levels !== 2) {
    const numbers = values.round().cast("int64");
    const row = (number: Tensor) => params.tokens.gather(first ? number.add(first) : number);
    const vectors = row(numbers);
    return s.smooth ? vectors.add(differentiable(values, changeOf(s, row, numbers, vectors))) : vectors;
  }
  const [zero, one] = params.tokens.split(2, 0) as [Tensor, Tensor];
  return values
    .expandDims(-1)
    .mul(one.sub(zero).reshape([s.width]))
    .add(zero.reshape([s.width]));
}

/** Zeros [B, n, W] whose derivative by values [B, n] is `change`. */
const differentiable = (values: Tensor, change: Tensor) => values.sub(values.stopGradient()).expandDims(-1).mul(change);

/** How the vector of a value changes with it: as its neighbours differ; of a token, whose number means nothing, with its weight. */
function changeOf(s: Sequence, row: (number: Tensor) => Tensor, numbers: Tensor, vectors: Tensor): Tensor {
  if (s.opened) return vectors;
  const [below, above] = [numbers.sub(1).maximum(0), numbers.add(1).minimum(s.levels - 1)];
  const steps = above.sub(below).cast("float32").expandDims(-1);
  return row(above).sub(row(below)).div(steps);
}

/** Inputs of the transformer [B, length, W]: the values before each variable, moved by one. */
export function inputsOf(s: Sequence, params: Net, x: Tensor, labels: Tensor | undefined): Tensor {
  const before = () => embed(s, params, inOrder(s, x).slice(1, 0, s.size - 1), offsetsOf(s)?.slice(0, 0, s.size - 1));
  const parts = opening(params.start, s.size > 1 ? before() : undefined, x.shape[0]!);
  const stream = labelled(params.labels, concat(parts, 1), labels);
  const vectors = positionVectors(s.positions, params.positions, s.length);
  return vectors ? stream.add(vectors) : stream;
}

/** The input [B, W] at one place, `at`, of the sequence: the value before the variable at `position`. */
export function inputAt(
  s: Sequence,
  params: Net,
  { at, position, previous, labels }: { at: Tensor; position: Tensor; previous: Tensor; labels?: Tensor | undefined },
): Tensor {
  const known = embed(s, params, previous.div(s.unit), offsetsOf(s)?.gather(position.add(s.size - 1).mod(s.size)));
  const first = s.opened ? known : position.greater(0).select(known, params.start!);
  const stream = labelled(params.labels, first, labels);
  const vectors = positionVectors(s.positions, params.positions, s.length);
  return vectors ? stream.add(vectors.gather(at)) : stream;
}
