import { HostArray } from "../../base/host.ts";
import type { Reporter } from "../output/index.ts";
import type { InUse } from "../trained.ts";
import { chosenRows } from "./chosen.ts";
import { columnsOf } from "./columns.ts";

/** All rows that a command line asks for as one array [n, columns]; columns are matched by name. */
export async function readRows(
  use: InUse,
  options: Readonly<Record<string, unknown>>,
  out: Reporter,
): Promise<{ readonly x: HostArray<"float64">; readonly from: string }> {
  const width = columnsOf(use.trained.model).length;
  const { from, chunks } = await chosenRows(use, options, out);
  const parts: Float64Array[] = [];
  let count = 0;
  for await (const chunk of chunks) {
    parts.push(chunk.x);
    count += chunk.count;
  }
  const x = new Float64Array(count * width);
  let at = 0;
  for (const part of parts) {
    x.set(part, at);
    at += part.length;
  }
  return { x: new HostArray("float64", [count, width], x), from };
}
