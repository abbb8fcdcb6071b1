import { type AsyncBuffer, parquetMetadataAsync, parquetRead, parquetSchema } from "hyparquet";
import { DataError } from "../../base/errors.ts";
import { cellText } from "./cells.ts";
import type { RowSource } from "./source.ts";
import type { Table } from "./types.ts";

/** Whether bytes begin like a Parquet file. */
export const isParquet = (bytes: Uint8Array): boolean =>
  bytes[0] === 0x50 && bytes[1] === 0x41 && bytes[2] === 0x52 && bytes[3] === 0x31;

/** Rows that are decoded at a time. */
const CHUNK = 16_384;

/** The rows of a Parquet file with flat columns, a piece at a time (snappy or not compressed). */
export async function parquetRows(file: AsyncBuffer, where: string): Promise<RowSource> {
  const metadata = await attempt(() => parquetMetadataAsync(file), where);
  const { children } = parquetSchema(metadata);
  const nested = children.find((child) => child.children.length > 0);
  if (nested) throw new DataError(`${where}: the column "${nested.element.name}" is nested; a table has flat columns.`);
  const count = Number(metadata.num_rows);
  const rows = async function* () {
    for (let start = 0; start < count; start += CHUNK) {
      let part: unknown[][] = [];
      await attempt(
        () =>
          parquetRead({
            file,
            metadata,
            rowStart: start,
            rowEnd: Math.min(count, start + CHUNK),
            onComplete: (found: unknown[][]) => {
              part = found;
            },
          }),
        where,
      );
      for (const row of part) yield row.map((value) => textOf(value, where));
    }
  };
  return { names: children.map(({ element }) => element.name), rows: rows() };
}

async function attempt<T>(work: () => Promise<T>, where: string): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof DataError) throw error;
    throw new DataError(`${where} cannot be read as Parquet (${(error as Error).message.replace(/\.$/, "")}).`);
  }
}

function textOf(value: unknown, where: string): string {
  if (value === null || value === undefined) return "";
  if (value instanceof Date) return value.toISOString();
  if (typeof value === "object") throw new DataError(`${where} holds a nested value; a table has flat columns.`);
  return String(value);
}

/** The bytes of a Parquet file: levels as strings, counts and real numbers as doubles, missing values as nulls. */
export async function encodeParquet({ columns, values }: Table): Promise<Uint8Array> {
  const { parquetWriteBuffer } = await import("hyparquet-writer");
  const columnData = columns.map((column, i) => ({
    name: column.name,
    type: column.levels ? ("STRING" as const) : ("DOUBLE" as const),
    nullable: true,
    data: Array.from(values[i]!, (value) => {
      if (Number.isNaN(value)) return null;
      return column.levels ? cellText(column, value) : value;
    }),
  }));
  return new Uint8Array(parquetWriteBuffer({ columnData }));
}
