import type { FileArray } from "../base/codec/elements.ts";
import { DataError, UsageError } from "../base/errors.ts";
import { fold, type Key } from "../random/index.ts";
import type { CatalogueEntry, Layout } from "./catalogue.ts";
import { type Examples, examplesOfArray, examplesOfTable, withLabels } from "./examples.ts";
import { readCifar } from "./readers/cifar.ts";
import { type CsvOptions, readCsv } from "./readers/csv.ts";
import { readIdx } from "./readers/idx.ts";
import { readTar } from "./readers/tar.ts";
import { givenSplits, type Parts, randomSplits, slice, standardized } from "./splits.ts";

/** How a loader gets at the files of a set. */
export interface Files {
  /** The content of a file when it is on this machine. */
  find(path: string): Promise<Uint8Array | undefined>;
  /** The content of a file, downloaded when it must be. */
  need(path: string): Promise<Uint8Array>;
}

/** What a loader may be told. */
export interface LoadOptions {
  readonly key: Key;
  readonly size?: number;
  readonly standardize?: boolean;
}

/** Splits and the sentence that says how they were made. */
export type Loaded = Parts & { readonly protocol: string };

type Loader = (entry: CatalogueEntry, files: Files, options: LoadOptions) => Promise<Loaded>;

/** Loads a named set with the splits its literature uses. */
export async function loadNamed(entry: CatalogueEntry, files: Files, options: LoadOptions): Promise<Loaded> {
  if (options.size !== undefined && entry.layout !== "omniglot")
    throw new UsageError(`The data set ${entry.name} has one size; leave size=${options.size} out.`);
  if (options.standardize && entry.layout !== "table")
    throw new UsageError(`The data set ${entry.name} holds no real numbers to standardise; leave standardize out.`);
  if (entry.layout === "text")
    throw new UsageError(`The data set ${entry.name} is text: it needs a tokeniser to load.`);
  return loaders[entry.layout](entry, files, options);
}

const clothes = "T-shirt/top,trouser,pullover,dress,coat,sandal,shirt,sneaker,bag,ankle boot".split(",");
const objects = "airplane,automobile,bird,cat,deer,dog,frog,horse,ship,truck".split(",");

async function idxPair(images: string, labels: string, files: Files): Promise<Examples> {
  const pixels = readIdx(await files.need(images), images);
  return withLabels(examplesOfArray(pixels, images), readIdx(await files.need(labels), labels), labels);
}

const idx: Loader = async (entry, files) => {
  const part = (name: string) =>
    idxPair(`${entry.name}/${name}-images-idx3-ubyte.gz`, `${entry.name}/${name}-labels-idx1-ubyte.gz`, files);
  const { spec, splits } = givenSplits({ train: await part("train"), test: await part("t10k") }, entry.name);
  const classes = entry.name === "fashion-mnist" ? clothes : spec.classes!;
  const protocol = `${entry.title}: official test set; the last ${splits.valid.count} training images are the validation set.`;
  return { spec: { ...spec, classes }, splits, protocol };
};

const binarized: Loader = async (entry, files) => {
  const part = async (name: string) => {
    const stored = `mnist-binarized/binarized-mnist-${name}.idx3.gz`;
    const original = `mnist-binarized/binarized_mnist_${name}.amat`;
    const bytes = await files.find(stored);
    const array = bytes ? readIdx(bytes, stored) : imagesOf(readBits(await files.need(original), original));
    const examples = examplesOfArray(array, stored);
    const labels = await files.find(`mnist-binarized/derived-labels-${name}.idx1.gz`);
    return labels ? withLabels(examples, readIdx(labels, "derived labels"), "derived labels") : examples;
  };
  const parts = { train: await part("train"), valid: await part("valid"), test: await part("test") };
  const protocol = `${entry.title}: the fixed binarisation and the published split (50,000 / 10,000 / 10,000).`;
  return { ...givenSplits(parts, entry.name), protocol };
};

const imagesOf = (rows: FileArray): FileArray => ({ ...rows, shape: [rows.shape[0]!, 28, 28] });

/** Rows of digits 0 or 1, each followed by a space, a comma or the end of the line. */
function readBits(bytes: Uint8Array, where: string): FileArray {
  const width = (bytes.indexOf(0x0a) + 1) / 2;
  const count = bytes.length / (2 * width);
  const data = new Uint8Array(bytes.length >> 1);
  for (let i = 0; i < data.length; i++) data[i] = bytes[2 * i]! - 0x30;
  if (!Number.isInteger(width) || !Number.isInteger(count) || data.some((value) => value > 1))
    throw new DataError(`${where} does not consist of equal rows of zeros and ones.`);
  return { type: "uint8", shape: [count, width], data };
}

const cifarExamples = (batches: readonly Uint8Array[], where: string): Examples => {
  const parts = batches.map((bytes) => readCifar(bytes, where, "cifar10"));
  const count = parts.reduce((sum, part) => sum + part.count, 0);
  const x = new Uint8Array(count * 3072);
  const labels = new Uint8Array(count);
  let at = 0;
  for (const part of parts) {
    x.set(part.x, at * 3072);
    labels.set(part.labels, at);
    at += part.count;
  }
  return { spec: { shape: [3, 32, 32], values: "bytes", classes: objects }, count, x, labels };
};

const archivePath = "cifar10/cifar-10-binary.tar.gz";
const batchNames = [1, 2, 3, 4, 5].map((i) => `data_batch_${i}.bin`);

/** The six official files from the archive; where that is missing, whatever batches lie in the data folder. */
async function cifarBatches(files: Files): Promise<{ train: Uint8Array[]; test: Uint8Array }> {
  const [first, test] = [await files.find("cifar10/data_batch_1.bin.gz"), await cifarTest(files)];
  const packed = (await files.find(archivePath)) ?? (first && test ? undefined : await files.need(archivePath));
  if (packed) {
    const members = readTar(packed, archivePath);
    const member = (name: string) => {
      const bytes = members.get(name);
      if (!bytes) throw new DataError(`${archivePath} does not hold ${name}.`);
      return bytes;
    };
    return { train: batchNames.map(member), test: member("test_batch.bin") };
  }
  const others = await Promise.all(batchNames.slice(1).map((name) => files.find(`cifar10/${name}.gz`)));
  return { train: [first!, ...others.filter((bytes) => bytes !== undefined)], test: test! };
}

const cifarTest = async (files: Files) =>
  (await files.find("cifar10/test_batch.bin.gz")) ?? files.find("cifar10/test_batch_first1000.bin.gz");

const cifar: Loader = async (entry, files) => {
  const { train, test } = await cifarBatches(files);
  const parts = { train: cifarExamples(train, "the training batches"), test: cifarExamples([test], "the test batch") };
  const { spec, splits } = givenSplits(parts, entry.name);
  const whole = parts.train.count === 50_000 && parts.test.count === 10_000;
  const note = whole ? "official test set" : "a SUBSET, not comparable with published numbers";
  const sizes = `${splits.train.count} / ${splits.valid.count} / ${splits.test.count}`;
  const protocol = `${entry.title}: ${note}; the last training images are the validation set (${sizes}).`;
  return { spec: { ...spec, classes: objects }, splits, protocol };
};

const faces: Loader = async (entry, files, { key }) => {
  const path = entry.files[0]!.path;
  const examples = examplesOfArray(readIdx(await files.need(path), path), path);
  if (entry.name === "frey") {
    const protocol = `${entry.title}: shuffled by the seed into 1565 / 200 / 200 (as Tomczak and Welling 2017).`;
    return { ...randomSplits(examples, fold(key, "split"), { valid: 200, test: 200 }), protocol };
  }
  const people = Int32Array.from({ length: examples.count }, (_, i) => Math.floor(i / 10));
  const classes = Array.from({ length: 40 }, (_, i) => `person ${i + 1}`);
  const all: Examples = { ...examples, labels: people, spec: { ...examples.spec, classes } };
  const splits = { train: slice(all, 0, 300), valid: slice(all, 300, 350), test: slice(all, 350, 400) };
  return { spec: all.spec, splits, protocol: `${entry.title}: people 1-30 train, 31-35 valid, 36-40 test.` };
};

const omniglot: Loader = async (entry, files, { key, size = 28 }) => {
  if (size !== 28 && size !== 105)
    throw new UsageError(`The data set ${entry.name} comes in the sizes 28 and 105, not ${size}.`);
  const part = async (set: string): Promise<Examples> => {
    const path = `omniglot-small/${set}-${size}x${size}.idx3.gz`;
    const examples = examplesOfArray(readIdx(await files.need(path), path), path);
    const names = characterNames(await files.need(`omniglot-small/${set}-index.csv`));
    const classes = [...new Set(names)];
    return {
      ...examples,
      labels: Int32Array.from(names, (name) => classes.indexOf(name)),
      spec: { ...examples.spec, classes },
    };
  };
  const first = await part("small1");
  const test = await part("small2");
  const { spec, splits } = randomSplits(first, fold(key, "split"), { valid: 272, test: 0 });
  const parts = { train: { spec, ...splits.train }, valid: { spec, ...splits.valid }, test };
  const protocol = `${entry.title}: small 1 (5 alphabets) shuffled by the seed into 2448 train and 272 valid, small 2 (5 alphabets) is the test set.`;
  return { ...givenSplits(parts, entry.name), protocol };
};

/** `alphabet/character` for each row of an index file: row, alphabet, character, drawer, file. */
function characterNames(bytes: Uint8Array): string[] {
  const rows = new TextDecoder().decode(bytes).trim().split("\n").slice(1);
  return rows.map((row) => row.split(",").slice(1, 3).join("/"));
}

const optdigits: Loader = async (entry, files) => {
  const part = async (name: string): Promise<Examples> => {
    const { rows, values, label } = readCsv(await files.need(name), name, { label: "65", header: false });
    const x = Uint8Array.from(values, (value) => Math.round((value * 255) / 16));
    return {
      spec: { shape: [1, 8, 8], values: "bytes", classes: label!.classes },
      count: rows,
      x,
      labels: label!.values,
    };
  };
  const parts = { train: await part("uci/optdigits.tra"), test: await part("uci/optdigits.tes") };
  const protocol = `${entry.title}: levels 0-16 scaled to 0-255, official test set; the last sixth of train is the validation set.`;
  return { ...givenSplits(parts, entry.name), protocol };
};

const density: Loader = async (entry, files) => {
  const part = async (name: string) => {
    const path = `density-binary/${entry.name}.${name}.csv.gz`;
    return examplesOfArray(readBits(await files.need(path), path), path);
  };
  const parts = { train: await part("train"), valid: await part("valid"), test: await part("test") };
  return { ...givenSplits(parts, entry.name), protocol: `${entry.title}: the published splits.` };
};

/** Which column of a table is the label, and which ones are left out. */
export const tableColumns: Readonly<Record<string, CsvOptions>> = {
  iris: { label: "5" },
  wine: { label: "14" },
  wdbc: { label: "2", drop: ["1"] },
  spambase: { label: "58" },
  pima: { label: "9" },
  ionosphere: { label: "35" },
  "winequality-red": { label: "12" },
  "winequality-white": { label: "12" },
  parkinsons: { label: "none", drop: ["subject#", "sex"], header: true },
};

const table: Loader = async (entry, files, { key, standardize = true }) => {
  const path = entry.files[0]!.path;
  const options = { header: false, ...tableColumns[entry.name] };
  const examples = examplesOfTable(readCsv(await files.need(path), path, options), path);
  const parts = randomSplits(examples, fold(key, "split"));
  const scaled = standardize ? ", standardised with the statistics of train" : "";
  const protocol = `${entry.title}: shuffled by the seed into 80 / 10 / 10 %${scaled}.`;
  return { ...(standardize ? standardized(parts) : parts), protocol };
};

const loaders: Readonly<Record<Exclude<Layout, "text">, Loader>> = {
  idx,
  binarized,
  cifar,
  faces,
  omniglot,
  optdigits,
  density,
  table,
};
