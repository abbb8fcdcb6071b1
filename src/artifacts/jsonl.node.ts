import fs from "node:fs";
import { basename, dirname } from "node:path";
import { DataError } from "../base/errors.ts";
import { kindOf, readText, writeFileAtomic, writeFully } from "./files.node.ts";
import { parseJson, printJson } from "./json.ts";
import { fileProblem } from "./problems.node.ts";

/** One line of a JSON-lines file: names to values. */
export type JsonRecord = Record<string, unknown>;

/** Appends records to a JSON-lines file, one write to the system each, so a kill -9 tears at most the last line. */
export interface JsonLinesWriter {
  append(record: JsonRecord): void;
  close(): void;
}

/** The part of node:fs the writer needs; tests inject one that fails. */
export type AppendSystem = Pick<typeof fs, "openSync" | "writeSync" | "fsyncSync" | "closeSync">;

function isRecord(value: unknown): value is JsonRecord {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function parseRecord(line: string): JsonRecord | undefined {
  try {
    const value = parseJson(line);
    return isRecord(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** The records of a JSON-lines file; a last line torn by a killed process is left out, any other bad line is a DataError. */
export function readJsonLines(path: string): JsonRecord[] {
  const lines = readText(path).split("\n");
  const records: JsonRecord[] = [];
  lines.forEach((line, index) => {
    if (line.trim() === "") return;
    const record = parseRecord(line);
    if (record) records.push(record);
    else if (index < lines.length - 1)
      throw new DataError(`${path} line ${index + 1} is not a JSON object; remove this line to read the rest.`);
  });
  return records;
}

/** Rewrites a JSON-lines file (atomically) with the whole records that pass `keep`; a torn last line goes too. */
export function keepJsonLines(path: string, keep: (record: JsonRecord) => boolean): void {
  if (kindOf(path) === "nothing") return;
  const kept = readJsonLines(path).filter(keep);
  writeFileAtomic(path, kept.map((record) => `${printJson(record)}\n`).join(""));
}

/** Prepares the metrics of a run for going on after `step`: drops later lines and a torn last line. */
export function truncateAfterStep(path: string, step: number): void {
  keepJsonLines(path, (record) => typeof record.step !== "number" || record.step <= step);
}

/** Opens a JSON-lines file for appending; a torn last line is cut off first. */
export function appendJsonLines(path: string, system: AppendSystem = fs): JsonLinesWriter {
  const doing = `append to ${basename(path)}`;
  const attempt = <T>(action: () => T): T => {
    try {
      return action();
    } catch (error) {
      throw fileProblem(doing, path, error);
    }
  };
  attempt(() => fs.mkdirSync(dirname(path), { recursive: true }));
  if (kindOf(path) === "file" && !readText(path).endsWith("\n")) keepJsonLines(path, () => true);
  let descriptor: number | undefined = attempt(() => system.openSync(path, "a"));
  const open = (): number => {
    if (descriptor === undefined) throw new DataError(`${path} was closed; open it again to append.`);
    return descriptor;
  };
  return {
    append: (record) => attempt(() => writeFully(open(), new TextEncoder().encode(`${printJson(record)}\n`), system)),
    close: () => {
      if (descriptor === undefined) return;
      const closing = descriptor;
      descriptor = undefined;
      attempt(() => system.closeSync(closing));
    },
  };
}
