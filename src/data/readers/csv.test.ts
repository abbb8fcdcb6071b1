import { gzipSync } from "fflate";
import { describe, expect, test } from "vitest";
import { toleratesDamage } from "../../../tests/support/fuzz.ts";
import { UsageError } from "../../base/errors.ts";
import { readCsv } from "./csv.ts";

const bytes = (text: string) => new TextEncoder().encode(text);
const read = (text: string, options = {}) => readCsv(bytes(text), "t.csv", options);

describe("csv", () => {
  test("reads plain numbers with any of the three delimiters", () => {
    for (const mark of [",", "\t", ";"]) {
      const table = read(`1${mark}-2.5${mark}3e2\n4${mark} 5 ${mark}.5\n`);
      expect(table).toEqual({
        columns: ["column 1", "column 2", "column 3"],
        rows: 2,
        values: Float32Array.of(1, -2.5, 300, 4, 5, 0.5),
      });
    }
    expect(readCsv(gzipSync(bytes("1,2\n"))).values).toEqual(Float32Array.of(1, 2));
  });

  test("a header is found, also after a byte-order mark and with CRLF", () => {
    expect(read("\ufeffa,b\r\n1,2\r\n")).toEqual({ columns: ["a", "b"], rows: 1, values: Float32Array.of(1, 2) });
    expect(read("1,2\n3,4\n").rows).toBe(2);
    expect(read("1,2\n3,4\n", { header: true }).columns).toEqual(["1", "2"]);
  });

  test("a last column of names is the label; any column is when asked", () => {
    const iris = read('5.1,3.5,setosa\n4.9,3.0,"virginica"\n5.0,3.1,setosa\n');
    expect(iris.label).toEqual({ name: "column 3", classes: ["setosa", "virginica"], values: Int32Array.of(0, 1, 0) });
    expect(iris.values.length).toBe(6);
    expect(read("a,b\n10,1\n9,2\n", { label: "a" }).label).toEqual({
      name: "a",
      classes: ["9", "10"],
      values: Int32Array.of(1, 0),
    });
    expect(read("id,x,y\nk1,1,2\nk2,3,4\n", { label: "3", drop: ["id"] })).toMatchObject({
      columns: ["x"],
      label: { name: "y" },
    });
    expect(() => read("a,b\n1,2\n", { label: "c" })).toThrow(UsageError);
    expect(() => read("alpha,beta\n1,2\n", { label: "alpah" })).toThrow(/did you mean "alpha"/);
  });

  test("gaps and text are refused with their row and column", () => {
    expect(() => read("a,b\n1,2\n3,\n")).toThrow('t.csv has no finite number in row 3, column "b" ("")');
    expect(() => read("1,2\nNaN,4\n")).toThrow('row 2, column "column 1" ("NaN")');
    expect(() => read("1,2\n1e400,4\n")).toThrow(/row 2, column "column 1"/);
    expect(() => read("1,2\nx,4\n")).toThrow('"x" in row 2, column "column 1" where a number is expected');
    expect(() => read("1,?\n3,a\n", { label: "2" })).toThrow('no label in row 1 ("?")');
    expect(() => read("1,x,2\n", {})).toThrow(/name a text column as the label/);
  });

  test("what is no table is refused", () => {
    expect(() => read("1,2\n3\n")).toThrow(/not a regular table/);
    expect(() => read('1,"2\n')).toThrow(/not a regular table/);
    expect(() => read("  \n")).toThrow(/empty/);
    expect(() => read("a\n1\n", { label: "a" })).toThrow(/no column of numbers/);
    expect(() => readCsv(Uint8Array.of(0xff, 0xfe, 0x31))).toThrow(/not UTF-8/);
    expect(() => read("1,\0\n")).toThrow(/zero bytes/);
  });

  test("damaged files raise DataError and nothing else", () => {
    toleratesDamage(bytes('a,b,c\n1,2,"x"\n3,4,"y""z"\n'), (input) => readCsv(input), 1500);
    toleratesDamage(gzipSync(bytes("1,2\n3,4\n")), (input) => readCsv(input), 300);
  });
});
