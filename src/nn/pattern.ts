import { HostArray } from "../base/host.ts";
import { constant, type Tensor } from "../graph/index.ts";

/** What a masked score gets added: its weight underflows to exactly 0. */
export const MASKED = -1e9;

/** [rows, columns] of 0 where `visible(row, column)` and a large negative number elsewhere. */
export function additiveMask(rows: number, columns: number, visible: (row: number, column: number) => boolean): Tensor {
  const at = (i: number) => (visible(Math.floor(i / columns), i % columns) ? 0 : MASKED);
  const data = Float32Array.from({ length: rows * columns }, (_, i) => at(i));
  return constant(new HostArray("float32", [rows, columns], data));
}

/**
 * Which positions of a sequence see which: it is cut into blocks of consecutive positions, and each sees the memory of its
 * block and, of its own block, the positions up to itself. Parmar et al. 2018 (Image Transformer), arXiv 1802.05751, section 3.
 */
export interface Pattern {
  /** First position of each block, and at the end the length of the sequence. */
  readonly starts: readonly number[];
  /** For each block, positions before it that it sees, in increasing order. */
  readonly memory: readonly (readonly number[])[];
}

/** Whether a position sees another under a pattern; without one, every position that is not after it. */
export function visibility(pattern: Pattern | undefined): (query: number, key: number) => boolean {
  if (!pattern) return (query, key) => key <= query;
  const { starts, memory } = pattern;
  const length = starts.at(-1)!;
  const block = new Int32Array(length);
  for (let b = 0; b + 1 < starts.length; b++) block.fill(b, starts[b], starts[b + 1]);
  const sets = memory.map((positions) => new Set(positions));
  return (query, key) => {
    const own = block[query]!;
    return key >= starts[own]! ? key <= query : sets[own]!.has(key);
  };
}

/** Blocks of `block` positions that see the `memory` positions before them: local 1-D attention. */
export function local1d(length: number, block: number, memory: number): Pattern {
  const count = Math.ceil(length / block);
  const starts = Array.from({ length: count + 1 }, (_, b) => Math.min(length, b * block));
  const before = (start: number) => {
    const first = Math.max(0, start - memory);
    return Array.from({ length: start - first }, (_, i) => first + i);
  };
  return { starts, memory: starts.slice(0, count).map(before) };
}

/** Sizes of local 2-D attention, in pixels. */
export interface Local2d {
  readonly height: number;
  readonly width: number;
  /** Values of a pixel, which follow each other. */
  readonly colours: number;
  /** Query blocks of so many rows and columns. */
  readonly block: readonly [number, number];
  /** Rows above a block, and columns on either side, that belong to its memory. */
  readonly memory: readonly [number, number];
}

/** Pixels block after block, both in raster order: [block][pixel] as row·width + column. */
export function blocksOfPixels({ height, width, block: [tall, wide] }: Local2d): number[][] {
  const blocks: number[][] = [];
  for (let top = 0; top < height; top += tall)
    for (let left = 0; left < width; left += wide) {
      const pixels: number[] = [];
      for (let row = top; row < Math.min(height, top + tall); row++)
        for (let column = left; column < Math.min(width, left + wide); column++) pixels.push(row * width + column);
      blocks.push(pixels);
    }
  return blocks;
}

/**
 * Local 2-D attention over pixels in the order of {@link blocksOfPixels}, when position k of the sequence holds the value
 * before the k-th: a block sees what lies around it, above and to the sides, and comes before it.
 */
export function local2d(sizes: Local2d): Pattern {
  const { width, colours, memory } = sizes;
  const blocks = blocksOfPixels(sizes);
  const ends = [0];
  for (const pixels of blocks) ends.push(ends.at(-1)! + pixels.length * colours);
  const pixelAt = blocks.flat();
  const near = (own: readonly number[]) => {
    const [first, last] = [own[0]!, own.at(-1)!];
    const [top, left, bottom, right] = [first, first, last, last].map((pixel, i) =>
      i % 2 === 0 ? Math.floor(pixel / width) : pixel % width,
    ) as [number, number, number, number];
    return (pixel: number) => {
      const [row, column] = [Math.floor(pixel / width), pixel % width];
      return row >= top - memory[0] && row <= bottom && column >= left - memory[1] && column <= right + memory[1];
    };
  };
  const memoryOf = (own: readonly number[], b: number) => {
    const inside = near(own);
    const holds = (position: number) => position > 0 && inside(pixelAt[Math.floor((position - 1) / colours)]!);
    return Array.from({ length: ends[b]! }, (_, position) => position).filter(holds);
  };
  return { starts: ends, memory: blocks.map(memoryOf) };
}
