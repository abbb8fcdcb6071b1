import { createReadStream } from "node:fs";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGunzip } from "node:zlib";
import { CsvError, parse } from "csv-parse";
import { DataError } from "../../base/errors.ts";
import { detectDelimiter } from "../readers/csv.ts";
import { isGzip } from "../readers/inflate.ts";

/** Bytes of a file as they are, or unpacked where it is gzip. */
async function* unpacked(source: AsyncIterable<Uint8Array>, where: string): AsyncGenerator<Uint8Array> {
  const chunks = source[Symbol.asyncIterator]();
  const first = await chunks.next();
  const all = async function* () {
    if (!first.done) yield first.value;
    for (let next = await chunks.next(); !next.done; next = await chunks.next()) yield next.value;
  };
  if (first.done || !isGzip(first.value)) return yield* all();
  try {
    yield* Readable.from(all()).pipe(createGunzip()) as AsyncIterable<Uint8Array>;
  } catch (error) {
    if (error instanceof DataError) throw error;
    throw new DataError(`${where} is damaged or truncated (${(error as Error).message}); fetch it again.`);
  }
}

/** Bytes as text, piece by piece; throws, with row and column, where they are no UTF-8. */
async function* decoded(source: AsyncIterable<Uint8Array>, where: string): AsyncGenerator<string> {
  const decoder = new TextDecoder("utf-8", { fatal: true });
  let lines = 0;
  let before = "";
  for await (const bytes of source) {
    let text: string;
    try {
      text = decoder.decode(bytes, { stream: true });
    } catch {
      throw notText(before + new TextDecoder().decode(bytes), lines, where);
    }
    if (text.includes("\0")) throw new DataError(`${where} is not text: it holds zero bytes.`);
    for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", at + 1)) lines++;
    before = text.slice(text.lastIndexOf("\n") + 1).slice(-65_536);
    yield text;
  }
  try {
    decoder.decode();
  } catch {
    throw notText(`${before}\ufffd`, lines, where);
  }
}

/** Where the first replacement character stands in what follows some lines. */
function notText(text: string, lines: number, where: string): DataError {
  const upTo = text.slice(0, Math.max(0, text.indexOf("\ufffd")));
  const row = upTo.split("\n");
  const column = row.at(-1)!.split(detectDelimiter(row[0] ?? "")).length;
  // the line that was begun before is counted by what it begins with, not by its end
  return new DataError(
    `${where} is not UTF-8 text: row ${lines + row.length}, column ${column} holds other bytes; save it as UTF-8.`,
  );
}

/** The rows of a CSV or TSV file as it is read; memory does not grow with it. */
export async function* streamRows(
  source: AsyncIterable<Uint8Array>,
  where: string,
  delimiter?: string,
): AsyncGenerator<string[]> {
  const texts = decoded(unpacked(source, where), where);
  let text = "";
  let next = await texts.next();
  for (; !next.done && !/\n./s.test(text); next = await texts.next()) text += next.value;
  if (text.trim() === "") throw new DataError(`${where} is empty.`);
  const between = delimiter ?? detectDelimiter(text);
  let lines = 0;
  for (; !/"|\r(?!\n|$)/.test(text); next = await texts.next()) {
    const whole = next.done ? text.length : text.lastIndexOf("\n") + 1;
    for (const line of text.slice(0, whole).split("\n")) {
      lines++;
      const bare = line.endsWith("\r") ? line.slice(0, -1) : line;
      if (bare !== "") yield bare.split(between);
    }
    lines--; // what follows the last line end is no line
    if (next.done) return;
    text = text.slice(whole) + next.value;
  }
  const rest = async function* () {
    yield text;
    for (; !next.done; next = await texts.next()) yield next.value;
  };
  try {
    yield* quotedRows(rest(), between, where, lines);
  } finally {
    await texts.return(undefined);
  }
}

/** The rows of a text with quotes, after so many lines. */
async function* quotedRows(
  texts: AsyncIterable<string>,
  delimiter: string,
  where: string,
  lines: number,
): AsyncGenerator<string[]> {
  const parser = parse({ delimiter, bom: true, skip_empty_lines: true, relax_column_count: true });
  const feeding = pipeline(texts, parser).catch((error: Error) => error);
  try {
    for await (const row of parser as AsyncIterable<string[]>) yield row;
  } catch (error) {
    const failure = (await feeding) ?? error;
    if (!(failure instanceof CsvError)) throw failure;
    const said = failure.message.replace(/\bline (\d+)/, (_, line: string) => `line ${lines + Number(line)}`);
    throw new DataError(`${where} is not a regular table: ${said}.`);
  } finally {
    parser.destroy();
  }
}

/** The text of a file, gzip or not, piece by piece. */
export const textOfFile = (file: string): AsyncGenerator<string> => decoded(unpacked(bytesOfFile(file), file), file);

/** The bytes of a file, piece by piece. */
export async function* bytesOfFile(file: string): AsyncGenerator<Uint8Array> {
  try {
    yield* createReadStream(file, { highWaterMark: 2 ** 22 }) as AsyncIterable<Uint8Array>;
  } catch (error) {
    throw new DataError(`${file} cannot be read (${(error as Error).message}).`);
  }
}
