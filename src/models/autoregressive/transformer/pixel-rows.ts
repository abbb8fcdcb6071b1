import { int64, zeros } from "../../../base/host.ts";
import type { Tree } from "../../../base/tree.ts";
import { arange, type Tensor } from "../../../graph/index.ts";
import type { Rows } from "../factorisation.ts";
import { onGrid, pixelLogits } from "../pixelcnn/levels.ts";
import { type PixelNet, type Pixels, pixelInputAt } from "./pixel-parts.ts";

const tree = (value: unknown) => value as Tree<never>;

/** What is kept from pixel to pixel: keys and values, the last pixel on the grid [B, colours], and how many there were. */
interface Kept {
  readonly caches: Parameters<Pixels["module"]["step"]>[2];
  readonly before: Tensor;
  readonly pixel: Tensor;
}

/** Generation in which the network runs once for every pixel and its colours follow from one mixture. */
export function pixelRows(s: Pixels): Rows {
  const { colours } = s;
  return {
    length: colours,
    state: (batch) =>
      tree({
        caches: s.module.initCache(batch, s.count),
        before: zeros("float32", [batch, colours]),
        pixel: int64([0], []),
      }),
    carry: (batch) => tree({ known: zeros("float32", [batch, colours]) }),
    made: () => tree({}),
    begin: (params, state, { labels }) => {
      const { caches, before, pixel } = state as unknown as Kept;
      const net = params as unknown as PixelNet;
      const x = pixelInputAt(s, net, { pixel, before, labels });
      const { y, cache } = s.module.step(net.body, x, caches, pixel);
      const outputs = s.head.apply(net.head, y).expandDims(0);
      const seen = outputs.broadcastTo([colours, ...outputs.shape.slice(1)]);
      return { seen: tree({ outputs: seen }), state: tree({ caches: cache, before, pixel }) };
    },
    step: (_params, carry, seen, { column, previous }) => {
      const { outputs } = seen as unknown as { outputs: Tensor };
      const last = arange(colours).equal(column.sub(1));
      const known = last.select(previous.expandDims(1), (carry as unknown as { known: Tensor }).known);
      const logits = pixelLogits({ outputs, known: onGrid(known, s.grid) }, column, s.components, s.grid);
      return { logits, carry: tree({ known }), made: tree({}) };
    },
    end: (state, { values }) => {
      const { caches, pixel } = state as unknown as Kept;
      return tree({ caches, before: onGrid(values.transpose(), s.grid), pixel: pixel.add(1) });
    },
  };
}
