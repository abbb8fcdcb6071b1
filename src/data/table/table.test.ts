import fc from "fast-check";
import { gzipSync } from "fflate";
import { describe, expect, it } from "vitest";
import { damaged } from "../../../tests/support/fuzz.ts";
import { DataError, SampoError } from "../../base/errors.ts";
import { key } from "../../random/index.ts";
import { isArff, readArff } from "./arff.ts";
import { rowsOfArrays } from "./arrays.ts";
import { type ReadTable, TableBuilder, type TableOptions } from "./builder.ts";
import { readTable } from "./csv.ts";
import { drawTable, generatedColumns, truth, truthLogProb } from "./generate.ts";
import { knownRows } from "./known.ts";
import { encodeParquet, isParquet, parquetRows } from "./parquet.ts";
import { cellValue, rawRows, rawRowsOf } from "./raw.ts";
import { cellsOf, tableOfCells } from "./rows.ts";
import type { RowSource } from "./source.ts";
import { asTable } from "./views.ts";
import { parseWishes, readSchema } from "./wishes.ts";
import { csvText, rowObject } from "./write.ts";

const bytes = (text: string) => new TextEncoder().encode(text);
const read = (text: string, options?: TableOptions) => readTable(bytes(text), "f.csv", options);
const kindsOf = ({ table }: Pick<ReadTable, "table">) =>
  table.columns.map(({ name, kind }) => `${name}:${kind}`).join(" ");
const message = (work: () => unknown): string => {
  try {
    work();
  } catch (error) {
    expect(error).toBeInstanceOf(SampoError);
    return (error as Error).message;
  }
  throw new Error("nothing was thrown");
};

async function built({ names, columns, rows }: RowSource, options: TableOptions = {}): Promise<ReadTable> {
  const builder = new TableBuilder("f", { columns: columns ?? {}, ...options }, names);
  for await (const row of rows) builder.add(row);
  return builder.finish();
}

describe("kinds of columns", () => {
  const text = "colour,flag,n,big,x,y\nred,0,3,2020000,1.5,-1\nblue,1,0,1,2,3\nred,1,12,5,,2\n";

  it("are found out from the cells", () => {
    expect(kindsOf(read(text))).toBe("colour:categorical flag:categorical n:count big:real x:categorical y:real");
    const { table } = read(text);
    expect(table.columns[0]!.levels).toEqual(["blue", "red"]);
    expect(table.columns[1]!.levels).toEqual(["0", "1"]);
    expect([...table.values[0]!]).toEqual([1, 0, 1]);
    expect(table.values[4]![2]).toBeNaN();
    expect(table.missing.map((mask) => mask && [...mask])).toEqual([
      undefined,
      undefined,
      undefined,
      undefined,
      [0, 0, 1],
      undefined,
    ]);
  });

  it("are what the user says, by name, by number, for all others, with an order of levels", () => {
    const wishes = parseWishes("n:ordinal(12|3|0), 6:real, colour:categorical, *:real");
    const { table } = read(text, { columns: wishes, drop: ["flag"] });
    expect(kindsOf({ table })).toBe("colour:categorical n:ordinal big:real x:real y:real");
    expect([...table.values[1]!]).toEqual([1, 2, 0]);
    expect(readSchema('{"a": "count", "b": {"kind": "ordinal", "levels": ["x"]}}', "s")).toEqual({
      a: { kind: "count" },
      b: { kind: "ordinal", levels: ["x"] },
    });
  });

  it("of a target of few whole numbers are categorical", () => {
    const rows = Array.from({ length: 30 }, (_, i) => `${i % 3},${i % 5}`).join("\n");
    const { table, target } = read(`a,b\n${rows}\n`, { target: "b" });
    expect(kindsOf({ table })).toBe("a:count b:categorical");
    expect(target).toBe(1);
  });

  it("change to numbers where there are more than names can be", () => {
    const rows = Array.from({ length: 9000 }, (_, i) => `${i / 7},${i},${i === 8000 ? "?" : i % 9}`).join("\n");
    const { table } = read(`x,id,k\n${rows}\n`);
    expect(kindsOf({ table })).toBe("x:real id:count k:count");
    expect(table.values[0]![6001]).toBe(6001 / 7);
    expect(table.values[2]![8000]).toBeNaN();
  });

  it("cannot be wished for where cells say otherwise", () => {
    expect(message(() => read(text, { columns: parseWishes("colour:real") }))).toBe(
      'f.csv, row 2, column "colour": "red" is not a finite number.',
    );
    expect(message(() => read(text, { columns: parseWishes("y:count") }))).toMatch(
      /row 2, column "y": "-1" is no count/,
    );
    expect(message(() => read(text, { columns: parseWishes("colour:ordinal(red|green)") }))).toMatch(
      /row 3, column "colour": "blue" is not among the levels red, green/,
    );
    expect(message(() => read(text, { columns: parseWishes("collour:real") }))).toMatch(/did you mean "colour"/);
    expect(message(() => parseWishes("x:reel"))).toMatch(/did you mean "real"/);
    expect(message(() => parseWishes("x"))).toMatch(/expected NAME:KIND/);
  });
});

describe("a header", () => {
  it("is seen above numbers, above names that repeat, and not where there is none", () => {
    expect(read("a,b\n1,2\n3,4\n5,6\n").table.count).toBe(3);
    expect(read("size,colour\nS,red\nM,red\nS,blue\nM,blue\n").table.columns[0]!.name).toBe("size");
    expect(read("S,red\nM,red\nS,blue\nM,blue\n").table.columns[0]!.name).toBe("column 1");
    expect(read("1,2\n3,4\n").table.columns[0]!.name).toBe("column 1");
    expect(read("1,2\n3,4\n", { header: true }).table.columns[0]!.name).toBe("1");
  });
});

describe("bad tables", () => {
  const upTo = (count: number, cell: (i: number) => string | number) =>
    `a\n${Array.from({ length: count }, (_, i) => cell(i)).join("\n")}\n`;
  const half = (i: number) => 1.5 * i;
  const bad: Readonly<Record<string, readonly [text: string, sentence: RegExp]>> = {
    empty: ["", /is empty/],
    ragged: ["a,b\n1,2\n3\n", /row 3: 1 cells where there are 2 columns/],
    "two of a name": ["a,a\n1,2\n3,4\n", /two columns called "a" \(1 and 2\)/],
    "nothing in a column": ["a,b\n1,?\n2,NA\n3,\n", /column "b": none of the 3 rows has a value/],
    "text among numbers": [`${upTo(40, half)}oops\n`, /row 42, column "a": "oops" stands among numbers/],
    "text among many numbers": [`${upTo(5000, half)}oops\n`, /row 5002, column "a": "oops" stands among/],
    identifiers: [upTo(5000, (i) => `id${i}`), /more than 4096 different texts/],
    "an open quote": ['a,b\n"1,2\n', /not a regular table/],
    "zero bytes": ["a,b\n1,\0\n", /not text/],
  };

  it.each(Object.keys(bad))("are refused in one sentence: %s", (name) => {
    const [text, sentence] = bad[name]!;
    const said = message(() => read(text));
    expect(said).toMatch(sentence);
    expect(said.split("\n")).toHaveLength(1);
  });

  it("may not be larger than memory", () => {
    const rows = "1.5,2.5\n".repeat(5000);
    expect(message(() => read(rows, { budget: 100_000 }))).toMatch(
      /too large for this machine's memory: after 4,096 rows.*--drop.*--rows/,
    );
    expect(read(rows, { budget: 100_000, rows: 1000 }).table.count).toBe(1000);
  });

  it("of damaged bytes give a sentence or a table, never another error", () => {
    const valid = bytes('name,age,x\n"Ann, A",3,1.5\nBob,?,-2\nAnn,4,3e5\n');
    fc.assert(
      fc.property(fc.oneof(damaged(valid), damaged(gzipSync(valid))), (broken) => {
        try {
          readTable(broken, "f.csv");
        } catch (error) {
          if (!(error instanceof DataError)) throw error;
        }
      }),
      { numRuns: 400, seed: 20261121 },
    );
  });
});

describe("writing", () => {
  const cell = fc.oneof(fc.constant(Number.NaN), fc.double({ noNaN: true, noDefaultInfinity: true }));
  const level = fc.oneof(fc.constant(Number.NaN), fc.nat({ max: 2 }));
  const columns = [
    { name: 'a "b", c', kind: "real" },
    { name: "d", kind: "categorical", levels: ["x,y", 'q"q', "line\nend"] },
  ] as const;
  const tables = fc
    .array(fc.tuple(cell, level), { minLength: 1, maxLength: 30 })
    .map((list) => tableOfCells(columns, list.flat()));

  it("as CSV reads back to the same numbers", () => {
    fc.assert(
      fc.property(tables, (table) => {
        if (table.values.some((values) => values.every(Number.isNaN))) return;
        const wish = {
          [columns[0].name]: { kind: "real" },
          d: { kind: "categorical", levels: columns[1].levels },
        } as const;
        const again = read(csvText(table), { header: true, columns: wish }).table;
        expect(again.values).toEqual(table.values.map((values) => values.map((v) => (Object.is(v, -0) ? 0 : v))));
      }),
      { numRuns: 60, seed: 1 },
    );
  });

  it("as Parquet reads back to the same numbers", async () => {
    const [table] = fc.sample(tables, { numRuns: 1, seed: 3 });
    const file = await encodeParquet(table!);
    expect(isParquet(file)).toBe(true);
    const slice = async (start: number, end?: number) => file.slice(start, end).buffer as ArrayBuffer;
    const source = await parquetRows({ byteLength: file.length, slice }, "f.parquet");
    const again = await built(source, {
      columns: { d: { kind: "categorical", levels: columns[1].levels }, "1": { kind: "real" } },
    });
    expect(again.table.columns.map(({ name }) => name)).toEqual(columns.map(({ name }) => name));
    expect(again.table.values).toEqual(table!.values);
  });

  it("as Parquet that is damaged gives a sentence", async () => {
    const file = await encodeParquet(tableOfCells(columns, [1, 0, 2, 1]));
    for (const broken of [file.slice(0, 30), file.slice(4), file.map((byte, i) => (i > 20 && i < 60 ? 255 : byte))]) {
      const slice = async (start: number, end?: number) => broken.slice(start, end).buffer as ArrayBuffer;
      const work = async () => built(await parquetRows({ byteLength: broken.length, slice }, "f.parquet"));
      await expect(work()).rejects.toThrow(/f\.parquet.*(Parquet|level|column)/);
    }
  });

  it("as objects says names, and null where nothing is known", () => {
    expect(rowObject(columns, [1.5, 1])).toEqual({ 'a "b", c': 1.5, d: 'q"q' });
    expect(rowObject(columns, [Number.NaN, Number.NaN])).toEqual({ 'a "b", c': null, d: null });
  });
});

describe("other formats", () => {
  it("ARFF: names with quotes, nominal levels in their order, ? missing", async () => {
    const text =
      "% about\n@RELATION r\n@attribute 'a b' {no, 'yes it is'}\n@attribute x numeric\n@data\n% c\n'yes it is',1.5\nno,?\n?, -2\nno,7\n";
    expect(isArff(text)).toBe(true);
    const { table } = await built(readArff(text, "f.arff"), {});
    expect(table.columns[0]).toEqual({ name: "a b", kind: "categorical", levels: ["no", "yes it is"] });
    expect([...table.values[0]!]).toEqual([1, 0, Number.NaN, 0]);
    expect([...table.values[1]!]).toEqual([1.5, Number.NaN, -2, 7]);
    expect(
      message(() => [
        ...(readArff("@relation r\n@attribute a numeric\n@data\n{0 1}\n", "f").rows as Iterable<string[]>),
      ]),
    ).toMatch(/line 4: sparse/);
    expect(message(() => readArff("@relation r\n", "f"))).toMatch(/no line @data/);
  });

  it("NPZ: each array a column, or several", async () => {
    const arrays = new Map([
      ["age", { type: "int32" as const, shape: [3], data: Int32Array.of(3, 4, 5) }],
      ["x", { type: "float64" as const, shape: [3, 2], data: Float64Array.of(1, 2, 3, Number.NaN, 5, 6.5) }],
    ]);
    const { table } = await built(rowsOfArrays(arrays, "f.npz"));
    expect(table.columns.map(({ name }) => name)).toEqual(["age", "x_1", "x_2"]);
    expect([...table.missing[2]!]).toEqual([0, 1, 0]);
    arrays.set("y", { type: "int32", shape: [2], data: Int32Array.of(1, 2) });
    expect(message(() => rowsOfArrays(arrays, "f.npz"))).toMatch(/"age" and "y" have 3 and 2 rows/);
  });
});

describe("raw rows", () => {
  it("join to the text they came from", () => {
    const text = fc.array(fc.constantFrom('"', ",", "\n", "\r\n", "a", " ", "é", '""')).map((parts) => parts.join(""));
    fc.assert(
      fc.property(text, (given) => {
        let rows: ReturnType<typeof rawRows>;
        try {
          rows = rawRows(given, ",", "f");
        } catch (error) {
          expect(error).toBeInstanceOf(DataError);
          return;
        }
        expect(rows.map(({ cells, end }) => cells.join(",") + end).join("")).toBe(given);
      }),
      { numRuns: 500, seed: 2 },
    );
    expect(rawRows('a,"b ""c"", d" ,\n', ",", "f")[0]!.cells.map(cellValue)).toEqual(["a", 'b "c", d', ""]);
  });
});

describe("raw rows, piece by piece", () => {
  it("are those of the whole text, however it is cut", async () => {
    const text = fc.array(fc.constantFrom('"', ",", "\n", "\r\n", "a", "é", '""')).map((parts) => parts.join(""));
    const pieces = fc.array(text, { minLength: 1, maxLength: 6 });
    await fc.assert(
      fc.asyncProperty(pieces, async (given) => {
        const whole = given.join("");
        const texts = async function* () {
          yield* given;
        };
        const found = async () => {
          const rows: unknown[] = [];
          for await (const part of rawRowsOf(texts(), () => ",", "f")) rows.push(...part.rows);
          return rows;
        };
        let expected: unknown[];
        try {
          expected = rawRows(whole, ",", "f");
        } catch (error) {
          await expect(found()).rejects.toThrow((error as Error).message);
          return;
        }
        expect(await found()).toEqual(expected);
      }),
      { numRuns: 500, seed: 3 },
    );
  });
});

describe("rows for columns that are known", () => {
  const columns = [
    { name: "size", kind: "ordinal", levels: ["S", "M"] },
    { name: "n", kind: "count" },
    { name: "code", kind: "categorical", levels: ["1", "2"] },
  ] as const;

  it("are matched by name, in any order, with columns too many and too few", () => {
    const { x, places, header } = knownRows(
      [
        ["code", "extra", "size"],
        ["1.0", "?", "M"],
        ["2", "k", ""],
      ],
      columns,
      "f",
    );
    expect(header).toBe(true);
    expect(places).toEqual([2, -1, 0]);
    expect([...x]).toEqual([1, Number.NaN, 0, Number.NaN, Number.NaN, 1]);
  });

  it("refuse levels that were not seen, with a suggestion, and cells that are none", () => {
    const rows = (size: string, n: string) => () =>
      knownRows(
        [
          ["size", "n"],
          [size, n],
        ],
        columns,
        "f.csv",
      );
    expect(message(rows("L", "1"))).toMatch(/^f\.csv, row 2, column "size": Unknown level "L"; did you mean/);
    expect(message(rows("S", "1.5"))).toMatch(/1\.5 is no count/);
    expect(message(rows("S", "many"))).toMatch(/"many" is not a finite number/);
    expect(message(() => knownRows([["S"]], [columns[0]], "f"))).toMatch(/its first row must name the columns size/);
  });
});

describe("the generated table", () => {
  it("has rows that depend on the key and their number alone", () => {
    const { x } = drawTable(key(3), 50);
    expect(drawTable(key(3), 20).x).toEqual(x.slice(0, 20 * generatedColumns.length));
  });

  it("follows its distribution", () => {
    const { x, count } = drawTable(key(1), 20_000);
    const column = (i: number) => Float64Array.from({ length: count }, (_, n) => x[n * 6 + i]!);
    const share = (values: Float64Array, test: (value: number) => boolean) => values.filter(test).length / count;
    expect(share(column(5), (y) => y === 1)).toBeCloseTo(truth.outcome[1], 1);
    expect(share(column(2), Number.isNaN)).toBeCloseTo(truth.missing.visits, 2);
    expect(share(column(4), Number.isNaN)).toBeCloseTo(truth.missing.weight, 2);
    const height = column(3).reduce((sum, value) => sum + value, 0) / count;
    expect(height).toBeCloseTo(0.65 * 1.65 + 0.35 * 1.78, 2);
    // the probabilities of the discrete part of a row sum to one
    let sum = 0;
    for (let season = 0; season < 4; season++)
      for (let size = 0; size < 3; size++)
        for (let visits = 0; visits < 40; visits++)
          for (let y = 0; y < 2; y++)
            sum += Math.exp(
              truthLogProb([season, size, visits, 1.7, 70, y]) -
                truthLogProb([0, 0, 0, 1.7, 70, y]) +
                truthLogProb([0, 0, 0, 1.7, 70, y]) -
                logDensity(y),
            );
    expect(sum).toBeCloseTo(1, 6);
  });
});

const logDensity = (y: number) => {
  const { height, weight } = truth;
  const of = (x: number, m: number, s: number) => -0.5 * Math.log(2 * Math.PI * s * s) - (x - m) ** 2 / (2 * s * s);
  return (
    of(1.7, height.mean[y]!, height.deviation) +
    of(70, weight.mean + weight.slope * (1.7 - weight.at), weight.deviation)
  );
};

describe("other data as a table", () => {
  const split = { count: 2, x: Uint8Array.of(0, 1, 1, 1), labels: Uint8Array.of(1, 0) };
  const parts = {
    spec: { shape: [2], values: "binary", classes: ["no", "yes"] } as const,
    splits: { train: split, valid: split, test: split },
  };

  it("has its labels as a last column, the target", () => {
    const { spec, splits } = asTable(parts, "d");
    expect(spec.columns!.map(({ name }) => name)).toEqual(["x1", "x2", "class"]);
    expect([spec.target, spec.classes]).toEqual([2, ["no", "yes"]]);
    expect([...splits.train.x]).toEqual([0, 1, 1, 1, 1, 0]);
  });

  it("can do without them, and without columns", () => {
    const { spec, splits } = asTable(parts, "d", { target: "none", drop: ["x1"] });
    expect(spec.columns!.map(({ name }) => name)).toEqual(["x2"]);
    expect(spec.target).toBeUndefined();
    expect([...splits.test.x]).toEqual([1, 1]);
  });
});

describe("cells in rows", () => {
  it("are bytes where those hold them, else doubles", () => {
    const columns = [{ name: "a", kind: "count" }] as const;
    expect(cellsOf(tableOfCells(columns, [1, 255, 3]), [2, 1])).toEqual(Uint8Array.of(3, 255));
    expect(cellsOf(tableOfCells(columns, [1, 256, 3]), [1])).toEqual(Float64Array.of(256));
    expect(cellsOf(tableOfCells(columns, [1, Number.NaN]), [1])).toEqual(Float64Array.of(Number.NaN));
  });
});
