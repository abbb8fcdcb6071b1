import { readdir, stat } from "node:fs/promises";
import path from "node:path";
import { decodeNpy, isNpy } from "../base/codec/npy.ts";
import { DataError, UsageError } from "../base/errors.ts";
import { examplesOfArchive, type Found } from "./arrays.ts";
import { type Examples, examplesOfArray, examplesOfTable, withLabels } from "./examples.ts";
import { readContent } from "./files.node.ts";
import { cifarLayout, readCifar } from "./readers/cifar.ts";
import { type CsvOptions, readCsv } from "./readers/csv.ts";
import { isIdx, readIdx } from "./readers/idx.ts";
import { type ImageFolder, type ImageFolderOptions, readImageFolder, readImages } from "./readers/images.node.ts";
import { isZip, readNpz } from "./readers/npz.ts";
import { splitWords, take } from "./splits.ts";

/** How to read a file or folder of the user's. */
export type PathOptions = CsvOptions & ImageFolderOptions;

/** Reads a folder of images, or an IDX, NPY, NPZ, CSV or CIFAR file, judged by what it holds. */
export async function readPath(given: string, options: PathOptions): Promise<Found> {
  if (await isFolder(given)) return readFolder(given, options);
  if (options.size !== undefined)
    throw new UsageError(`A size is for folders of images; ${given} is a file, so leave size=${options.size} out.`);
  const own = await readSingle(given, options);
  if (!("all" in own)) return own;
  const test = await sibling(given, ["test", "t10k", "tes"]);
  if (test === undefined) return own;
  const valid = await sibling(given, ["valid", "val", "validation"]);
  const parts = { train: own.all, test: await readPart(test, options) };
  return valid === undefined ? parts : { ...parts, valid: await readPart(valid, options) };
}

/** All examples of one file, image or folder in their own order; no neighbour is looked at, nothing is split. */
export async function readWhole(given: string, options: PathOptions = {}): Promise<Examples> {
  const found = await readAsItIs(given, options);
  if ("all" in found) return found.all;
  throw new UsageError(`${given} has splits of its own; give the file or folder of one of them.`);
}

async function readAsItIs(given: string, options: PathOptions): Promise<Found> {
  if (await isFolder(given)) return readFolder(given, options);
  if (isImage(await readContent(given))) {
    const images = await readImages(path.dirname(given), [path.basename(given)], options);
    return { all: labelledByFolder(images, images.files) };
  }
  if (options.size !== undefined)
    throw new UsageError(`A size is for images; ${given} is a table or array, so leave size=${options.size} out.`);
  return readSingle(given, options);
}

function refuseColumns(given: string, { label, drop }: PathOptions): void {
  if (label !== undefined || drop !== undefined)
    throw new UsageError(`Only tables have columns; ${given} is none, so leave label and drop out.`);
}

async function isFolder(given: string): Promise<boolean> {
  try {
    return (await stat(given)).isDirectory();
  } catch (error) {
    throw new DataError(`${given} cannot be read (${(error as Error).message}).`);
  }
}

/** The file beside `given` with "train" replaced by one of the words. */
export async function sibling(given: string, words: readonly string[]): Promise<string | undefined> {
  const name = path.basename(given);
  if (!/train/.test(name)) return undefined;
  const neighbours = await readdir(path.dirname(given));
  const wanted = words.map((word) => name.replace("train", word));
  const found = wanted.find((candidate) => candidate !== name && neighbours.includes(candidate));
  return found && path.join(path.dirname(given), found);
}

async function readPart(file: string, options: PathOptions): Promise<Examples> {
  const found = await readSingle(file, options);
  if ("all" in found) return found.all;
  throw new DataError(`${file} has splits of its own; give only that file.`);
}

async function readSingle(file: string, options: PathOptions): Promise<Found> {
  const bytes = await readContent(file);
  if (bytes.length === 0) throw new DataError(`${file} is empty.`);
  const found = await readArrays(bytes, file);
  if (!found) return { all: examplesOfTable(readCsv(bytes, file, options), file) };
  refuseColumns(file, options);
  return found;
}

/** The examples of every kind of file but tables; undefined when the bytes look like text. */
async function readArrays(bytes: Uint8Array, file: string): Promise<Found | undefined> {
  if (isNpy(bytes)) return { all: await withLabelsBeside(examplesOfArray(decodeNpy(bytes, file), file), file) };
  if (isZip(bytes)) return examplesOfArchive(readNpz(bytes, file), file);
  if (isIdx(bytes)) return { all: await withLabelsBeside(examplesOfArray(readIdx(bytes, file), file), file) };
  if (isImage(bytes)) throw new UsageError(`${file} is one image; give the folder that holds the images.`);
  if (/\.bin(\.gz)?$/.test(file) || (cifarLayout(bytes) && bytes.includes(0)))
    return { all: cifarExamples(bytes, file) };
  if (bytes.subarray(0, 65536).includes(0))
    throw new DataError(`${file} is neither IDX, NPY, NPZ, CIFAR nor CSV; convert it to one of these.`);
  return undefined;
}

function isImage(bytes: Uint8Array): boolean {
  const start = String.fromCharCode(...bytes.subarray(0, 12));
  return start.startsWith("\x89PNG") || start.startsWith("\xff\xd8\xff") || /^RIFF....WEBP/s.test(start);
}

function cifarExamples(bytes: Uint8Array, file: string): Examples {
  const { layout, count, x, labels } = readCifar(bytes, file);
  const classes = Array.from({ length: layout === "cifar10" ? 10 : 100 }, (_, i) => String(i));
  return { spec: { shape: [3, 32, 32], values: "bytes", classes }, count, x, labels };
}

/** Labels from the file whose name differs in "labels-idx1" for "images-idx3", or "labels" for "images". */
async function withLabelsBeside(examples: Examples, file: string): Promise<Examples> {
  const name = path.basename(file);
  if (!name.includes("images")) return examples;
  const neighbours = await readdir(path.dirname(file));
  const wanted = name.replace("images", "labels").replace(/idx[34]/, "idx1");
  const found = [wanted, `${wanted}.gz`, wanted.replace(/\.gz$/, "")].find((candidate) =>
    neighbours.includes(candidate),
  );
  if (found === undefined) return examples;
  const where = path.join(path.dirname(file), found);
  const bytes = await readContent(where);
  return withLabels(examples, isNpy(bytes) ? decodeNpy(bytes, where) : readIdx(bytes, where), where);
}

async function readFolder(folder: string, options: PathOptions): Promise<Found> {
  refuseColumns(folder, options);
  const names = await readdir(folder).catch((error: Error) => {
    throw new DataError(`The folder ${folder} cannot be read (${error.message}).`);
  });
  const idx = names.find((name) => /^train-images-idx3/.test(name));
  if (idx !== undefined && options.size === undefined) return readPath(path.join(folder, idx), options);
  return imageExamples(await readImageFolder(folder, options));
}

/** Sub-folders train, test and valid are splits; other sub-folders, when all images sit one level down, are labels. */
function imageExamples(images: ImageFolder): Found {
  const first = images.files.map((file) => splitWords[file.split("/")[0]!.toLowerCase()]);
  const nested = images.files.every((file, i) => first[i] && file.includes("/"));
  if (!nested || !first.includes("train") || !first.includes("test"))
    return { all: labelledByFolder(images, images.files) };
  const inner = labelledByFolder(
    images,
    images.files.map((file) => file.slice(file.indexOf("/") + 1)),
  );
  const part = (split: string): Examples => {
    const indices = first.flatMap((name, i) => (name === split ? [i] : []));
    return { spec: inner.spec, ...take(inner, indices) };
  };
  const parts = { train: part("train"), test: part("test") };
  return first.includes("valid") ? { ...parts, valid: part("valid") } : parts;
}

function labelledByFolder({ x, shape }: ImageFolder, files: readonly string[]): Examples {
  const examples: Examples = { spec: { shape, values: "bytes" }, count: files.length, x };
  const folders = files.map((file) => file.split("/").slice(0, -1).join("/"));
  const classes = [...new Set(folders)].sort();
  if (classes.length < 2 || !folders.every((name) => name !== "" && !name.includes("/"))) return examples;
  const index = new Map(classes.map((name, i) => [name, i]));
  const labels = Int32Array.from(folders, (name) => index.get(name)!);
  return { ...examples, labels, spec: { ...examples.spec, classes } };
}
