import { csvOf } from "../../artifacts/examples.node.ts";
import { growingFile } from "../../artifacts/files.node.ts";
import { HostArray } from "../../base/host.ts";
import type { Numbers } from "../../models/contract.ts";
import { fold, key } from "../../random/index.ts";
import { codesResult, written } from "../codes.ts";
import type { Result } from "../command.ts";
import type { Reporter } from "../output/index.ts";
import { capable, type InUse } from "../trained.ts";
import { chosenRows } from "./chosen.ts";
import { rowsArray } from "./columns.ts";

type Options = Readonly<Record<string, unknown>>;

/** Codes of rows, some at a time: a CSV file grows with them, an NPY file and what is printed wait for the last. */
export async function encodeTable(use: InUse, options: Options, out: Reporter): Promise<Result> {
  const { from, codes } = await codesOf(use, options, out);
  const file = options.out as string | undefined;
  const run = use.trained.run.folder;
  if (!file?.toLowerCase().endsWith(".csv")) return codesResult(file, await joined(codes), { run, from });
  const { count, size } = await intoCsv(file, codes);
  return written(file, { run, from, count, shape: [count, size] });
}

async function codesOf(use: InUse, options: Options, out: Reporter) {
  const { model } = use.trained;
  const asked = capable(model, "encode");
  const { from, chunks } = await chosenRows(use, options, out);
  const random = key(options.seed as number);
  const codes = async function* (): AsyncGenerator<Numbers> {
    for await (const { x, first } of chunks)
      yield await asked.encode(use.on, rowsArray(model, x), {
        key: first === 0 ? random : fold(random, first),
        progress: (fraction) => out.progress({ label: "encode", fraction }),
      });
  };
  return { from, codes: codes() };
}

async function intoCsv(name: string, codes: AsyncIterable<Numbers>): Promise<{ count: number; size: number }> {
  const file = growingFile(name);
  let [count, size] = [0, 0];
  try {
    for await (const some of codes) {
      file.append(csvOf(some));
      count += some.shape[0]!;
      size = some.shape[1]!;
    }
    file.keep();
  } catch (error) {
    file.drop();
    throw error;
  }
  return { count, size };
}

async function joined(codes: AsyncIterable<Numbers>): Promise<Numbers> {
  const parts: Numbers[] = [];
  for await (const some of codes) parts.push(some);
  if (parts.length === 1) return parts[0]!;
  const count = parts.reduce((sum, { shape }) => sum + shape[0]!, 0);
  const size = parts[0]!.shape[1]!;
  const data = new Float64Array(count * size);
  let at = 0;
  for (const part of parts) {
    data.set(part.data, at);
    at += part.size;
  }
  return new HostArray("float64", [count, size], data);
}
