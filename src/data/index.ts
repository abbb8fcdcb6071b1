/** Data sets that need no file, readers of file contents, splits, encodings and batches. */
export type { FileArray } from "../base/codec/elements.ts";
export {
  type Batch,
  type BatchOptions,
  batchesPerEpoch,
  type Cursor,
  firstCursor,
  nextBatch,
} from "./batching.ts";
export { type DatasetDescription, type DatasetListing, describeDataset, listDatasets } from "./describe.ts";
export { type EmbeddedOptions, embedded, embeddedNames } from "./embedded.ts";
export {
  type Binarization,
  binarizations,
  binarizeOnce,
  type Encoding,
  type EncodingNoise,
  fillExamples,
  fillOneHot,
} from "./encoding.ts";
export { type Examples, examplesOfArray, examplesOfTable, withLabels } from "./examples.ts";
export { drawPictures, type PictureKind, type PictureOptions, pictureSpec } from "./graphics/generate.ts";
export { hashContents } from "./hash.ts";
export { type CifarBatch, type CifarLayout, readCifar } from "./readers/cifar.ts";
export { type CsvOptions, readCsv, type Table } from "./readers/csv.ts";
export { encodeIdx, readIdx } from "./readers/idx.ts";
export { readNpz } from "./readers/npz.ts";
export { readTar } from "./readers/tar.ts";
export { type BatchPlan, type BatchSource, batchLength, directSource } from "./source.ts";
export { givenSplits, type Parts, randomSplits, standardized } from "./splits.ts";
export type { ReadTable, TableOptions } from "./table/builder.ts";
export { readTable } from "./table/csv.ts";
export { cellsOf, tableOfCells } from "./table/rows.ts";
export type { Column, ColumnKind, Table as TypedTable } from "./table/types.ts";
export { asTable } from "./table/views.ts";
export { parseWishes, type Wish, type Wishes } from "./table/wishes.ts";
export { csvText } from "./table/write.ts";
export {
  bpeTokenizer,
  byteTokenizer,
  charactersOf,
  charTokenizer,
  consecutive,
  cutText,
  decodeText,
  decodeTokens,
  encodeText,
  framedLines,
  linesOf,
  openingToken,
  readGpt2,
  readTokenizer,
  type TextPart,
  type TextParts,
  type Tokenizer,
  trainBpe,
  windowsOf,
} from "./text/index.ts";
export { type Toy, type ToyDraw, toy2d, toyNames } from "./toy2d.ts";
export { type DataSpec, type Dataset, type Split, type SplitName, splitNames, type Values } from "./types.ts";
