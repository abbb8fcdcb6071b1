import fs from "node:fs";
import { join } from "node:path";
import { SampoError, UsageError } from "../base/errors.ts";
import {
  ensureFolder,
  isPartial,
  kindOf,
  listFolder,
  readText,
  removeStalePartials,
  writeFileAtomic,
} from "./files.node.ts";
import { type Lock, takeLock } from "./lock.node.ts";
import { type Manifest, manifestFormat, readManifest, writeManifest } from "./manifest.ts";
import { guarded } from "./problems.node.ts";

/** Where everything of a run stands. */
export interface RunPaths {
  readonly manifest: string;
  readonly metrics: string;
  /** Figures of evaluations, one JSON document a line. */
  readonly evaluations: string;
  readonly checkpoints: string;
  readonly last: string;
  readonly best: string;
  /** How text became tokens, for models of text. */
  readonly tokenizer: string;
  readonly pictures: string;
  readonly report: string;
  readonly lock: string;
}

/** A run folder that was opened for reading. */
export interface Run {
  readonly folder: string;
  readonly paths: RunPaths;
  readonly manifest: Manifest;
}

/** A run folder that this process, and no other, writes into until it releases it. */
export interface LockedRun extends Run {
  release(): void;
}

/** What the caller of `createRun` says; format, times and status are filled in. */
export type NewManifest = Omit<Manifest, "format" | "created" | "updated" | "status" | "seconds" | "last" | "best">;

/** One folder found by `listRuns`: a run, or why it cannot be opened. */
export type ListedRun = { folder: string; manifest: Manifest } | { folder: string; problem: string };

/** The paths inside a run folder. */
export function runPaths(folder: string): RunPaths {
  const checkpoints = join(folder, "checkpoints");
  return {
    manifest: join(folder, "manifest.json"),
    metrics: join(folder, "metrics.jsonl"),
    evaluations: join(folder, "evaluations.jsonl"),
    checkpoints,
    last: join(checkpoints, "last.safetensors"),
    best: join(checkpoints, "best.safetensors"),
    tokenizer: join(folder, "tokenizer.json"),
    pictures: join(folder, "pictures"),
    report: join(folder, "report.html"),
    lock: join(folder, "run.lock"),
  };
}

/** Names that do not make a folder count as used: our lock, partial files, and what file managers leave. */
function isIgnorable(name: string): boolean {
  return name === "run.lock" || name === ".DS_Store" || name === "Thumbs.db" || isPartial(name);
}

function refuseStrangeFolder(folder: string): void {
  const kind = kindOf(folder);
  if (kind === "file" || kind === "other")
    throw new UsageError(`${folder} is a file; give the path of a new folder for the run.`);
  if (kind === "nothing" || kindOf(runPaths(folder).manifest) !== "nothing") return;
  const used = listFolder(folder).find((name) => !isIgnorable(name));
  if (used !== undefined)
    throw new UsageError(
      `${folder} is not empty (it holds ${used}) and is not a run; choose a new or an empty folder, nothing was changed.`,
    );
}

function refuseExistingRun(folder: string): void {
  const { manifest } = runPaths(folder);
  if (kindOf(manifest) === "nothing" || failedAtOnce(folder)) return;
  const about = describeRun(folder);
  throw new UsageError(
    `${folder} already holds a run (${about}); continue it with --resume ${folder}, or choose another folder.`,
  );
}

/** Whether a run failed before it kept anything, as where its data were refused: another may take its place. */
function failedAtOnce(folder: string): boolean {
  try {
    const { status, last, best } = openRun(folder).manifest;
    return status === "failed" && !last && !best;
  } catch {
    return false;
  }
}

function describeRun(folder: string): string {
  try {
    const { manifest } = openRun(folder);
    const step = manifest.last ? `, step ${manifest.last.step}` : "";
    return `${manifest.model} on ${manifest.data.name}${step}, ${manifest.status}`;
  } catch {
    return "with a manifest that cannot be read";
  }
}

/** Removes what a run consists of, the manifest last, and nothing else that may stand in the folder. */
function removeRun(folder: string): void {
  const { metrics, evaluations, checkpoints, tokenizer, pictures, report, manifest } = runPaths(folder);
  for (const path of [metrics, evaluations, checkpoints, tokenizer, pictures, report, manifest])
    guarded("remove the old run", path, () => fs.rmSync(path, { recursive: true, force: true }));
}

function locked(run: Run, lock: Lock): LockedRun {
  return { ...run, release: lock.release };
}

/** Runs `action` while holding the lock of a folder; on failure the lock is given back. */
function withLock<T>(folder: string, action: (lock: Lock) => T): T {
  const lock = takeLock(runPaths(folder).lock, folder);
  try {
    return action(lock);
  } catch (error) {
    lock.release();
    throw error;
  }
}

/** Writes a changed manifest (atomically) with a fresh time stamp and returns the run with it. */
export function updateManifest<R extends Run>(run: R, change: Partial<Omit<Manifest, "format" | "created">>): R {
  const manifest: Manifest = { ...run.manifest, ...change, updated: new Date().toISOString() };
  writeFileAtomic(run.paths.manifest, writeManifest(manifest, run.paths.manifest));
  return { ...run, manifest };
}

/**
 * Makes a run folder and locks it. Refuses a file, a folder that holds other things, and an existing run unless `overwrite`
 * (then the old run, and nothing else, is removed); a run that failed before it kept anything gives way.
 */
export function createRun(folder: string, manifest: NewManifest, options: { overwrite?: boolean } = {}): LockedRun {
  refuseStrangeFolder(folder);
  if (!options.overwrite) refuseExistingRun(folder);
  ensureFolder(folder);
  return withLock(folder, (lock) => {
    refuseStrangeFolder(folder);
    if (!options.overwrite) refuseExistingRun(folder);
    removeRun(folder);
    const paths = runPaths(folder);
    const now = new Date().toISOString();
    const full: Manifest = {
      format: manifestFormat,
      ...manifest,
      created: now,
      updated: now,
      status: "running",
      seconds: 0,
    };
    writeFileAtomic(paths.manifest, writeManifest(full, paths.manifest));
    ensureFolder(paths.checkpoints);
    ensureFolder(paths.pictures);
    return locked({ folder, paths, manifest: full }, lock);
  });
}

/** Opens a run for reading. */
export function openRun(folder: string): Run {
  const kind = kindOf(folder);
  if (kind === "nothing")
    throw new SampoError(`There is no run at ${folder}; check the path, or list runs with: runs.`);
  if (kind !== "folder") throw new SampoError(`${folder} is a file, not a run folder; give the folder of a run.`);
  const paths = runPaths(folder);
  if (kindOf(paths.manifest) === "nothing")
    throw new SampoError(
      `${folder} is not a run: it has no manifest.json; give the folder that train wrote with --out.`,
    );
  return { folder, paths, manifest: readManifest(readText(paths.manifest), paths.manifest) };
}

/** Opens a run for going on with it: locks it and clears away what a killed process left half written. */
export function resumeRun(folder: string): LockedRun {
  openRun(folder);
  return withLock(folder, (lock) => {
    const run = openRun(folder);
    ensureFolder(run.paths.checkpoints);
    ensureFolder(run.paths.pictures);
    for (const place of [folder, run.paths.checkpoints, run.paths.pictures]) removeStalePartials(place);
    return locked(run, lock);
  });
}

function listed(folder: string): ListedRun {
  try {
    return { folder, manifest: openRun(folder).manifest };
  } catch (error) {
    return { folder, problem: error instanceof Error ? error.message : String(error) };
  }
}

function findRuns(folder: string, depth: number): string[] {
  if (kindOf(runPaths(folder).manifest) === "file") return [folder];
  if (depth === 0) return [];
  const inner = listFolder(folder)
    .map((name) => join(folder, name))
    .filter((path) => kindOf(path) === "folder");
  return inner.flatMap((path) => findRuns(path, depth - 1));
}

/** All runs under a folder (itself, or up to three levels below), oldest first; those that cannot be opened say why. */
export function listRuns(root: string): ListedRun[] {
  if (kindOf(root) !== "folder") return [];
  const created = (run: ListedRun) => ("manifest" in run ? run.manifest.created : "");
  return findRuns(root, 3)
    .map(listed)
    .sort((a, b) => created(a).localeCompare(created(b)) || a.folder.localeCompare(b.folder));
}
