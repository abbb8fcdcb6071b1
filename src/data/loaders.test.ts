import { expect, test } from "vitest";
import { key } from "../random/index.ts";
import { catalogue } from "./catalogue.ts";
import { describeDataset } from "./describe.ts";
import { type Files, loadNamed } from "./named.ts";
import { givenSplits, randomSplits, standardized, take } from "./splits.ts";

/** Files that exist only in memory. */
function memory(contents: Record<string, Uint8Array>): Files {
  const find = async (path: string) => contents[path];
  const need = async (path: string) => contents[path] ?? Promise.reject(new Error(`asked for ${path}`));
  return { find, need };
}
const entryOf = (name: string) => catalogue.find((entry) => entry.name === name)!;
const load = (name: string, contents: Record<string, Uint8Array>) =>
  loadNamed(entryOf(name), memory(contents), { key: key(0) });

function tarMember(name: string, content: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(512 + Math.ceil(content.length / 512) * 512);
  const put = (at: number, value: string) => bytes.set(new TextEncoder().encode(value), at);
  put(0, `cifar-10-batches-bin/${name}`);
  put(124, content.length.toString(8).padStart(11, "0"));
  put(148, "        0");
  const sum = bytes.subarray(0, 512).reduce((total, byte) => total + byte, 0);
  put(148, `${sum.toString(8).padStart(6, "0")}\0 `);
  bytes.set(content, 512);
  return bytes;
}
const records = (...labels: number[]) =>
  Uint8Array.from(labels.flatMap((label) => [label, ...new Array(3072).fill(label * 20)]));

test("cifar10 takes the batches of the official archive in order", async () => {
  const names = [1, 2, 3, 4, 5].map((i) => tarMember(`data_batch_${i}.bin`, records(i, i)));
  const archive = Uint8Array.from(
    [...names, tarMember("test_batch.bin", records(9, 8, 7)), new Uint8Array(1024)].flatMap((part) => [...part]),
  );
  const { splits, protocol } = await load("cifar10", { "cifar10/cifar-10-binary.tar.gz": archive });
  expect([...splits.train.labels!, ...splits.valid.labels!]).toEqual([1, 1, 2, 2, 3, 3, 4, 4, 5, 5]);
  expect([[...splits.test.labels!], splits.test.x[0]]).toEqual([[9, 8, 7], 180]);
  expect(protocol).toContain("SUBSET");
  await expect(load("cifar10", {})).rejects.toThrow("asked for cifar10/cifar-10-binary.tar.gz");
});

test("mnist-binarized is read from the original text", async () => {
  const row = (bit: number) => `${new Array(784).fill(bit).join(" ")}\n`;
  const text = new TextEncoder().encode(row(1) + row(0));
  const amat = (name: string) => `mnist-binarized/binarized_mnist_${name}.amat`;
  const { spec, splits } = await load("mnist-binarized", {
    [amat("train")]: text,
    [amat("valid")]: text,
    [amat("test")]: text,
  });
  expect(spec).toEqual({ shape: [1, 28, 28], values: "binary" });
  expect([splits.test.count, splits.test.x[0], splits.test.x[784]]).toEqual([2, 1, 0]);
  const broken = { [amat("train")]: text.subarray(0, 1000), [amat("valid")]: text, [amat("test")]: text };
  await expect(load("mnist-binarized", broken)).rejects.toThrow(/equal rows of zeros and ones/);
});

const numbers = (count: number, offset = 0, classes = ["a", "b"]) => ({
  spec: { shape: [2], values: "real", classes } as const,
  count,
  x: Float32Array.from({ length: 2 * count }, (_, i) => offset + i),
  labels: Int32Array.from({ length: count }, (_, i) => i % 2),
});

test("labels of separate files are brought to one list of classes", () => {
  const { spec, splits } = givenSplits({ train: numbers(6, 0, ["b", "c"]), test: numbers(2, 0, ["a", "b"]) }, "x");
  expect(spec.classes).toEqual(["a", "b", "c"]);
  expect([[...splits.train.labels!], [...splits.test.labels!]]).toEqual([
    [1, 2, 1, 2, 1],
    [0, 1],
  ]);
  const other = { ...numbers(2), spec: { shape: [1, 2], values: "real" } as const };
  expect(() => givenSplits({ train: numbers(6), test: other }, "x")).toThrow(
    /hold different examples: \[2\] and \[1, 2\]/,
  );
});

test("shuffled splits keep examples whole, take picks in order", () => {
  const { splits } = randomSplits(numbers(100), key(3));
  const all = [splits.train, splits.valid, splits.test].flatMap(({ x, labels, count }) =>
    Array.from({ length: count }, (_, i) => [x[2 * i], x[2 * i + 1], labels![i]]),
  );
  for (const [first, second, label] of all) expect([second, label]).toEqual([first! + 1, (first! / 2) % 2]);
  expect(new Set(all.map(([first]) => first)).size).toBe(100);
  expect([...take(numbers(3), [2, 0]).x]).toEqual([4, 5, 0, 1]);
  expect(() => randomSplits(numbers(2), key(0))).toThrow(/too few/);
});

test("standardising uses the statistics of train for every split", () => {
  const parts = givenSplits({ train: numbers(3), valid: numbers(1, 2), test: numbers(1, 100) }, "x");
  const { splits } = standardized(parts);
  const deviation = Math.sqrt(8 / 3);
  expect([...splits.train.x].map((v) => v.toFixed(4))).toEqual(
    [-1, -1, 0, 0, 1, 1].map((v) => ((v * 2) / deviation).toFixed(4)),
  );
  expect(splits.valid.x[0]).toBeCloseTo(0, 6);
  expect(splits.test.x[0]).toBeCloseTo(98 / deviation, 4);
});

test("a description counts, measures and names", () => {
  const { spec, splits } = givenSplits({ train: numbers(3), valid: numbers(1), test: numbers(2) }, "x");
  const description = describeDataset({ name: "n", spec, splits, protocol: "p", hash: "h" });
  expect(description).toMatchObject({ name: "n", shape: [2], dimensions: 2, protocol: "p", hash: "h" });
  expect(description.splits.train).toMatchObject({ count: 3, min: 0, max: 5, mean: 2.5, classCounts: { a: 2, b: 1 } });
  expect(description.splits.train.deviation).toBeCloseTo(Math.sqrt(35 / 12), 10);
});
