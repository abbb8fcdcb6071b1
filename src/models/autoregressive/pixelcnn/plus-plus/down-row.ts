import { concat, conv, convTranspose, type Tensor } from "../../../../graph/index.ts";
import type { Traced, WeightNormParams } from "../../../../nn/index.ts";
import { normedWeight } from "../../../../nn/weight-norm.ts";
import { concatElu } from "./convolutions.ts";
import {
  biasOf,
  blockOf,
  inputsOf,
  isFresh,
  type KeptRows,
  layerOf,
  nothing,
  type PlusPlusShape,
  type Seen,
  spread,
  tree,
} from "./kept.ts";
import type { PlusPlusParams } from "./network.ts";
import { pass, type Stage } from "./stages.ts";

/** One row of the stream that knows the rows above, and all that the other stream gets from above. */
export function begin(
  shape: PlusPlusShape,
  params: Traced<PlusPlusParams>,
  state: KeptRows,
  labels: Tensor | undefined,
) {
  const { stages, size } = shape;
  const { x, down, right, row } = state;
  const length = size.width * size.colours;
  const next: Tensor[][] = [];
  const inside = row.greater(0).cast("float32");
  const first = conv(x, normedWeight(params.down, 0), { padding: [nothing, [1, 1]] }).add(
    channels(params.down).mul(inside),
  );
  const features = pass(stages, first, (stage, i, value, skip) => {
    const own = downStage(shape, stage, params.downStages[i], down[i]!, { value, skip, labels, row });
    const { level } = inputsOf(stage, shape.filters);
    next.push(own.inputs.map((input, j) => isFresh(row, level).select(input, down[i]![j]!)));
    return own.result;
  });
  const seen: Seen = {
    row: row.broadcastTo([length]),
    first: spread(shape, firstAbove(params, x, inside), 0),
    above: stages.map((stage, i) => aboveOf(shape, stage, params.rightStages[i], right[i]!)),
    down: features.map((value, i) => spread(shape, value, stages[i]!.level)),
  };
  return { seen: tree(seen), state: tree({ x, down: next, right, row }) };
}

/** A layer's bias for each channel of a row. */
const channels = ({ bias }: Traced<WeightNormParams>) => bias!.reshape([1, -1, 1, 1]);

/** What the pixels' first features get from the row above, which is `inside` the image or not. */
function firstAbove(params: Traced<PlusPlusParams>, x: Tensor, inside: Tensor): Tensor {
  const before = x.slice(2, 1);
  const corner = conv(before, normedWeight(params.left, 0).slice(2, 0, 1));
  return conv(before, normedWeight(params.above, 0), { padding: [nothing, [1, 1]] })
    .add(channels(params.above).mul(inside))
    .add(corner.pad([nothing, nothing, nothing, [1, -1]]));
}

interface DownGiven {
  readonly value: Tensor;
  readonly skip: Tensor | undefined;
  readonly labels: Tensor | undefined;
  readonly row: Tensor;
}

/** One row through a stage of the stream that knows whole rows, with the inputs of its convolutions. */
function downStage(
  { size }: PlusPlusShape,
  { kind, level }: Stage,
  params: unknown,
  rows: readonly Tensor[],
  { value, skip, labels, row }: DownGiven,
): { result: Tensor; inputs: Tensor[] } {
  const over = (before: Tensor, own: Tensor, p: Traced<WeightNormParams>, stride = 1) => {
    const padding = [nothing, [1, 1]] as const;
    return conv(concat([before, own], 2), normedWeight(p, 0), { padding, stride: [1, stride], ...biasOf(p) });
  };
  if (kind === "shrink") return { result: over(rows[0]!, value, layerOf(params), 2), inputs: [value] };
  if (kind === "grow") {
    // The smaller image's row, held while it has none of its own, makes two rows of this one.
    const held = isFresh(row, level + 1).select(value, rows[0]!);
    const p = layerOf(params);
    const two = convTranspose(held, normedWeight(p, 1), { stride: 2, padding: [nothing, [1, 0]], ...biasOf(p) });
    const half = row.div(2 ** level).mod(2);
    const wide = Math.ceil(size.width / 2 ** level);
    return { result: two.gather(half.expandDims(0), 2).slice(3, 0, wide), inputs: [held] };
  }
  const p = blockOf(params);
  const input = concatElu(value);
  let inner = over(rows[0]!, input, p.first);
  if (p.beside && skip) inner = inner.add(conv(concatElu(skip), normedWeight(p.beside, 0), biasOf(p.beside)));
  const second = concatElu(inner);
  let both = over(rows[1]!, second, p.second);
  if (p.labels && labels) both = both.add(labels.matmul(p.labels.weight).expandDims(-1).expandDims(-1));
  const [a, b] = both.split(2, 1) as [Tensor, Tensor];
  return { result: value.add(a.mul(b.sigmoid())), inputs: [input, second] };
}

/** What the pixels of a stage get from the row above; of a `grow`, the smaller image's held row. */
function aboveOf(shape: PlusPlusShape, stage: Stage, params: unknown, rows: readonly Tensor[]): Tensor[] {
  const { kind, level } = stage;
  if (kind === "grow") return [spread(shape, rows[0]!, level + 1)];
  const top = (p: Traced<WeightNormParams>, before: Tensor, stride = 1) => {
    const weight = normedWeight(p, 0).slice(2, 0, 1);
    return spread(
      shape,
      conv(before, weight, { padding: [nothing, [1, 0]], stride: [1, stride], ...biasOf(p) }),
      level,
    );
  };
  if (kind === "shrink") return [top(layerOf(params), rows[0]!, 2)];
  const p = blockOf(params);
  return [top(p.first, rows[0]!), top(p.second, rows[1]!)];
}
