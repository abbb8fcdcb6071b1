import { concat, type Tensor } from "../../../../graph/index.ts";
import { elu, type Traced, type WeightNormParams } from "../../../../nn/index.ts";
import { normedWeight } from "../../../../nn/weight-norm.ts";
import { afterPixel, pixelWindow } from "../colours.ts";
import { onGrid, pixelLogits } from "../levels.ts";
import { concatElu } from "./convolutions.ts";
import { blockOf, inputsOf, isFresh, type KeptPixels, layerOf, type PlusPlusShape, type Seen, tree } from "./kept.ts";
import type { PlusPlusParams } from "./network.ts";
import { pass, type Stage } from "./stages.ts";

interface PixelGiven {
  readonly column: Tensor;
  readonly previous: Tensor;
  readonly labels: Tensor | undefined;
}

/** One variable: the pixel's features through all stages, its mixture, and the logits of its colour. */
export function step(
  shape: PlusPlusShape,
  params: Traced<PlusPlusParams>,
  carry: KeptPixels,
  seen: Seen,
  { column, previous, labels }: PixelGiven,
) {
  const { stages, filters, grid, mixture, size } = shape;
  const { colours } = size;
  const window = pixelWindow(colours, 1);
  const x = window.push(carry.x, previous);
  const taps = window.taps(x, column);
  const pixel = column.div(colours);
  const made: Tensor[][] = [];
  const first = seen.first.add(leftOf(params, taps.slice(1, 0, colours), pixel, grid));
  const features = pass(stages, first, (stage, i, value, skip) => {
    const other = skip ? concat([seen.down[i]!, skip], 1) : seen.down[i]!;
    const given = { value, other, labels, row: seen.row, pixel };
    const own = rightStage(stage, params.rightStages[i], seen.above[i]!, carry.left[i]!, given);
    made.push(own.inputs);
    return own.result;
  });
  const left = stages.map((stage, i) => {
    const fresh = isFresh(pixel, inputsOf(stage, filters).level);
    return made[i]!.map((input, j) => {
      const before = carry.left[i]![j]!;
      return afterPixel(colours, column, before, fresh.select(input, before));
    });
  });
  const weight = normedWeight(params.head, 0).squeeze([2, 3]).transpose();
  const outputs = elu(features.at(-1)!).matmul(weight).add(params.head.bias!);
  const known = onGrid(taps.slice(1, -colours), grid);
  const logits = pixelLogits({ outputs, known }, column.mod(colours), mixture, grid);
  return { logits, carry: tree({ x, left }), made: tree(made) };
}

/** What a pixel's first features get from the pixel to the left, [B, features]; nothing outside the image. */
function leftOf(params: Traced<PlusPlusParams>, values: Tensor, pixel: Tensor, grid: PlusPlusShape["grid"]): Tensor {
  const inside = pixel.greater(0).cast("float32");
  const own = onGrid(values, grid).mul(inside);
  const ones = inside.broadcastTo([values.shape[0]!, 1]);
  const weight = normedWeight(params.left, 0).slice(2, 1).squeeze([2, 3]).transpose();
  return concat([own, ones], 1).matmul(weight).add(params.left.bias!.mul(inside));
}

interface RightGiven {
  readonly value: Tensor;
  readonly other: Tensor;
  readonly labels: Tensor | undefined;
  readonly row: Tensor;
  readonly pixel: Tensor;
}

/** One pixel through a stage of the stream that knows what is to the left, with the inputs of its convolutions. */
function rightStage(
  { kind, level }: Stage,
  params: unknown,
  above: readonly Tensor[],
  left: readonly Tensor[],
  { value, other, labels, row, pixel }: RightGiven,
): { result: Tensor; inputs: Tensor[] } {
  const over = (p: Traced<WeightNormParams>, j: number, own: Tensor) => {
    const matrix = normedWeight(p, 0).slice(2, 1).squeeze(2).transpose([2, 1, 0]);
    const [taps, inputs, outputs] = matrix.shape as [number, number, number];
    return concat([left[j]!, own], 1)
      .matmul(matrix.reshape([taps * inputs, outputs]))
      .add(above[j]!);
  };
  if (kind === "shrink") return { result: over(layerOf(params), 0, value), inputs: [value] };
  if (kind === "grow") {
    const inRow = isFresh(pixel, level + 1).select(value, left[0]!);
    const held = isFresh(row, level + 1).select(inRow, above[0]!);
    const p = layerOf(params);
    const quarter = (number: Tensor) => number.div(2 ** level).mod(2);
    const matrices = normedWeight(p, 1).transpose([2, 3, 0, 1]).reshape([4, value.shape[1]!, -1]);
    const matrix = matrices.gather(quarter(row).mul(2).add(quarter(pixel)), 0);
    return { result: held.matmul(matrix).add(p.bias!), inputs: [held] };
  }
  const p = blockOf(params);
  const input = concatElu(value);
  let inner = over(p.first, 0, input);
  if (p.beside) {
    const weight = normedWeight(p.beside, 0).squeeze([2, 3]).transpose();
    inner = inner.add(concatElu(other).matmul(weight).add(p.beside.bias!));
  }
  const second = concatElu(inner);
  let both = over(p.second, 1, second);
  if (p.labels && labels) both = both.add(labels.matmul(p.labels.weight));
  const [a, b] = both.split(2, 1) as [Tensor, Tensor];
  return { result: value.add(a.mul(b.sigmoid())), inputs: [input, second] };
}
