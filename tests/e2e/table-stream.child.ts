import { TableBuilder } from "../../src/data/table/builder.ts";
import { streamRows } from "../../src/data/table/csv.node.ts";

/** Reads a made-up CSV stream of so many MiB (without end for 0) within a budget, and says what came of it. */
const [megabytes, budget] = process.argv.slice(2).map(Number) as [number, number];

async function* source(): AsyncGenerator<Uint8Array> {
  yield new TextEncoder().encode("kind,level,real,count,text,id\n");
  const line = (i: number) =>
    `${i % 7},level${i % 5},${(i * 0.37).toFixed(3)},${i % 100},"some, text ${i % 11}",${i}\n`;
  for (let row = 0, total = 0; megabytes === 0 || total < megabytes * 2 ** 20; row += 2000) {
    const bytes = new TextEncoder().encode(Array.from({ length: 2000 }, (_, i) => line(row + i)).join(""));
    total += bytes.length;
    yield bytes;
  }
}

const builder = new TableBuilder("stream.csv", { budget });
try {
  for await (const row of streamRows(source(), "stream.csv")) builder.add(row);
  const { columns, count } = builder.finish().table;
  process.stdout.write(JSON.stringify({ count, kinds: columns.map(({ kind }) => kind) }));
} catch (error) {
  process.stdout.write(JSON.stringify({ refused: (error as Error).message, rows: builder.count }));
}
