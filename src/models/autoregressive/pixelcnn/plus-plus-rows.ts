import { int64, zeros } from "../../../base/host.ts";
import type { Tree } from "../../../base/tree.ts";
import type { Grid } from "../../../distributions/grid.ts";
import { pixelMixtureParameters } from "../../../distributions/pixel-mixture.ts";
import { arange, concat, constant, conv, convTranspose, stack, type Tensor } from "../../../graph/index.ts";
import { elu, type Traced } from "../../../nn/index.ts";
import { normedWeight, type WeightNormParams } from "../../../nn/weight-norm.ts";
import type { Rows } from "../factorisation.ts";
import { afterPixel, eachColour, type ImageSize, imageRow, lastColours, nextRows, pixelWindow } from "./colours.ts";
import { colourLogits, onGrid } from "./levels.ts";
import { type BlockParams, concatElu, pass, type Stage } from "./streams.ts";

/** Parameters of the whole network, as `plus-plus.ts` makes them. */
export type PlusPlusParams = {
  down: WeightNormParams;
  above: WeightNormParams;
  left: WeightNormParams;
  downStages: (BlockParams | WeightNormParams)[];
  rightStages: (BlockParams | WeightNormParams)[];
  head: WeightNormParams;
};

/** What generation must know of the model. */
export interface PlusPlusShape {
  readonly stages: readonly Stage[];
  readonly filters: number;
  readonly mixture: number;
  readonly grid: Grid;
  readonly size: ImageSize;
}

/** A list for each stage: the rows its convolutions see above, or the pixels to the left. */
type ByStage<T> = readonly (readonly T[])[];

/** What is kept between rows: the rows of the image, the inputs of all convolutions in the row before, the row's number. */
interface KeptRows {
  readonly x: Tensor;
  readonly down: ByStage<Tensor>;
  readonly right: ByStage<Tensor>;
  readonly row: Tensor;
}

/** What the pixels of a row see: number of the row, first features, what blocks get from above, the other stream. */
interface Seen {
  readonly row: Tensor;
  readonly first: Tensor;
  readonly above: ByStage<Tensor>;
  readonly down: readonly Tensor[];
}

type KeptPixels = { readonly x: Tensor; readonly left: ByStage<Tensor> };

const nothing = [0, 0] as const;
const tree = (value: unknown) => value as Tree<never>;
const blockOf = (params: unknown) => params as Traced<BlockParams>;
const layerOf = (params: unknown) => params as Traced<WeightNormParams>;
const biasOf = (params: Traced<WeightNormParams>) => (params.bias ? { bias: params.bias } : {});

/** Whether a level has a row (or column) of its own at that number of the whole image: every 2^level-th. */
const isFresh = (number: Tensor, level: number) => number.mod(2 ** level).equal(0);

/** How many features a stage's convolutions read: two of a block, one of the others. The level is that of their input. */
function inputsOf({ kind, level }: Stage, filters: number): { features: number[]; level: number } {
  if (kind === "block") return { features: [2 * filters, 2 * filters], level };
  return { features: [filters], level: kind === "shrink" ? level - 1 : level + 1 };
}

/**
 * Generation with PixelCNN++ row by row. The stream that knows whole rows runs once for each row; of the other all that
 * comes from above is computed with it, and the rest pixel by pixel. Halved images have a row or pixel of their own only
 * every second time; in between what they said last is held. Ramachandran et al. 2017, arXiv 1704.06001.
 */
export function plusPlusRows(shape: PlusPlusShape): Rows {
  const { stages, filters, size } = shape;
  const { colours, width } = size;
  const widthAt = (level: number) => Math.ceil(width / 2 ** level);
  const rowsOf = (batch: number) =>
    stages.map((stage) => {
      const { features, level } = inputsOf(stage, filters);
      return features.map((count) => zeros("float32", [batch, count, 1, widthAt(level)]));
    });
  const pixelsOf = (batch: number) =>
    stages.map((stage) => inputsOf(stage, filters).features.map((count) => zeros("float32", [batch, count])));
  const window = pixelWindow(colours, 1);
  return {
    length: width * colours,
    state: (batch) =>
      tree({
        x: zeros("float32", [batch, colours + 1, 2, width]),
        down: rowsOf(batch),
        right: rowsOf(batch),
        row: int64([0], []),
      }),
    carry: (batch) => tree({ x: window.start(batch), left: pixelsOf(batch) }),
    made: (batch) => tree(pixelsOf(batch)),
    begin: (params, state, { labels }) => begin(shape, params as never, state as never, labels),
    step: (params, carry, seen, { column, previous, labels }) =>
      step(shape, params as never, carry as never, seen as never, { column, previous, labels }),
    end: (state, { made, values }) => {
      const { x, down, right, row } = state as unknown as KeptRows;
      const inside = onGrid(imageRow(values, colours), shape.grid);
      const ones = constant(1).broadcastTo([inside.shape[0]!, 1, 1, width]);
      const rows = stages.map((stage, i) => {
        const { level } = inputsOf(stage, filters);
        return right[i]!.map((before, j) => {
          const pixels = lastColours((made as unknown as ByStage<Tensor>)[i]![j]!, colours);
          const own = pixels
            .slice(0, 0, undefined, 2 ** level)
            .transpose([1, 2, 0])
            .expandDims(2);
          return isFresh(row, level).select(own, before);
        });
      });
      return tree({ x: nextRows(x, concat([inside, ones], 1)), down, right: rows, row: row.add(1) });
    },
  };
}

/** A row of a level [B, K, 1, W] as what each variable of the image's row sees of it, [length, B, K]. */
function spread({ size }: PlusPlusShape, row: Tensor, level: number): Tensor {
  const pixels = row.squeeze(2).transpose([2, 0, 1]);
  const wide = level === 0 ? pixels : pixels.gather(arange(size.width).div(2 ** level), 0);
  return eachColour(wide, size.colours);
}

/** One row of the stream that knows the rows above, and all that the other stream gets from above. */
function begin(shape: PlusPlusShape, params: Traced<PlusPlusParams>, state: KeptRows, labels: Tensor | undefined) {
  const { stages, size } = shape;
  const { x, down, right, row } = state;
  const length = size.width * size.colours;
  const next: Tensor[][] = [];
  const first = conv(x, normedWeight(params.down, 0), { padding: [nothing, [1, 1]] });
  const features = pass(stages, first, (stage, i, value, skip) => {
    const own = downStage(shape, stage, params.downStages[i], down[i]!, { value, skip, labels, row });
    const { level } = inputsOf(stage, shape.filters);
    next.push(own.inputs.map((input, j) => isFresh(row, level).select(input, down[i]![j]!)));
    return own.result;
  });
  const seen: Seen = {
    row: row.broadcastTo([length]),
    first: spread(shape, firstAbove(params, x), 0),
    above: stages.map((stage, i) => aboveOf(shape, stage, params.rightStages[i], right[i]!)),
    down: features.map((value, i) => spread(shape, value, stages[i]!.level)),
  };
  return { seen: tree(seen), state: tree({ x, down: next, right, row }) };
}

/** What the pixels' first features get from the row above. */
function firstAbove(params: Traced<PlusPlusParams>, x: Tensor): Tensor {
  const before = x.slice(2, 1);
  const corner = conv(before, normedWeight(params.left, 0).slice(2, 0, 1));
  return conv(before, normedWeight(params.above, 0), { padding: [nothing, [1, 1]] }).add(
    corner.pad([nothing, nothing, nothing, [1, -1]]),
  );
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

interface PixelGiven {
  readonly column: Tensor;
  readonly previous: Tensor;
  readonly labels: Tensor | undefined;
}

/** One variable: the pixel's features through all stages, its mixture, and the logits of its colour. */
function step(
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
  const parameters = pixelMixtureParameters(outputs.expandDims(-1).expandDims(-1), mixture, colours);
  const known = onGrid(taps.slice(1, -colours), grid).expandDims(-1).expandDims(-1);
  const each = Array.from({ length: colours }, (_, c) => colourLogits(parameters, known, c, grid).squeeze([1, 2]));
  const logits = colours === 1 ? each[0]! : stack(each, 1).gather(column.mod(colours), 1);
  return { logits, carry: tree({ x, left }), made: tree(made) };
}

/** What a pixel's first features get from the pixel to the left, [B, features]; nothing outside the image. */
function leftOf(params: Traced<PlusPlusParams>, values: Tensor, pixel: Tensor, grid: Grid): Tensor {
  const inside = pixel.greater(0).cast("float32");
  const own = onGrid(values, grid).mul(inside);
  const ones = inside.broadcastTo([values.shape[0]!, 1]);
  return concat([own, ones], 1).matmul(normedWeight(params.left, 0).slice(2, 1).squeeze([2, 3]).transpose());
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
