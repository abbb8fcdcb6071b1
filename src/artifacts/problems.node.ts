import { SampoError } from "../base/errors.ts";

const advice: Record<string, (path: string) => string> = {
  ENOSPC: (path) =>
    `the disk holding ${path} is full; free some space or choose another folder, then run the command again`,
  EDQUOT: (path) => `the disk quota for ${path} is used up; free some space or choose another folder`,
  EACCES: (path) => `permission denied for ${path}; change its permissions or choose another path`,
  EPERM: (path) => `the system does not permit this on ${path}; change its permissions or choose another path`,
  EROFS: (path) => `${path} lies on a read-only file system; choose a path on a writable disk`,
  EISDIR: (path) => `${path} is a folder where a file was expected; give the path of a file`,
  ENOTDIR: (path) => `a part of ${path} is a file where a folder was expected; give a path through folders only`,
  ENOENT: (path) => `${path} does not exist; check the spelling`,
  EEXIST: (path) => `${path} exists already; remove it or choose another path`,
  ENOTEMPTY: (path) => `${path} is a folder that is not empty; empty it or choose another path`,
  ENAMETOOLONG: (path) => `the name ${path} is too long for this file system; choose a shorter one`,
  ELOOP: (path) => `${path} is a loop of symbolic links; remove the loop or choose another path`,
  EMFILE: (path) => `too many files are open to use ${path}; close some or raise the limit (ulimit -n)`,
  EIO: (path) => `the disk holding ${path} reports a hardware error; check the disk and choose another one`,
};

function codeOf(error: unknown): string | undefined {
  const code = error instanceof Error ? (error as NodeJS.ErrnoException).code : undefined;
  return typeof code === "string" ? code : undefined;
}

/** Whether a failure carries one of these error codes of the operating system (`ENOSPC`). */
export function hasCode(error: unknown, ...codes: readonly string[]): boolean {
  const code = codeOf(error);
  return code !== undefined && codes.includes(code);
}

/** One sentence for a failed file operation: what was being done, where, why it failed and what to do. */
export function fileProblem(doing: string, path: string, error: unknown): SampoError {
  if (error instanceof SampoError) return error;
  const known = advice[codeOf(error) ?? ""];
  const reason = known ? known(path) : `${path}: ${error instanceof Error ? error.message : String(error)}`;
  return new SampoError(`Cannot ${doing}: ${reason}.`, { cause: error });
}

/** Runs a file operation and turns what the operating system throws into one clear SampoError. */
export function guarded<T>(doing: string, path: string, action: () => T): T {
  try {
    return action();
  } catch (error) {
    throw fileProblem(doing, path, error);
  }
}
