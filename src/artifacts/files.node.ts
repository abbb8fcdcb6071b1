import fs from "node:fs";
import { basename, dirname, join } from "node:path";
import { fileProblem, guarded, hasCode } from "./problems.node.ts";

/** The part of node:fs that writing needs; tests inject one that fails. */
export type FileSystem = Pick<
  typeof fs,
  "openSync" | "writeSync" | "fsyncSync" | "closeSync" | "renameSync" | "rmSync" | "mkdirSync" | "statSync"
>;

const partialName = /\.partial-(\d+)$/;

/** The temporary name beside `path` under which this process writes it. */
export function partialPath(path: string): string {
  return `${path}.partial-${process.pid}`;
}

/** Writes all bytes through a file descriptor, however few the system takes at a time. */
export function writeFully(descriptor: number, bytes: Uint8Array, system: Pick<FileSystem, "writeSync"> = fs): void {
  for (let done = 0; done < bytes.length; ) done += system.writeSync(descriptor, bytes, done, bytes.length - done);
}

function writeAndSync(path: string, bytes: Uint8Array, sync: boolean, system: FileSystem): void {
  const descriptor = system.openSync(path, "w");
  try {
    writeFully(descriptor, bytes, system);
    if (sync) system.fsyncSync(descriptor);
  } finally {
    system.closeSync(descriptor);
  }
}

/** Devices and pipes (/dev/stdout, /dev/null) are written through: a rename would replace them by a file. */
function isStream(path: string, system: FileSystem): boolean {
  const status = system.statSync(path, { throwIfNoEntry: false });
  return status !== undefined && !status.isFile() && !status.isDirectory();
}

/** Makes a rename survive a power cut; systems that cannot sync a folder (Windows) do without. */
function syncFolder(folder: string, system: FileSystem): void {
  try {
    const descriptor = system.openSync(folder, "r");
    try {
      system.fsyncSync(descriptor);
    } finally {
      system.closeSync(descriptor);
    }
  } catch (error) {
    if (!hasCode(error, "EISDIR", "EPERM", "EACCES", "EINVAL", "ENOTSUP", "EBADF")) throw error;
  }
}

function replaceFile(path: string, bytes: Uint8Array, system: FileSystem): void {
  const partial = partialPath(path);
  try {
    writeAndSync(partial, bytes, true, system);
    system.renameSync(partial, path);
  } catch (error) {
    system.rmSync(partial, { force: true });
    throw error;
  }
  syncFolder(dirname(path), system);
}

/** A file that grows piece by piece under a temporary name, and takes its own when it is whole. */
export function growingFile(path: string): { append(text: string): void; keep(): void; drop(): void } {
  const stream = isStream(path, fs);
  const written = stream ? path : partialPath(path);
  const what = `write ${basename(path)}`;
  if (!stream) ensureFolder(dirname(path));
  const descriptor = guarded(what, path, () => fs.openSync(written, "w"));
  let open = true;
  const close = () => {
    if (open) fs.closeSync(descriptor);
    open = false;
  };
  const drop = () => {
    close();
    if (!stream) fs.rmSync(written, { force: true });
  };
  return {
    append: (text) => guarded(what, path, () => writeFully(descriptor, new TextEncoder().encode(text))),
    keep: () =>
      guarded(what, path, () => {
        if (!stream) fs.fsyncSync(descriptor);
        close();
        if (!stream) fs.renameSync(written, path);
      }),
    drop,
  };
}

/**
 * Writes a file so that a reader, or a kill -9 at any moment, finds the old content or the new content and never a mixture:
 * to `path.partial-<pid>`, fsync, rename. Missing folders are made. Throws a SampoError that says what to do.
 */
export function writeFileAtomic(path: string, content: string | Uint8Array, system: FileSystem = fs): void {
  const bytes = typeof content === "string" ? new TextEncoder().encode(content) : content;
  try {
    if (isStream(path, system)) {
      writeAndSync(path, bytes, false, system);
      return;
    }
    system.mkdirSync(dirname(path), { recursive: true });
    replaceFile(path, bytes, system);
  } catch (error) {
    throw fileProblem(`write ${basename(path)}`, path, error);
  }
}

/** Makes a folder and the folders above it. */
export function ensureFolder(path: string): void {
  guarded("make the folder", path, () => {
    if (fs.statSync(path, { throwIfNoEntry: false })?.isDirectory()) return;
    fs.mkdirSync(path, { recursive: true });
  });
}

/** The content of a text file. */
export function readText(path: string): string {
  return guarded(`read ${basename(path)}`, path, () => fs.readFileSync(path, "utf8"));
}

/** The content of a file. */
export function readBytes(path: string): Uint8Array {
  return guarded(`read ${basename(path)}`, path, () => new Uint8Array(fs.readFileSync(path)));
}

/** What a path is; a symbolic link counts as what it points to. */
export function kindOf(path: string): "file" | "folder" | "other" | "nothing" {
  const status = guarded("look at the path", path, () => {
    try {
      return fs.statSync(path, { throwIfNoEntry: false });
    } catch (error) {
      if (hasCode(error, "ENOTDIR")) return undefined;
      throw error;
    }
  });
  if (!status) return "nothing";
  if (status.isFile()) return "file";
  return status.isDirectory() ? "folder" : "other";
}

/** The names in a folder, sorted. */
export function listFolder(path: string): string[] {
  return guarded("list the folder", path, () => fs.readdirSync(path).sort());
}

/** Whether a process of this machine is running. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return hasCode(error, "EPERM");
  }
}

/** Whether a file name is one of the temporary names of `writeFileAtomic`. */
export function isPartial(name: string): boolean {
  return partialName.test(name);
}

/** Removes the partial files that killed processes left in a folder; those of running processes stay. */
export function removeStalePartials(folder: string): void {
  for (const name of listFolder(folder)) {
    const owner = partialName.exec(name)?.[1];
    if (owner === undefined || isAlive(Number(owner))) continue;
    guarded("remove a partial file", join(folder, name), () => fs.rmSync(join(folder, name), { force: true }));
  }
}
