import type { Dirent, Stats } from "node:fs";
import { readdir, realpath, stat } from "node:fs/promises";
import path from "node:path";
import type { Metadata, Sharp, SharpOptions } from "sharp";
import { DataError, UsageError } from "../../base/errors.ts";

/** How to read a folder of images. */
export interface ImageFolderOptions {
  /** Height and width that every image is brought to (scaled to cover the square, cut at the centre). */
  readonly size?: number;
  readonly onProgress?: (done: number, total: number) => void;
  /** Most bytes the pixels may take together; 2 GiB unless given. */
  readonly limit?: number;
}

/** The images of a folder as count × channels × height × width bytes, in the order of their paths. */
export interface ImageFolder {
  /** Paths relative to the folder, with `/`. */
  readonly files: readonly string[];
  readonly shape: readonly [channels: number, height: number, width: number];
  readonly x: Uint8Array;
}

const pattern = /\.(png|jpe?g|webp)$/i;
const pixelLimit = 100_000_000;
const workers = 4;

/**
 * Reads every PNG, JPEG and WebP file below a folder as 8-bit pixels: grey when all files are grey, else RGB;
 * transparent pixels are laid on white, and a camera's rotation is applied.
 */
export async function readImageFolder(folder: string, options: ImageFolderOptions = {}): Promise<ImageFolder> {
  checkSize(options);
  const files = await findImages(folder);
  if (files.length === 0)
    throw new DataError(`The folder ${folder} holds no PNG, JPEG or WebP image; check the path and the file endings.`);
  return readImages(folder, files, options);
}

function checkSize({ size }: ImageFolderOptions): void {
  if (size !== undefined && !(Number.isInteger(size) && size > 0 && size <= 4096))
    throw new UsageError(`The size of images is a whole number from 1 to 4096; got ${size}.`);
}

/** Reads the named files of a folder as 8-bit pixels, as `readImageFolder` does. */
export async function readImages(
  folder: string,
  files: readonly string[],
  options: ImageFolderOptions = {},
): Promise<ImageFolder> {
  checkSize(options);
  const open = await opener();
  const infos = await inParallel(files, async (file) => inspect(open, folder, file));
  const [height, width] = commonSize(folder, files, infos, options.size);
  const channels = infos.every((info) => info.grey) ? 1 : 3;
  const shape = [channels, height, width] as const;
  checkMemory(folder, files.length * channels * height * width, options);
  const x = new Uint8Array(files.length * channels * height * width);
  let done = 0;
  await inParallel(files, async (file, i) => {
    const pixels = await decode(open, folder, file, shape);
    planesOf(pixels, channels, x.subarray(i * pixels.length, (i + 1) * pixels.length));
    options.onProgress?.(++done, files.length);
  });
  return channels === 3 ? withoutEqualChannels({ files, shape, x }) : { files, shape, x };
}

function checkMemory(folder: string, bytes: number, { limit = 2 ** 31 }: ImageFolderOptions): void {
  if (bytes > limit)
    throw new DataError(
      `The images in ${folder} would take ${bytes} bytes, more than ${limit}; choose a smaller size.`,
    );
}

type Open = (file: string) => Sharp;

async function opener(): Promise<Open> {
  const options: SharpOptions = { limitInputPixels: pixelLimit, failOn: "truncated" };
  try {
    const { default: sharp } = await import("sharp");
    return (file) => sharp(file, options);
  } catch (error) {
    throw new DataError(`Images cannot be read: the package sharp does not load here (${(error as Error).message}).`);
  }
}

/** Relative paths of all images below a folder in the order of their names; a folder linked twice is read once. */
async function findImages(root: string): Promise<string[]> {
  const found: string[] = [];
  const visited = new Set<string>();
  const visit = async (relative: string): Promise<void> => {
    const folder = path.join(root, relative);
    const entries = await listFolder(folder, visited);
    for (const entry of entries) {
      const child = relative === "" ? entry.name : `${relative}/${entry.name}`;
      if (entry.name.startsWith(".")) continue;
      const kind = await kindOf(entry, path.join(root, child));
      if (kind?.isDirectory()) await visit(child);
      else if (kind?.isFile() && pattern.test(entry.name)) found.push(child);
    }
  };
  await visit("");
  return found.sort();
}

async function listFolder(folder: string, visited: Set<string>): Promise<Dirent[]> {
  try {
    const real = await realpath(folder);
    if (visited.has(real)) return [];
    visited.add(real);
    return await readdir(folder, { withFileTypes: true });
  } catch (error) {
    throw new DataError(`The folder ${folder} cannot be read (${(error as Error).message}).`);
  }
}

/** What an entry is, or what it links to; undefined for a link to nowhere. */
async function kindOf(entry: Dirent, file: string): Promise<Dirent | Stats | undefined> {
  return entry.isSymbolicLink() ? stat(file).catch(() => undefined) : entry;
}

interface Info {
  readonly width: number;
  readonly height: number;
  readonly grey: boolean;
}

async function inspect(open: Open, folder: string, file: string): Promise<Info> {
  const metadata = await guarded(folder, file, () => open(path.join(folder, file)).metadata());
  const { width, height } = metadata.autoOrient;
  return { width, height, grey: isGrey(metadata) };
}

const isGrey = (metadata: Metadata) => metadata.space === "b-w" || metadata.space === "grey16";

function commonSize(folder: string, files: readonly string[], infos: readonly Info[], size?: number): [number, number] {
  if (size !== undefined) return [size, size];
  const { width, height } = infos[0]!;
  const other = infos.findIndex((info) => info.width !== width || info.height !== height);
  if (other >= 0)
    throw new DataError(
      `The images in ${folder} have different sizes (${files[0]} is ${width}x${height}, ${files[other]} is ` +
        `${infos[other]!.width}x${infos[other]!.height}); give a size to bring them to.`,
    );
  return [height, width];
}

async function decode(open: Open, folder: string, file: string, shape: ImageFolder["shape"]): Promise<Uint8Array> {
  const [channels, height, width] = shape;
  const pixels = await guarded(folder, file, () =>
    open(path.join(folder, file))
      .autoOrient()
      .flatten({ background: "#ffffff" })
      .resize(width, height, { fit: "cover" })
      .toColourspace(channels === 1 ? "b-w" : "srgb")
      .raw({ depth: "uchar" })
      .toBuffer(),
  );
  if (pixels.length !== channels * height * width)
    throw new DataError(
      `The image ${path.join(folder, file)} has an unusual pixel layout; save it as plain RGB or grey.`,
    );
  return pixels;
}

async function guarded<T>(folder: string, file: string, read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    const reason = (error as Error).message.split("\n")[0];
    throw new DataError(`The image ${path.join(folder, file)} is damaged or cannot be read (${reason}).`);
  }
}

/** RGBRGB… to RR…GG…BB…. */
function planesOf(pixels: Uint8Array, channels: number, out: Uint8Array): void {
  const area = pixels.length / channels;
  for (let c = 0; c < channels; c++) for (let p = 0; p < area; p++) out[c * area + p] = pixels[p * channels + c]!;
}

/** Grey images saved as RGB have three equal channels in every file; one is enough. */
function withoutEqualChannels(folder: ImageFolder): ImageFolder {
  const [, height, width] = folder.shape;
  const area = height * width;
  const { x } = folder;
  for (let start = 0; start < x.length; start += 3 * area)
    for (let p = start; p < start + area; p++) if (x[p] !== x[p + area] || x[p] !== x[p + 2 * area]) return folder;
  const grey = new Uint8Array(x.length / 3);
  for (let i = 0; i < folder.files.length; i++) grey.set(x.subarray(3 * i * area, (3 * i + 1) * area), i * area);
  return { ...folder, shape: [1, height, width], x: grey };
}

async function inParallel<T, R>(items: readonly T[], work: (item: T, index: number) => Promise<R>): Promise<R[]> {
  const results = new Array<R>(items.length);
  let next = 0;
  const worker = async () => {
    while (next < items.length) {
      const index = next++;
      results[index] = await work(items[index]!, index);
    }
  };
  await Promise.all(Array.from({ length: workers }, worker));
  return results;
}
