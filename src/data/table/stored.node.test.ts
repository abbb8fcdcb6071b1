import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { key, normal, permutation, uniform } from "../../random/index.ts";
import { cellsBetween } from "../cells-between.ts";
import { describeDataset } from "../describe.ts";
import { openDataset } from "../open.node.ts";
import type { OpenOptions } from "../open-options.node.ts";
import { type Dataset, splitNames } from "../types.ts";
import { RowStore } from "./stored.node.ts";

const folder = mkdtempSync(join(tmpdir(), "stored-"));
afterAll(() => rmSync(folder, { recursive: true }));

const COUNT = 5000;

/** Rows of every kind of column, with gaps, and levels written in two ways; fewer kinds where cells must fit into bytes. */
function csv(name: string, plain = false, count = COUNT): string {
  const [u, z] = [uniform(key(count), [count]).data, normal(key(1), [count]).data];
  const words = ["train", "valid", "test", "train"];
  const rows = Array.from(u, (v, n) => {
    if (plain) return [n % 250, ["a", "b"][n % 2]].join(",");
    const cells = [n, v < 0.1 ? "" : z[n]!, `c${n % 300}`, n % 2 ? "1.0" : "1", Math.floor(20 * v), words[n % 4]];
    return [...cells, n % 7 === 0 ? "yes" : "NA"].join(",");
  });
  const file = join(folder, name);
  writeFileSync(file, `${plain ? "n,ab" : "id,z,many,one,n,part,yes"}\n${rows.join("\n")}\n`);
  return file;
}

const open = (file: string, options: OpenOptions = {}) => openDataset(file, { table: true, ...options });
const TINY = { memory: 1e-4 };

/** What both hold, split by split. */
function same(stored: Dataset, plain: Dataset) {
  const width = plain.spec.columns!.length;
  expect(stored.splits.train.stored).toBeDefined();
  expect(plain.splits.train.stored).toBeUndefined();
  expect(stored.spec).toEqual(plain.spec);
  for (const name of splitNames) {
    const [one, other] = [stored.splits[name], plain.splits[name]];
    expect(one.count).toBe(other.count);
    expect([...cellsBetween(one, width, 0, one.count)]).toEqual([...other.x]);
  }
  expect(stored.hash).toBe(plain.hash);
  expect(stored.protocol).toBe(plain.protocol);
  expect(describeDataset(stored)).toEqual(describeDataset(plain));
}

describe("a table that does not fit into memory", () => {
  it("is the same as in memory: rows, order, splits, hash, description", async () => {
    const file = csv("all.csv");
    same(await open(file, TINY), await open(file));
    same(await open(file, { ...TINY, drop: ["id"], target: "yes" }), await open(file, { drop: ["id"], target: "yes" }));
  });

  it("is so with bytes, with a column that says the split, and with files of its splits", async () => {
    same(await open(csv("small.csv", true), TINY), await open(csv("small.csv", true)));
    const file = csv("split.csv");
    same(await open(file, { ...TINY, splitBy: "part" }), await open(file, { splitBy: "part" }));
    csv("given.test.csv", false, 500);
    const given = csv("given.train.csv");
    same(await open(given, TINY), await open(given));
  });

  it("says which cell is wrong", async () => {
    const file = csv("wrong.csv");
    await expect(open(file, { ...TINY, columns: "n:count,id:count,z:count" })).rejects.toThrow(
      /"z" does not hold counts/,
    );
  });
});

describe("random rows", () => {
  it("are so many, from all of them, and the same for a seed", async () => {
    const file = csv("random.csv");
    const [one, again, other] = await Promise.all(
      [0, 0, 1].map((seed) => open(file, { randomRows: 1000, seed, columns: "id:real" })),
    );
    expect(splitNames.reduce((sum, name) => sum + one!.splits[name].count, 0)).toBe(1000);
    expect(again!.hash).toBe(one!.hash);
    expect(other!.hash).not.toBe(one!.hash);
    const ids = Array.from({ length: 800 }, (_, n) => one!.splits.train.x[7 * n]!);
    expect(new Set(ids).size).toBe(800);
    expect(Math.abs(ids.reduce((a, b) => a + b) / 800 / COUNT - 0.5)).toBeLessThan(4 * Math.sqrt(1 / 12 / 800));
  });

  it("exclude the first rows, and take all where there are no more", async () => {
    const file = csv("few.csv", true, 50);
    await expect(open(file, { rows: 5, randomRows: 5 })).rejects.toThrow(/exclude each other/);
    expect((await open(file, { randomRows: 500 })).hash).toBe((await open(file)).hash);
  });
});

describe("rows on disk", () => {
  it("come in any order, some of them, over several buckets", () => {
    const columns = Array.from({ length: 5 }, (_, i) => ({ name: `x${i}`, kind: "real" as const }));
    const store = new RowStore(columns, 1000);
    for (let n = 0; n < 1000; n++) {
      for (let i = 0; i < 5; i++) store.cell(i, i === 0 ? String(n) : i === 4 ? "" : "0.5", { where: "f", row: n });
      store.end();
    }
    const order = permutation(key(0), 1000).subarray(0, 900);
    store.reorder(order, 40 * 64);
    expect(store.count).toBe(900);
    const cells = store.read(0, 900);
    expect(Array.from(order, (_, i) => cells[5 * i]!)).toEqual([...order]);
    expect(cells[4]).toBeNaN();
  });
});
