import { rowFile } from "../../artifacts/tables.node.ts";
import { HostArray } from "../../base/host.ts";
import { cellText } from "../../data/table/cells.ts";
import type { Column } from "../../data/table/types.ts";
import { csvCell } from "../../data/table/write.ts";
import type { Numbers } from "../../models/contract.ts";
import { maskOf } from "../../models/masks.ts";
import { fold, key } from "../../random/index.ts";
import type { Result } from "../command.ts";
import type { Reporter } from "../output/index.ts";
import { capable, type InUse } from "../trained.ts";
import { chosenRows } from "./chosen.ts";
import type { RowChunk } from "./chunks.ts";
import { columnsOf, rowsArray } from "./columns.ts";

/** Fills the gaps of a file's rows, or of rows of the run's own data, and writes them; what was given stays as it was written. */
export async function completeTable(
  use: InUse,
  options: Readonly<Record<string, unknown>>,
  out: Reporter,
): Promise<Result> {
  const model = capable(use.trained.model, "complete");
  const columns = columnsOf(model);
  const random = key(options.seed as number);
  const { from, chunks } = await chosenRows(use, options, out);
  const file = rowFile(String(options.out ?? "completed.csv"), columns);
  let [count, gaps] = [0, 0];
  const how = new Set<string>();
  try {
    for await (const chunk of chunks) {
      const own = chunk.first === 0 ? random : fold(random, chunk.first);
      const x = rowsArray(model, chunk.x);
      const observed = observedOf(x, options.mask as string | undefined, fold(own, "mask"));
      const done = await model.complete(use.on, x, observed, {
        key: own,
        stated: (each) => void how.add(each),
        ...(options.sweeps === undefined ? {} : { sweeps: options.sweeps as number }),
        progress: (fraction) => out.progress({ label: "complete", fraction }),
      });
      gaps += observed.data.reduce((sum, one) => sum + Number(one === 0), 0);
      count += chunk.count;
      if (chunk.raw && file.isCsv) file.text(filledText(chunk, columns, done, observed));
      else file.rows(done.data);
    }
    await file.keep();
  } catch (error) {
    file.drop();
    throw error;
  }
  const drawnFrom = how.size === 0 ? "" : `, drawn from ${[...how].join(" and ")}`;
  return {
    text: `${file.name}: ${count} rows of ${from}, ${gaps} gaps filled${drawnFrom}`,
    json: { run: use.trained.run.folder, from, count, gaps, seed: options.seed, file: file.name, drawnFrom: [...how] },
  };
}

/** 1 where a cell is known: where it has a value and a mask, if one was asked for, does not hide it. */
function observedOf(x: Numbers, mask: string | undefined, random: ReturnType<typeof key>): HostArray<"float32"> {
  const hidden = mask === undefined ? undefined : maskOf(mask, x.shape.slice(1), x.shape[0]!, random);
  const data = Float32Array.from(x.data, (value, i) => (Number.isNaN(value) ? 0 : (hidden?.data[i] ?? 1)));
  return new HostArray("float32", x.shape, data);
}

/** The text of a CSV file with its gaps filled, letter by letter as it was elsewhere; columns it lacks follow at the end. */
function filledText(
  { raw, places, header }: RowChunk,
  columns: readonly Column[],
  done: Numbers,
  observed: HostArray<"float32">,
): string {
  const { rows, delimiter } = raw!;
  const width = columns.length;
  const added = columns.map((_, i) => i).filter((i) => places[i] === -1);
  const lines = rows.map(({ cells, end }, row) => {
    const n = row - Number(header);
    const text = (i: number) => csvCell(cellText(columns[i]!, done.data[n * width + i]!), delimiter);
    if (n < 0) return [...cells, ...added.map((i) => csvCell(columns[i]!.name, delimiter))].join(delimiter) + end;
    const filled = cells.slice();
    places.forEach((place, i) => {
      if (place >= 0 && observed.data[n * width + i] === 0) filled[place] = text(i);
    });
    return [...filled, ...added.map(text)].join(delimiter) + end;
  });
  return lines.join("");
}
