import { createHash } from "node:crypto";
import { readFile, stat } from "node:fs/promises";
import { homedir } from "node:os";
import path from "node:path";
import { gunzipSync } from "node:zlib";
import { DataError, UsageError } from "../base/errors.ts";
import type { CatalogueEntry, CatalogueFile } from "./catalogue.ts";
import { type DownloadOptions, download } from "./download.node.ts";
import { defaultLimit, isGzip } from "./readers/inflate.ts";

/** Environment variables that are looked at: SAMPO_DATA, SAMPO_CACHE and the platform's cache folder. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** The folder for downloaded data: SAMPO_CACHE, or the place where the platform keeps caches. */
export function cacheFolder(env: Environment = process.env, platform: string = process.platform): string {
  if (env.SAMPO_CACHE) return env.SAMPO_CACHE;
  if (platform === "win32")
    return path.join(env.LOCALAPPDATA ?? path.join(homedir(), "AppData", "Local"), "sampo", "Cache");
  if (platform === "darwin") return path.join(homedir(), "Library", "Caches", "sampo");
  return path.join(env.XDG_CACHE_HOME || path.join(homedir(), ".cache"), "sampo");
}

/** Where data files are looked for, in order. */
function dataFolders(env: Environment = process.env): string[] {
  return [...(env.SAMPO_DATA ? [env.SAMPO_DATA] : []), path.join(cacheFolder(env), "data")];
}

/** The content of a file, unpacked when it is gzip. */
export async function readContent(file: string, limit = defaultLimit): Promise<Uint8Array> {
  return unpack(await readBytes(file, 2 * limit), file, limit);
}

function unpack(bytes: Uint8Array, file: string, limit: number): Uint8Array {
  if (!isGzip(bytes)) return bytes;
  try {
    return gunzipSync(bytes, { maxOutputLength: limit });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ERR_BUFFER_TOO_LARGE")
      throw new DataError(`${file} unpacks to more than ${limit} bytes, which is refused.`);
    throw new DataError(`${file} is damaged or truncated (${(error as Error).message}); fetch it again.`);
  }
}

async function readBytes(file: string, limit: number): Promise<Uint8Array> {
  try {
    const status = await stat(file);
    if (!status.isFile()) throw new DataError(`${file} is not an ordinary file.`);
    const { size } = status;
    if (size > limit) throw new DataError(`${file} has ${size} bytes; at most ${limit} are read at once.`);
    return await readFile(file);
  } catch (error) {
    if (error instanceof DataError) throw error;
    throw new DataError(`${file} cannot be read (${(error as Error).message}).`);
  }
}

const exists = (file: string) =>
  stat(file).then(
    () => true,
    () => false,
  );

/** Where a catalogue file lies, compressed or not; undefined when nowhere. */
export async function locate(
  file: Pick<CatalogueFile, "path">,
  env: Environment = process.env,
): Promise<string | undefined> {
  if (env.SAMPO_DATA && !(await exists(env.SAMPO_DATA)))
    throw new UsageError(`SAMPO_DATA names ${env.SAMPO_DATA}, which does not exist; correct it or unset it.`);
  for (const folder of dataFolders(env))
    for (const name of [file.path, file.path.replace(/\.gz$/, "")])
      if (await exists(path.join(folder, name))) return path.join(folder, name);
  return undefined;
}

/** The checked content of a catalogue file that lies on this machine; undefined when it does not. */
export async function readCatalogueFile(file: CatalogueFile, env?: Environment): Promise<Uint8Array | undefined> {
  const found = await locate(file, env);
  if (found === undefined) return undefined;
  const bytes = await readBytes(found, 2 * defaultLimit);
  const content = unpack(bytes, found, defaultLimit);
  const actual = createHash("sha256")
    .update(file.packed ? bytes : content)
    .digest("hex");
  if (actual !== file.sha256)
    throw new DataError(
      `${found} is not the published file (sha256 ${actual}, expected ${file.sha256}); delete it and fetch it again.`,
    );
  return content;
}

/** Downloads what is missing of a set into the cache; a file that has no public address is asked for by its path. */
export async function fetchFile(
  entry: Pick<CatalogueEntry, "name">,
  file: CatalogueFile,
  env: Environment = process.env,
  options: DownloadOptions = {},
): Promise<void> {
  if (file.urls.length === 0)
    throw new DataError(
      `The data set ${entry.name} has no public download in the form Sampo reads; put ${file.path} below the folder SAMPO_DATA names.`,
    );
  const name = file.urls[0]!.endsWith(".gz") ? file.path : file.path.replace(/\.gz$/, "");
  await download({ ...file, target: path.join(cacheFolder(env), "data", name) }, options);
}

/** Downloads every file of a named set that is not on this machine yet; returns how many were fetched. */
export async function fetchDataset(
  entry: CatalogueEntry,
  env: Environment = process.env,
  options: DownloadOptions = {},
): Promise<number> {
  let fetched = 0;
  for (const file of entry.files) {
    if (file.optional || (await locate(file, env)) || (file.same && (await locate({ path: file.same }, env)))) continue;
    await fetchFile(entry, file, env, options);
    fetched++;
  }
  return fetched;
}
