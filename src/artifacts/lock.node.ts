import fs from "node:fs";
import { hostname } from "node:os";
import { SampoError } from "../base/errors.ts";
import { isAlive } from "./files.node.ts";
import { parseJson, printJson } from "./json.ts";
import { guarded, hasCode } from "./problems.node.ts";

/** Held by the one process that writes into a folder. */
export interface Lock {
  release(): void;
}

interface Owner {
  pid: number;
  host: string;
  /** When the process started, as the kernel counts: tells a reused process id from the same process. */
  started?: string | undefined;
}

/** Field 22 of /proc/<pid>/stat (start time in clock ticks after boot), where the system has it. */
function startOf(pid: number): string | undefined {
  try {
    const stat = fs.readFileSync(`/proc/${pid}/stat`, "utf8");
    return stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19];
  } catch {
    return undefined;
  }
}

function self(): Owner {
  return { pid: process.pid, host: hostname(), started: startOf(process.pid) };
}

function readOwner(content: string): Owner | undefined {
  try {
    const value = parseJson(content) as Partial<Owner> | null;
    if (typeof value?.pid !== "number" || typeof value.host !== "string") return undefined;
    return { pid: value.pid, host: value.host, started: value.started };
  } catch {
    return undefined;
  }
}

function isRunning(owner: Owner): boolean {
  if (owner.host !== hostname()) return true;
  if (!isAlive(owner.pid)) return false;
  const started = startOf(owner.pid);
  return started === undefined || owner.started === undefined || started === owner.started;
}

function contentOf(path: string): string | undefined {
  try {
    return fs.readFileSync(path, "utf8");
  } catch (error) {
    if (hasCode(error, "ENOENT")) return undefined;
    throw error;
  }
}

/** A lock whose owner is dead, or which a killed process left half written (a running one fills it at once). */
function isStale(path: string, content: string): boolean {
  const owner = readOwner(content);
  if (owner) return !isRunning(owner);
  const status = fs.statSync(path, { throwIfNoEntry: false });
  return status !== undefined && Date.now() - status.mtimeMs > 2000;
}

/** Takes a stale lock away by renaming, so that of two processes which find it stale only one succeeds. */
function removeStale(path: string, content: string): void {
  const aside = `${path}.partial-${process.pid}`;
  try {
    fs.renameSync(path, aside);
  } catch (error) {
    if (hasCode(error, "ENOENT")) return;
    throw error;
  }
  if (fs.readFileSync(aside, "utf8") === content) fs.rmSync(aside);
  else fs.renameSync(aside, path);
}

function tryCreate(path: string): boolean {
  try {
    fs.writeFileSync(path, printJson(self()), { flag: "wx" });
    return true;
  } catch (error) {
    if (hasCode(error, "EEXIST")) return false;
    if (hasCode(error, "ENOSPC", "EDQUOT", "EIO")) fs.rmSync(path, { force: true });
    throw error;
  }
}

function busy(path: string, folder: string): SampoError {
  const owner = readOwner(contentOf(path) ?? "");
  const who = owner ? `process ${owner.pid} on ${owner.host}` : "another process";
  const elsewhere = owner && owner.host !== hostname() ? `, or delete ${path} if that process is gone` : "";
  return new SampoError(`${folder} is being written by ${who}; wait for it to end, choose another folder${elsewhere}.`);
}

function release(path: string, mine: string): void {
  if (contentOf(path) === mine) fs.rmSync(path, { force: true });
}

/** Takes the lock file of a folder, or throws who holds it. Locks of dead processes, also with a reused id, do not count. */
export function takeLock(path: string, folder: string): Lock {
  return guarded("lock the folder", folder, () => {
    for (let attempt = 0; attempt < 3; attempt++) {
      if (tryCreate(path)) {
        const mine = printJson(self());
        return { release: () => guarded("unlock the folder", folder, () => release(path, mine)) };
      }
      const content = contentOf(path);
      if (content !== undefined && !isStale(path, content)) break;
      if (content !== undefined) removeStale(path, content);
    }
    throw busy(path, folder);
  });
}

/** Whether a running process holds the lock file of a folder. */
export function isHeld(path: string): boolean {
  const content = guarded("look at the lock", path, () => contentOf(path));
  return content !== undefined && !isStale(path, content);
}
