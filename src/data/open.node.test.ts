import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { zipSync } from "fflate";
import sharp from "sharp";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { damaged } from "../../tests/support/fuzz.ts";
import { encodeNpy } from "../base/codec/npy.ts";
import { DataError, SampoError, UsageError } from "../base/errors.ts";
import { describeDataset, listDatasets } from "./describe.ts";
import { embedded } from "./embedded.ts";
import { cacheFolder, fetchDataset, readContent } from "./files.node.ts";
import { openDataset } from "./open.node.ts";
import { encodeIdx } from "./readers/idx.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), "sampo-open-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

function put(name: string, bytes: Uint8Array | string): string {
  const file = path.join(folder, name);
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, bytes);
  return file;
}
const pixels = (count: number, size: number) => Uint8Array.from({ length: count * size }, (_, i) => (i * 37) & 255);
const counts = ({ splits }: Awaited<ReturnType<typeof openDataset>>) => [
  splits.train.count,
  splits.valid.count,
  splits.test.count,
];
const npyBytes = encodeNpy({ type: "uint8", shape: [4, 1], data: pixels(4, 1) });
async function picture(name: string, value: number, side = 4): Promise<void> {
  const image = sharp(new Uint8Array(side * side).fill(value), { raw: { width: side, height: side, channels: 1 } });
  put(name, await image.toColourspace("b-w").png().toBuffer());
}

describe("files", () => {
  test("one array is shuffled by the seed into 80/10/10, without losing an example", async () => {
    const file = put("x.npy", encodeNpy({ type: "uint8", shape: [40, 2, 3], data: pixels(40, 6) }));
    const data = await openDataset(file);
    expect([data.name, data.spec, counts(data)]).toEqual(["x.npy", { shape: [1, 2, 3], values: "bytes" }, [32, 4, 4]]);
    expect(data.protocol).toBe("x.npy: shuffled by the seed into 32 / 4 / 4 (80 / 10 / 10 %).");
    const firsts = Object.values(data.splits).flatMap(({ x }) =>
      Array.from({ length: x.length / 6 }, (_, i) => x[6 * i]),
    );
    expect(firsts.sort((a, b) => a! - b!)).toEqual(
      Array.from({ length: 40 }, (_, i) => (i * 6 * 37) & 255).sort((a, b) => a - b),
    );
    expect((await openDataset(file, { seed: 0 })).hash).toBe(data.hash);
    expect((await openDataset(file, { seed: 1 })).hash).not.toBe(data.hash);
  });

  test("channels-last images become channels-first; floats stay real; zeros and ones are binary", async () => {
    const image = put(
      "i.npy",
      encodeNpy({ type: "uint8", shape: [3, 1, 2, 3], data: Uint8Array.from({ length: 18 }, (_, i) => 10 * (i % 6)) }),
    );
    const data = await openDataset(image);
    expect([data.spec.shape, [...data.splits.train.x]]).toEqual([
      [3, 1, 2],
      [0, 30, 10, 40, 20, 50],
    ]);
    const real = put(
      "r.npy",
      encodeNpy({ type: "float64", shape: [4, 2], data: Float64Array.of(1, 2, 3, 4, 5, 6, 7, 0.5) }),
    );
    expect((await openDataset(real)).spec).toEqual({ shape: [2], values: "real" });
    const bits = put("b.npy", encodeNpy({ type: "bool", shape: [3, 1], data: Uint8Array.of(0, 1, 1) }));
    expect((await openDataset(bits)).spec.values).toBe("binary");
    const standard = await openDataset(real, { standardize: true });
    expect(describeDataset(standard).splits.train.mean).toBeCloseTo(0, 6);
    await expect(openDataset(bits, { standardize: true })).rejects.toThrow(/Only real numbers can be standardised/);
  });

  test("IDX files find their labels and their test half beside them, gzip or not", async () => {
    const train = put("train-images-idx3-ubyte.gz", gzipSync(encodeIdx([12, 2, 2], pixels(12, 4))));
    put(
      "train-labels-idx1-ubyte",
      encodeIdx(
        [12],
        Uint8Array.from({ length: 12 }, (_, i) => i % 3),
      ),
    );
    const alone = await openDataset(train);
    expect([counts(alone), alone.spec.classes]).toEqual([
      [10, 1, 1],
      ["0", "1", "2"],
    ]);
    put("t10k-images-idx3-ubyte.gz", gzipSync(encodeIdx([5, 2, 2], pixels(5, 4))));
    put("t10k-labels-idx1-ubyte.gz", gzipSync(encodeIdx([5], Uint8Array.of(0, 1, 2, 1, 0))));
    for (const given of [train, folder]) {
      const data = await openDataset(given);
      expect([counts(data), [...data.splits.test.labels!], [...data.splits.valid.labels!]]).toEqual([
        [10, 2, 5],
        [0, 1, 2, 1, 0],
        [1, 2],
      ]);
    }
    put("t10k-labels-idx1-ubyte.gz", gzipSync(encodeIdx([4], Uint8Array.of(0, 1, 2, 1))));
    await expect(openDataset(train)).rejects.toThrow(/4 labels for 5 examples/);
  });

  test("NPZ archives name their splits and labels", async () => {
    const x = (count: number) => encodeNpy({ type: "uint8", shape: [count, 2, 2], data: pixels(count, 4) });
    const y = (count: number) =>
      encodeNpy({
        type: "int64",
        shape: [count],
        data: BigInt64Array.from({ length: count }, (_, i) => BigInt(i % 2)),
      });
    const split = put(
      "m.npz",
      zipSync({ "x_train.npy": x(12), "y_train.npy": y(12), "x_test.npy": x(3), "y_test.npy": y(3) }),
    );
    const data = await openDataset(split);
    expect([counts(data), [...data.splits.test.labels!]]).toEqual([
      [10, 2, 3],
      [0, 1, 0],
    ]);
    const one = put("o.npz", zipSync({ "anything.npy": x(10) }));
    expect(counts(await openDataset(one))).toEqual([8, 1, 1]);
    const many = put("n.npz", zipSync({ "foo.npy": x(10), "bar.npy": x(10) }));
    await expect(openDataset(many)).rejects.toThrow(/holds the arrays foo, bar; name the examples "x"/);
  });

  test("CSV: label column, siblings with train/valid/test in their names, NaN by row and column", async () => {
    const rows = (from: number, to: number) =>
      Array.from({ length: to - from }, (_, i) => `${from + i}.5,${i},${i % 2 ? "b" : "a"}\n`).join("");
    const train = put("t.train.csv", rows(0, 10));
    expect((await openDataset(train)).spec).toEqual({ shape: [2], values: "real", classes: ["a", "b"] });
    put("t.test.csv", rows(20, 22));
    put("t.valid.csv", rows(30, 33));
    const data = await openDataset(train);
    expect([counts(data), [...data.splits.test.x]]).toEqual([
      [10, 3, 2],
      [20.5, 0, 21.5, 1],
    ]);
    const gap = put("g.csv", "a,b\n1,2\n3,nan\n5,6\n");
    await expect(openDataset(gap)).rejects.toThrow(/g\.csv has no finite number in row 3, column "b"/);
    const nan = put(
      "nan.npy",
      encodeNpy({ type: "float32", shape: [2, 2], data: Float32Array.of(1, 2, 3, Number.NaN) }),
    );
    await expect(openDataset(nan)).rejects.toThrow(/NaN in example 2, position 2/);
  });

  test("a CIFAR file is known by its records", async () => {
    const record = (label: number) => [label, ...pixels(1, 3072)];
    const file = put("batch.bin", Uint8Array.from([1, 2, 3, 4].flatMap(record)));
    expect((await openDataset(file)).spec.shape).toEqual([3, 32, 32]);
    await expect(openDataset(put("cut.bin", new Uint8Array(4000)))).rejects.toThrow(/truncated or not a CIFAR/);
  });

  test("what cannot be read is said in one sentence", async () => {
    const refused = async (file: string, error: typeof UsageError | typeof DataError, message: RegExp) => {
      const caught = await openDataset(file).catch((thrown) => thrown);
      expect(caught).toBeInstanceOf(error);
      expect(caught.message).toMatch(message);
      expect(caught.message).not.toContain("\n");
    };
    await refused("mnits", UsageError, /did you mean "mnist"/);
    await refused(path.join(folder, "none.npy"), UsageError, /no file or folder/);
    await refused(folder, DataError, /holds no PNG/);
    await refused(put("empty.csv", ""), DataError, /is empty/);
    await refused(put("odd.dat", Uint8Array.of(9, 9, 0, 1)), DataError, /neither IDX, NPY, NPZ, CIFAR nor CSV/);
    await refused(put("one.png", Uint8Array.of(0x89, 0x50, 0x4e, 0x47)), UsageError, /give the folder/);
    await refused(
      put("two.npy", encodeNpy({ type: "uint8", shape: [2, 1], data: Uint8Array.of(3, 4) })),
      DataError,
      /too few/,
    );
    await refused(
      put("flat.npy", encodeNpy({ type: "uint8", shape: [2, 2, 2, 2, 2], data: new Uint8Array(32) })),
      DataError,
      /has the shape/,
    );
    await refused(put("cut.npz", zipSync({ "a.npy": new Uint8Array(9) }).subarray(0, 40)), DataError, /truncated/);
    const whole = gzipSync(encodeIdx([4, 2, 2], pixels(4, 4)));
    await refused(put("cut.idx.gz", whole.subarray(0, whole.length - 10)), DataError, /damaged or truncated/);
  });
});

test("damaged files of every kind raise SampoError and nothing else", async () => {
  const npy = encodeNpy({ type: "float32", shape: [4, 2], data: Float32Array.of(1, 2, 3, 4, 5, 6, 7, 8) });
  const idx = encodeIdx([4, 2, 2], pixels(4, 4));
  const kinds = [
    npy,
    idx,
    zipSync({ "x.npy": npy }),
    new Uint8Array(gzipSync(idx)),
    new TextEncoder().encode("a,b\n1,2\n3,4\n5,6\n"),
  ];
  const property = fc.asyncProperty(fc.oneof(...kinds.map(damaged)), async (bytes) => {
    await openDataset(put("fuzz.dat", bytes)).catch((error) => expect(error).toBeInstanceOf(SampoError));
  });
  await fc.assert(property, { numRuns: 600, seed: 3 });
});

test("bombs and things that are no files are refused", async () => {
  const bomb = put("bomb.gz", gzipSync(new Uint8Array(2 ** 24)));
  await expect(readContent(bomb, 2 ** 20)).rejects.toThrow(/unpacks to more than 1048576 bytes/);
  await expect(openDataset("/dev/zero")).rejects.toThrow(/not an ordinary file|no file or folder/);
});

describe("folders of images", () => {
  test("sub-folders are labels when all images sit one level down", async () => {
    for (let i = 0; i < 6; i++) await picture(`${i % 2 ? "cat" : "dog"}/${i}.png`, 10 * i);
    const data = await openDataset(folder);
    expect([data.spec, counts(data)]).toEqual([
      { shape: [1, 4, 4], values: "bytes", classes: ["cat", "dog"] },
      [4, 1, 1],
    ]);
    for (const { x, labels, count } of Object.values(data.splits))
      for (let i = 0; i < count; i++) expect(labels![i]).toBe((x[16 * i]! / 10) % 2 === 1 ? 0 : 1);
    await picture("loose.png", 1);
    expect((await openDataset(folder)).spec.classes).toBeUndefined();
  });

  test("folders named train and test are splits, with labels below them", async () => {
    for (let i = 0; i < 6; i++) await picture(`train/${i % 2 ? "a" : "b"}/${i}.png`, i);
    for (let i = 0; i < 2; i++) await picture(`test/${i % 2 ? "a" : "b"}/${i}.png`, 100 + i);
    const seen: string[] = [];
    const data = await openDataset(
      folder,
      { size: 2 },
      { onProgress: (what, done, total) => seen.push(`${what} ${done}/${total}`) },
    );
    expect([counts(data), data.spec.shape, [...data.splits.test.labels!]]).toEqual([
      [5, 1, 2],
      [1, 2, 2],
      [0, 1],
    ]);
    expect(seen.at(-1)).toBe("reading images 8/8");
  });
});

describe("names", () => {
  test("generated sets open with size, counts and seed; what does not apply is refused", async () => {
    const small = { train: 20, valid: 5, test: 5 };
    const data = await openDataset("digits", { size: 14, counts: small, binarize: "threshold" });
    expect([data.spec.shape, data.spec.values, counts(data)]).toEqual([[1, 14, 14], "binary", [20, 5, 5]]);
    expect((await openDataset("digits", { counts: small })).hash).toBe(embedded("digits", { counts: small }).hash);
    await expect(openDataset("digits", { label: "1" })).rejects.toThrow(UsageError);
    await expect(openDataset(put("x.npy", npyBytes), { label: "1" })).rejects.toThrow(/Only tables have columns/);
    await expect(openDataset("mnist", { counts: small })).rejects.toThrow(/leave counts out/);
    await expect(openDataset("mnist", { size: 14 })).rejects.toThrow(/has one size/);
  });

  test("a missing set is fetched into the cache, checked and found there the next time", async () => {
    const content = gzipSync("1,2\n");
    let hits = 0;
    const server = createServer((_, response) => {
      hits++;
      response.end(content);
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/x.csv.gz`;
    const sha256 = "8a1e2a3b0c7a7d9a";
    const entry = {
      name: "x",
      title: "x",
      layout: "table",
      licence: "",
      files: [{ path: "x/x.csv.gz", bytes: 30, sha256, urls: [url] }],
    } as const;
    const env = { SAMPO_CACHE: folder };
    await expect(fetchDataset(entry, env, { tries: 1 })).rejects.toThrow(/wrong checksum/);
    const right = {
      ...entry,
      files: [{ ...entry.files[0], sha256: "52186c933993da4082b3cdc7c40bb4bf735b391ff54a2ef78c037dda6c38a680" }],
    };
    expect([await fetchDataset(right, env), await fetchDataset(right, env), hits]).toEqual([1, 0, 2]);
    expect(new TextDecoder().decode(await readContent(path.join(folder, "data/x/x.csv.gz")))).toBe("1,2\n");
    await new Promise((resolve) => server.close(resolve));
  });

  test("a set without public download says where its files belong", async () => {
    await expect(openDataset("frey", {}, { env: { SAMPO_DATA: `${folder}/none` } })).rejects.toThrow(
      /SAMPO_DATA names .* does not exist/,
    );
    await expect(openDataset("frey", {}, { env: { SAMPO_CACHE: folder } })).rejects.toThrow(
      /put faces\/frey-1965x28x20\.idx3\.gz below/,
    );
  });

  test("the cache lies where the platform keeps such things", () => {
    expect(cacheFolder({ SAMPO_CACHE: "/c" })).toBe("/c");
    expect(cacheFolder({ XDG_CACHE_HOME: "/x" }, "linux")).toBe(path.join("/x", "sampo"));
    expect(cacheFolder({}, "darwin")).toMatch(/Library.Caches.sampo$/);
    expect(cacheFolder({ LOCALAPPDATA: "L" }, "win32")).toBe(path.join("L", "sampo", "Cache"));
  });

  test("every name is listed once, and says where it comes from", () => {
    const list = listDatasets();
    expect(new Set(list.map(({ name }) => name)).size).toBe(list.length);
    const sources = Object.fromEntries(list.map(({ name, source }) => [name, source]));
    expect(sources).toMatchObject({
      digits: "generated",
      mnist: "download",
      "mnist-binarized": "download",
      frey: "local",
      nltcs: "download",
    });
  });
});
