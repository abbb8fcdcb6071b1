import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { type FileHandle, mkdir, open, rename, rm, stat } from "node:fs/promises";
import path from "node:path";
import { pipeline } from "node:stream/promises";
import { createGunzip } from "node:zlib";
import { DataError } from "../base/errors.ts";

/** A file to fetch: the same content from any of several addresses. */
export interface Download {
  readonly urls: readonly string[];
  /** Where the file goes, once it is whole and its checksum fits. */
  readonly target: string;
  /** SHA-256 of the content, after gunzip when the file is gzip (mirrors compress differently). */
  readonly sha256: string;
  /** The checksum is of the file itself, not of what it unpacks to. */
  readonly packed?: true;
  /** Expected size of the file; a mirror that sends half as much again is dropped. */
  readonly bytes: number;
}

/** How patiently to fetch. */
export interface DownloadOptions {
  readonly fetch?: typeof fetch;
  /** Tries at each mirror, 4 unless given. */
  readonly tries?: number;
  /** First pause in milliseconds (500); it doubles after each failure. */
  readonly pause?: number;
  /** Longest wait for the next bytes, in milliseconds (30 s). */
  readonly timeout?: number;
  readonly onProgress?: (received: number, total: number) => void;
}

/** A failure that another try at the same mirror (`retry`) or another mirror may mend. */
class Setback extends Error {
  readonly retry: boolean;
  constructor(message: string, retry: boolean) {
    super(message);
    this.retry = retry;
  }
}

/**
 * Fetches a file to `target`: mirrors in order, several tries at each with growing pauses, going on from a `.partial`
 * file where the server can, checked by SHA-256 before it gets its name.
 */
export async function download(request: Download, options: DownloadOptions = {}): Promise<void> {
  await guardDisk(request, () => mkdir(path.dirname(request.target), { recursive: true }));
  const failures: string[] = [];
  for (const url of request.urls) {
    const failure = await fromMirror(url, request, options);
    if (failure === undefined) return;
    failures.push(`${url}: ${failure}`);
  }
  throw new DataError(
    `${path.basename(request.target)} could not be downloaded (${failures.join("; ") || "no address is known"}); ` +
      `check the network and try again, or put the file at ${request.target}.`,
  );
}

async function fromMirror(url: string, request: Download, options: DownloadOptions): Promise<string | undefined> {
  const { tries = 4, pause = 500 } = options;
  let failure = "";
  for (let attempt = 0; attempt < tries; attempt++) {
    if (attempt > 0) await new Promise((resolve) => setTimeout(resolve, pause * 2 ** (attempt - 1)));
    try {
      await attemptOnce(url, request, options);
      return undefined;
    } catch (error) {
      if (!(error instanceof Setback)) throw error;
      failure = error.message;
      if (!error.retry) break;
    }
  }
  return failure;
}

async function attemptOnce(url: string, request: Download, options: DownloadOptions): Promise<void> {
  const partial = `${request.target}.partial`;
  const resumed = await sizeOfFile(partial);
  await receive(url, partial, resumed, request, options);
  const actual = await contentHash(partial, request.packed);
  if (actual === request.sha256) return guardDisk(request, () => rename(partial, request.target));
  await rm(partial, { force: true });
  throw new Setback(`wrong checksum (sha256 ${actual ?? "of damaged gzip"}, expected ${request.sha256})`, resumed > 0);
}

async function receive(url: string, partial: string, resumed: number, request: Download, options: DownloadOptions) {
  const alarm = new Alarm(options.timeout ?? 30_000);
  try {
    const headers: Record<string, string> = { "accept-encoding": "identity" };
    if (resumed > 0) headers.range = `bytes=${resumed}-`;
    const response = await (options.fetch ?? fetch)(url, { headers, signal: alarm.signal });
    const start = await startOf(response, resumed, partial);
    await save(response, partial, start, request, options, alarm);
  } catch (error) {
    if (error instanceof Setback || error instanceof DataError) throw error;
    throw new Setback(alarm.signal.aborted ? `no answer for ${alarm.milliseconds} ms` : reasonOf(error), true);
  } finally {
    alarm.stop();
  }
}

/** Where in the file the body of a response begins. */
async function startOf(response: Response, resumed: number, partial: string): Promise<number> {
  const { status } = response;
  if (status === 200) return 0;
  if (status === 206 && response.headers.get("content-range")?.startsWith(`bytes ${resumed}-`)) return resumed;
  await response.body?.cancel();
  if (resumed > 0 && (status === 206 || status === 416)) {
    await rm(partial, { force: true });
    throw new Setback(`HTTP ${status}, the partial file does not fit`, true);
  }
  throw new Setback(`HTTP ${status}`, status >= 500 || status === 408 || status === 429);
}

async function save(
  response: Response,
  partial: string,
  start: number,
  request: Download,
  options: DownloadOptions,
  alarm: Alarm,
): Promise<void> {
  const expected = lengthOf(response, start);
  const limit = Math.ceil(request.bytes * 1.5) + 65536;
  const file = await guardDisk(request, () => open(partial, start > 0 ? "a" : "w"));
  let received = start;
  try {
    for await (const chunk of response.body ?? []) {
      alarm.rewind();
      received += chunk.length;
      if (received > limit) throw await oversized(file, received);
      await guardDisk(request, () => file.writeFile(chunk));
      options.onProgress?.(received, expected ?? request.bytes);
    }
  } finally {
    await file.close();
  }
  if (expected !== undefined && received !== expected)
    throw new Setback(`only ${received} of ${expected} bytes came`, true);
}

async function oversized(file: FileHandle, received: number): Promise<Setback> {
  await file.truncate(0);
  return new Setback(`sends too much (${received} bytes and more)`, false);
}

/** Length of the whole file as the server states it; unknown when the body is encoded on the way. */
function lengthOf(response: Response, start: number): number | undefined {
  const length = response.headers.get("content-length");
  return length === null || response.headers.get("content-encoding") ? undefined : start + Number(length);
}

/** SHA-256 of a file's content, unpacked when it is gzip unless `asIs`; undefined when that is damaged. */
async function contentHash(file: string, asIs = false): Promise<string | undefined> {
  const handle = await open(file);
  const { buffer, bytesRead } = await handle.read(new Uint8Array(2), 0, 2, 0);
  await handle.close();
  const hash = createHash("sha256");
  const packed = bytesRead === 2 && buffer[0] === 0x1f && buffer[1] === 0x8b;
  try {
    if (packed && !asIs) await pipeline(createReadStream(file), createGunzip(), hash);
    else await pipeline(createReadStream(file), hash);
  } catch {
    return undefined;
  }
  return hash.digest("hex");
}

const sizeOfFile = (file: string) =>
  stat(file).then(
    (status) => status.size,
    () => 0,
  );

function reasonOf(error: unknown): string {
  const { message, cause } = error as Error;
  return cause instanceof Error && cause.message ? `${message}: ${cause.message}` : message;
}

/** Turns failures of the local disk into an end of all trying: another mirror cannot mend them. */
async function guardDisk<T>(request: Download, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const folder = path.dirname(request.target);
    if (code === "ENOSPC" || code === "EDQUOT")
      throw new DataError(`The disk is full: ${folder} needs ${request.bytes} bytes; free some space and try again.`);
    throw new DataError(`${folder} cannot be written (${message}); set SAMPO_CACHE to another folder.`);
  }
}

/** Aborts when nothing has happened for a while. */
class Alarm {
  readonly milliseconds: number;
  readonly #controller = new AbortController();
  #timer: NodeJS.Timeout;

  constructor(milliseconds: number) {
    this.milliseconds = milliseconds;
    this.#timer = this.#start();
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  rewind(): void {
    clearTimeout(this.#timer);
    this.#timer = this.#start();
  }

  stop(): void {
    clearTimeout(this.#timer);
  }

  #start(): NodeJS.Timeout {
    return setTimeout(() => this.#controller.abort(), this.milliseconds);
  }
}
