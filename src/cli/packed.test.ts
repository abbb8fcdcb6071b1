import { describe, expect, it } from "vitest";
import { packContainer } from "../coding/index.ts";
import { exactVersion } from "../graph/passes/index.ts";
import type { AnyModel } from "../models/contract.ts";
import { checkContent, contentHash, type Header, openPacked, packLabels } from "./packed.ts";
import { type Source, stored } from "./stored.ts";

const classes = ["a", "b", "c"];
const model = { name: "m", data: { shape: [2], values: "binary", classes } } as unknown as AnyModel;
const labels = Array.from({ length: 50 }, (_, i) => (i * i) % 3);
const header: Header = {
  forms: exactVersion,
  model: "m",
  fingerprint: "abc",
  count: 50,
  batch: 25,
  content: contentHash(Uint8Array.of(1, 0)),
  labels: true,
};
const data = Uint8Array.of(7, 8, 9);
const file = (changes: Partial<Header>, own = "abc") =>
  openPacked(
    packContainer({ header: { ...header, ...changes }, streams: [packLabels(labels, 3), data] }),
    "f.sampo",
    model,
    own,
  );

describe("a compressed file", () => {
  it("holds labels in less than two bits each, and streams of batches", () => {
    const opened = file({});
    expect(opened.labels).toEqual(labels);
    expect(opened.compressed).toEqual({ count: 50, batch: 25, streams: [data] });
    expect(8 * packLabels(labels, 3).length).toBeLessThan(50 * Math.log2(3) + 16);
  });

  it("of other exact forms, or of another model, says so", () => {
    expect(() => file({ forms: 99 })).toThrow(/f\.sampo was compressed with version 99 of the exact forms/);
    expect(() => file({}, "def")).toThrow(/f\.sampo was compressed by another model \(m abc, and this is m def\)/);
  });

  it("is not taken for decoded when the values are others", () => {
    expect(() => checkContent(Uint8Array.of(1, 0), header, "f.sampo")).not.toThrow();
    expect(() => checkContent(Uint8Array.of(1, 1), header, "f.sampo")).toThrow(/nothing was written/);
  });
});

it("values are stored as the file had them: pairs of numbers, channels last", () => {
  const pair: Source = { type: "float64", shape: [2, 2], pair: [-1, 4] };
  expect(stored(Uint8Array.of(0, 1, 1, 0), pair)).toEqual({
    type: "float64",
    shape: [2, 2],
    data: Float64Array.of(-1, 4, 4, -1),
  });
  const colours: Source = { type: "uint8", shape: [1, 1, 2, 3] };
  expect(stored(Uint8Array.of(1, 4, 2, 5, 3, 6), colours).data).toEqual(Uint8Array.of(1, 2, 3, 4, 5, 6));
});
