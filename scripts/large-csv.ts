import { once } from "node:events";
import { createWriteStream } from "node:fs";

/**
 * Writes a large table for measuring memory: `node --import tsx scripts/large-csv.ts FILE BLOCKS` gives BLOCKS times the same
 * 100 MB of rows (563,842 of a target, a colour, a count and twenty numbers, one in a hundred of these missing).
 */

const [file, blocks] = [process.argv[2]!, Number(process.argv[3] ?? 1)];
const BYTES = 100e6;

let state = 12345;
const uniform = () => {
  state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
  return state / 2 ** 32;
};
const normal = () => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(6.283185307 * uniform());
const colours = ["red", "green", "blue", "white"];

function row(): string {
  const yes = uniform() < 0.4 ? 1 : 0;
  const colour = colours[Math.floor(uniform() * uniform() * 4)]!;
  const visits = Math.floor(-Math.log(1 - uniform()) * (3 + 4 * yes));
  const numbers = Array.from({ length: 20 }, (_, i) => {
    const value = normal() + yes * (i % 3) * 0.5;
    return uniform() < 0.01 ? "" : value.toFixed(5);
  });
  return `${[yes ? "yes" : "no", colour, visits, ...numbers].join(",")}\n`;
}

const rows: string[] = [];
for (let size = 0; size < BYTES; size += rows.at(-1)!.length) rows.push(row());
const block = Buffer.from(rows.join(""));
const out = createWriteStream(file);
out.write(`target,colour,visits,${Array.from({ length: 20 }, (_, i) => `x${i + 1}`).join(",")}\n`);
for (let i = 0; i < blocks; i++) if (!out.write(block)) await once(out, "drain");
out.end();
await once(out, "finish");
console.log(`${file}: ${rows.length * blocks} rows`);
