import type { Dataset, Split } from "../../src/data/types.ts";

/** The data set with every so many-th row and column of its images alone: for models that take a step per pixel. */
export function thinned(dataset: Dataset, every: number): Dataset {
  const [channels, height, width] = dataset.spec.shape as [number, number, number];
  const start = Math.floor(every / 2);
  const [rows, columns] = [height, width].map((size) => Math.ceil((size - start) / every)) as [number, number];
  const size = channels * height * width;
  const places = Array.from({ length: channels * rows * columns }, (_, i) => {
    const [channel, row, column] = [Math.floor(i / (rows * columns)), Math.floor(i / columns) % rows, i % columns];
    return (channel * height + start + every * row) * width + start + every * column;
  });
  const thin = (split: Split): Split => ({
    ...split,
    x: Uint8Array.from({ length: split.count * places.length }, (_, i) => {
      return split.x[Math.floor(i / places.length) * size + places[i % places.length]!]!;
    }),
  });
  const { train, valid, test } = dataset.splits;
  return {
    ...dataset,
    spec: { ...dataset.spec, shape: [channels, rows, columns] },
    splits: { train: thin(train), valid: thin(valid), test: thin(test) },
  };
}
