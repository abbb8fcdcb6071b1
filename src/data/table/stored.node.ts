import { closeSync, mkdtempSync, openSync, readSync, rmSync, statfsSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DataError } from "../../base/errors.ts";
import type { StoredRows } from "../types.ts";
import type { RowSink } from "./builder.ts";
import { cellReader, type Place } from "./cells.ts";
import type { Column } from "./types.ts";

/** Bytes that are written at once, and bytes of rows that are put in order at once. */
const [BUFFER, BUCKET] = [2 ** 20, 2 ** 27];

/** Where the cells of a row stand among its bytes: places of levels in one or two, all ones where missing; others as doubles. */
interface Layout {
  readonly widths: Uint8Array;
  readonly bytes: number;
}

function layoutOf(columns: readonly Column[]): Layout {
  const widths = Uint8Array.from(columns, ({ levels }) => (!levels ? 8 : levels.length < 0xff ? 1 : 2));
  return { widths, bytes: widths.reduce((sum, width) => sum + width, 0) };
}

const closing = new FinalizationRegistry<number>((file) => closeSync(file));

/** A file without a name: the system gives its place back when it is closed, however this process ends. */
class Scratch {
  readonly file: number;
  size = 0;
  private readonly pending = Buffer.alloc(BUFFER);
  private used = 0;

  constructor() {
    const folder = mkdtempSync(join(tmpdir(), "sampo-rows-"));
    this.file = openSync(join(folder, "rows"), "wx+");
    closing.register(this, this.file, this);
    try {
      rmSync(folder, { recursive: true });
    } catch {
      process.once("exit", () => rmSync(folder, { recursive: true, force: true })); // where open files cannot be removed
    }
  }

  append(bytes: Uint8Array): void {
    if (this.used + bytes.length > BUFFER) this.flush();
    if (bytes.length > BUFFER) this.write(bytes);
    else {
      this.pending.set(bytes, this.used);
      this.used += bytes.length;
    }
  }

  flush(): void {
    this.write(this.pending.subarray(0, this.used));
    this.used = 0;
  }

  private write(bytes: Uint8Array): void {
    try {
      for (let at = 0; at < bytes.length; ) at += writeSync(this.file, bytes, at, bytes.length - at, this.size + at);
    } catch (error) {
      throw new DataError(
        `The rows cannot be kept in ${tmpdir()} (${(error as Error).message}): name a folder with more room in TMPDIR.`,
      );
    }
    this.size += bytes.length;
  }

  read(from: number, length: number): Buffer {
    const bytes = Buffer.alloc(length);
    for (let at = 0; at < length; ) {
      const got = readSync(this.file, bytes, at, length - at, from + at);
      if (got === 0) throw new DataError("The rows kept on disk end early.");
      at += got;
    }
    return bytes;
  }

  close(): void {
    closing.unregister(this);
    closeSync(this.file);
  }
}

/** Rows of a table of known columns on disk, in their order. */
export class RowStore implements RowSink {
  count = 0;
  private readonly columns: readonly Column[];
  private readonly layout: Layout;
  private readonly readers: readonly ((text: string, place: Place) => number)[];
  private readonly row: Buffer;
  private at = 0;
  private scratch = new Scratch();

  constructor(columns: readonly Column[], rows: number) {
    this.columns = columns;
    this.layout = layoutOf(columns);
    this.readers = columns.map(cellReader);
    this.row = Buffer.alloc(this.layout.bytes);
    const { bavail, bsize } = statfsSync(tmpdir());
    const needed = 2 * rows * this.layout.bytes; // once as they come, once in order
    if (bavail * bsize < needed)
      throw new DataError(
        `The table does not fit into memory, and ${tmpdir()} has no room for its rows (${(needed / 2 ** 30).toPrecision(2)} GiB): name a folder with more room in TMPDIR, or take --random-rows 100000, say.`,
      );
  }

  cell(column: number, text: string, place: Place): void {
    const value = this.readers[column]!(text, place);
    const width = this.layout.widths[column]!;
    if (width === 8) this.at = this.row.writeDoubleLE(value, this.at);
    else this.at = this.row.writeUIntLE(Number.isNaN(value) ? 256 ** width - 1 : value, this.at, width);
  }

  end(): void {
    this.scratch.append(this.row);
    this.at = 0;
    this.count++;
  }

  /** Rows `start` to `end` (excluded), all their columns but `without`. */
  read(start: number, end: number, without = -1): Float64Array {
    const { widths, bytes } = this.layout;
    this.scratch.flush();
    const from = this.scratch.read(start * bytes, (end - start) * bytes);
    const cells = new Float64Array((end - start) * (widths.length - Number(without >= 0)));
    for (let at = 0, to = 0; at < from.length; )
      for (let i = 0; i < widths.length; at += widths[i++]!)
        if (i !== without) cells[to++] = cellAt(from, at, widths[i]!);
    return cells;
  }

  /** One column of all rows. */
  column(place: number): Float64Array {
    const values = new Float64Array(this.count);
    const width = this.columns.length;
    const rows = Math.max(1, Math.floor(BUFFER / width));
    for (let start = 0; start < this.count; start += rows) {
      const cells = this.read(start, Math.min(this.count, start + rows));
      for (let at = place, n = start; at < cells.length; at += width) values[n++] = cells[at]!;
    }
    return values;
  }

  /**
   * Brings the rows `order` into that order: each row goes into the bucket of its new place, then each bucket is put in
   * order in memory and written at the end; the disk is read and written from front to back only.
   */
  reorder(order: Uint32Array, bucketBytes = BUCKET): void {
    const { bytes } = this.layout;
    const inBucket = Math.max(1, Math.floor(bucketBytes / bytes));
    const places = new Uint32Array(this.count).fill(0xffffffff);
    for (let i = 0; i < order.length; i++) places[order[i]!] = i;
    const buckets = Array.from({ length: Math.ceil(order.length / inBucket) }, () => new Scratch());
    const marked = Buffer.alloc(4 + bytes);
    const rows = Math.max(1, Math.floor(BUFFER / bytes));
    this.scratch.flush();
    for (let start = 0; start < this.count; start += rows) {
      const some = this.scratch.read(start * bytes, Math.min(rows, this.count - start) * bytes);
      for (let at = 0, n = start; at < some.length; at += bytes, n++) {
        if (places[n] === 0xffffffff) continue;
        marked.writeUInt32LE(places[n]!, 0);
        some.copy(marked, 4, at, at + bytes);
        buckets[Math.floor(places[n]! / inBucket)]!.append(marked);
      }
    }
    this.scratch.close();
    this.scratch = new Scratch();
    for (const [b, bucket] of buckets.entries()) this.scratch.append(sorted(bucket, b * inBucket, bytes));
    this.count = order.length;
  }

  /** The rows `start` to `end` (excluded) as those of a split. */
  part(start: number, end: number, small: boolean, without = -1): StoredRows {
    const within = (n: number) => Math.min(end, start + n);
    return { small, read: (from, to) => this.read(within(from), within(to), without) };
  }
}

function cellAt(from: Buffer, at: number, width: number): number {
  if (width === 8) return from.readDoubleLE(at);
  const value = width === 1 ? from[at]! : from.readUInt16LE(at);
  return value === 256 ** width - 1 ? Number.NaN : value;
}

/** The rows of a bucket whose first place is `first`, in order; the bucket is given up. */
function sorted(bucket: Scratch, first: number, bytes: number): Buffer {
  bucket.flush();
  const count = bucket.size / (4 + bytes);
  const rows = Buffer.alloc(count * bytes);
  const some = Math.max(1, Math.floor(BUFFER / (4 + bytes)));
  for (let n = 0; n < count; n += some) {
    const from = bucket.read(n * (4 + bytes), Math.min(some, count - n) * (4 + bytes));
    for (let at = 0; at < from.length; at += 4 + bytes)
      from.copy(rows, (from.readUInt32LE(at) - first) * bytes, at + 4, at + 4 + bytes);
  }
  bucket.close();
  return rows;
}
