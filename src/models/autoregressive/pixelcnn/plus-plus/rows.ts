import { int64, zeros } from "../../../../base/host.ts";
import { concat, constant, type Tensor } from "../../../../graph/index.ts";
import type { Rows } from "../../factorisation.ts";
import { imageRow, lastColours, nextRows, pixelWindow } from "../colours.ts";
import { onGrid } from "../levels.ts";
import { begin } from "./down-row.ts";
import { type ByStage, inputsOf, isFresh, type KeptRows, type PlusPlusShape, tree } from "./kept.ts";
import { step } from "./right-pixel.ts";

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
