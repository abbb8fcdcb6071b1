import { stat } from "node:fs/promises";
import path from "node:path";
import { unknownName } from "../base/suggest.ts";
import { type CatalogueEntry, catalogue } from "./catalogue.ts";
import { embeddedNames } from "./embedded.ts";
import { fetchFile, locate, readCatalogueFile, readContent } from "./files.node.ts";
import type { Files } from "./named.ts";
import type { OpenDeps } from "./open-options.node.ts";

/** Whether there is a file or folder of that name. */
export const exists = (file: string) =>
  stat(file).then(
    () => true,
    (error: NodeJS.ErrnoException) => error.code !== "ENOENT" && error.code !== "ENOTDIR",
  );

/** A sentence for a name that is neither that of a data set nor of a file. */
export function unknown(word: string): string {
  if (/[/\\.]/.test(word)) return `There is no file or folder ${word}; check the path.`;
  return `${unknownName("data set", word, knownNames())} A path to a file or folder works as well.`;
}

function knownNames(): string[] {
  return [...embeddedNames, ...catalogue.map(({ name }) => name)];
}

/** The last part of a path. */
export const baseName = (file: string) => path.basename(path.resolve(file)) || file;

/** The files of a named set: from SAMPO_DATA, else the cache, else downloaded into the cache. */
export function filesOf(entry: CatalogueEntry, { env = process.env, download = {}, onProgress }: OpenDeps): Files {
  const known = (file: string) => entry.files.find((one) => one.path === file);
  const find = async (file: string) => {
    const listed = known(file);
    if (listed) return readCatalogueFile(listed, env);
    const found = await locate({ path: file }, env);
    return found === undefined ? undefined : readContent(found);
  };
  const need = async (file: string) => {
    const present = await find(file);
    if (present) return present;
    const report = onProgress && ((done: number, total: number) => onProgress(`fetching ${file}`, done, total));
    await fetchFile(entry, known(file)!, env, { ...(report && { onProgress: report }), ...download });
    return (await find(file))!;
  };
  return { find, need };
}
