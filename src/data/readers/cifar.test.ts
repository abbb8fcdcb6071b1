import { gzipSync } from "fflate";
import { describe, expect, test } from "vitest";
import { toleratesDamage } from "../../../tests/support/fuzz.ts";
import { cifarLayout, readCifar } from "./cifar.ts";

/** Records whose pixel p of record i is (i + p) mod 256. */
function records(labels: readonly number[][]): Uint8Array {
  return Uint8Array.from(
    labels.flatMap((label, i) => [...label, ...Array.from({ length: 3072 }, (_, p) => (i + p) & 255)]),
  );
}
const ten = records([[3], [9]]);
const hundred = records([[19, 99]]);

describe("cifar", () => {
  test("reads both layouts, gzip or not", () => {
    const batch = readCifar(ten);
    expect(batch).toMatchObject({ layout: "cifar10", count: 2, labels: Uint8Array.of(3, 9) });
    expect([batch.x[0], batch.x[1024], batch.x[3072], batch.x.length]).toEqual([0, 0, 1, 6144]);
    expect(readCifar(gzipSync(ten))).toEqual(batch);
    expect(readCifar(hundred)).toMatchObject({
      layout: "cifar100",
      labels: Uint8Array.of(99),
      coarse: Uint8Array.of(19),
    });
    expect([cifarLayout(ten), cifarLayout(hundred), cifarLayout(ten.subarray(1))]).toEqual([
      "cifar10",
      "cifar100",
      undefined,
    ]);
  });

  test("damage is named", () => {
    expect(() => readCifar(ten.subarray(0, 5000))).toThrow(/truncated/);
    expect(() => readCifar(records([[10]]), "x.bin", "cifar10")).toThrow(/x\.bin has the label 10 in record 1/);
    expect(() => readCifar(new Uint8Array(), "x.bin", "cifar10")).toThrow(/no record/);
  });

  test("damaged files raise DataError and nothing else", () => {
    toleratesDamage(ten, (bytes) => readCifar(bytes), 100);
  });
});
