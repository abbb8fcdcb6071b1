import { describe, expect, test } from "vitest";
import { reference } from "../../../../tests/support/reference.ts";
import { HostArray, toNumbers } from "../../../base/host.ts";
import { mapTree } from "../../../base/tree.ts";
import type { DataSpec } from "../../../data/types.ts";
import { constant, type Tensor } from "../../../graph/index.ts";
import type { Traced } from "../../../nn/index.ts";
import { fold, key, normal } from "../../../random/index.ts";
import { nativeRuntime } from "../../../runtime/ort/native.node.ts";
import { bind, drawNoise } from "../../bound.ts";
import type { Params } from "../../contract.ts";
import { batchGenerator } from "../generate.ts";
import type { AutoregressiveModel } from "../model.ts";
import { naive } from "../naive.ts";
import { diagonalBilstm } from "./diagonal-bilstm.ts";
import { diagonalLayer } from "./diagonal-layer.ts";
import type { RecurrentLayer } from "./layer.ts";
import { rowLayer } from "./row-layer.ts";
import { rowLstm } from "./row-lstm.ts";

const [height, width] = [5, 6];

/** For every place of an image of one feature, the places its outputs depend on: those where NaN makes them NaN. */
function fieldsOf<P>(layer: RecurrentLayer<P>): (r: number, c: number) => string {
  const params = layer.init(key(1));
  const run = reference((p: Traced<P>, x: Tensor) => layer.image(p, x, { width, batch: 1 }).sum(-1));
  const reached = Array.from({ length: height * width }, (_, i) => {
    const x = new HostArray("float32", [height, width, 1], new Float32Array(height * width).fill(0.5));
    x.data[i] = Number.NaN;
    return toNumbers(run(params, x) as unknown as HostArray).map(Number.isNaN);
  });
  return (r, c) => picture((row, column) => reached[row * width + column]![r * width + c]!);
}

/** An image of # and · as lines of text. */
const picture = (at: (r: number, c: number) => boolean) =>
  Array.from({ length: height }, (_, r) =>
    Array.from({ length: width }, (_, c) => (at(r, c) ? "#" : "·")).join(""),
  ).join("\n");

const everywhere = Array.from({ length: height * width }, (_, i) => [Math.floor(i / width), i % width] as const);

describe("what a place of a layer sees", () => {
  test("Row LSTM: itself and its left neighbour, and above them a triangle", () => {
    const field = fieldsOf(rowLayer({ inputs: [0], outputs: [0, 0], kernel: 3 }));
    for (const [r, c] of everywhere) {
      const expected = picture((row, column) => row <= r && column >= c - (r - row) - 1 && column <= c + (r - row));
      expect(field(r, c)).toBe(expected);
    }
  });

  test("Row LSTM of width 5: a triangle twice as wide", () => {
    const field = fieldsOf(rowLayer({ inputs: [0], outputs: [0], kernel: 5 }));
    expect(field(2, 3)).toBe(["######", "######", "·###··", "······", "······"].join("\n"));
  });

  test("Diagonal BiLSTM: all that precedes it, and itself", () => {
    const field = fieldsOf(diagonalLayer({ inputs: [0], outputs: [0, 0] }));
    for (const [r, c] of everywhere)
      expect(field(r, c)).toBe(picture((row, column) => row < r || (row === r && column <= c)));
  });
});

const colourData: DataSpec = { shape: [3, 3, 2], values: "bytes", classes: ["one", "other"] };
const sizes = { conditional: true, units: 6, layers: 2, kernel: 5, head: 30 };

describe.each<[string, AutoregressiveModel]>([
  ["row-lstm", rowLstm({ ...sizes, rowKernel: 3 }, colourData)],
  ["diagonal-bilstm", diagonalBilstm(sizes, colourData)],
])("%s on bytes of three colours", (_, model) => {
  const f = model.factorisation;
  const size = 18;
  let leaf = 0;
  const params = mapTree<HostArray<"float32">, HostArray<"float32">>(model.init(key(3)), ({ shape, data }) => {
    const noise = normal(fold(key(4), leaf++), shape).data;
    return new HostArray(
      "float32",
      shape,
      data.map((v, i) => v + 0.2 * noise[i]!),
    );
  }) as unknown as Params;

  test("a variable's conditional changes with all variables before it and with none after", () => {
    const labels = constant(new HostArray("float32", [8, 2], new Float32Array(16).fill(0.5)));
    const run = reference((p: never, x: Tensor) => f.logits(p, { x, labels }).sum(-1));
    const x = normal(key(5), [8, 3, 3, 2]); // several images: a rectifier may be shut in one of them
    const before = toNumbers(run(params, x) as unknown as HostArray);
    const order = Array.from(f.orders[0]!);
    const changed = order.map((place) => {
      const data = x.data.map((value, i) => (i % size === place ? value + 0.5 : value));
      const after = toNumbers(run(params, new HostArray("float32", x.shape, data)) as unknown as HostArray);
      return order.map((to) => after.some((value, i) => i % size === to && value !== before[i]));
    });
    changed.forEach((row, k) => {
      expect(row.slice(0, k + 1)).not.toContain(true);
      expect(row.slice(k + 1)).not.toContain(false);
    });
  });

  test("draws the same from its caches as from whole passes, and something else for another label", async () => {
    const on = bind(await nativeRuntime({ threads: 1 }), params);
    const parts = { factorisation: f, unit: 1 / 255, size };
    const labels = new HostArray("float32", [4, 2], Float32Array.of(1, 0, 0, 1, 1, 0, 0, 1));
    const once = drawNoise("uniform", key(6), [1, 2 * size]).data;
    const draws = {
      labels,
      uniforms: new HostArray(
        "float32",
        [4, size],
        Float32Array.from({ length: 4 * size }, (_, i) => once[(i % size) + (i < 2 * size ? 0 : size)]!),
      ),
    };
    const slow = await batchGenerator({ ...parts, cached: naive(f, colourData.shape) })(on, draws, {});
    const fast = await batchGenerator({ ...parts, cached: f.cached! })(on, draws, {});
    expect(fast.values.data).toEqual(slow.values.data);
    const image = (i: number) => slow.values.data.subarray(i * size, (i + 1) * size);
    expect(image(1)).not.toEqual(image(0));
    expect(image(3)).not.toEqual(image(2));
  });
});
