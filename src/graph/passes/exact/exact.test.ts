import { describe, expect, it } from "vitest";
import { HostArray, int64 } from "../../../base/host.ts";
import { sizeOf } from "../../../base/shape.ts";
import { fold, key, normal } from "../../../random/index.ts";
import { compileExact } from "../../../runtime/exact.ts";
import { jit, referenceRuntime, wasmRuntime } from "../../../runtime/index.ts";
import { nativeRuntime } from "../../../runtime/ort/native.node.ts";
import type { Runtime } from "../../../runtime/runtime.ts";
import {
  attention,
  conv,
  convTranspose,
  gelu,
  geluTanh,
  groupNorm,
  layerNorm,
  matmul,
  rmsNorm,
  scan,
  silu,
  type Tensor,
} from "../../index.ts";

const reference = referenceRuntime({ keepDouble: true });
const engines: [string, Runtime][] = [
  ["the native engine, 1 thread", await nativeRuntime({ threads: 1 })],
  ["the native engine, 2 threads", await nativeRuntime({ threads: 2 })],
  ["WebAssembly", await wasmRuntime({ threads: 1 })],
];

const random = (shape: readonly number[], seed: number, scale = 1) =>
  new HostArray(
    "float32",
    shape,
    normal(fold(key(5), seed), shape).data.map((x) => x * scale),
  );

type Fn = (params: { w: Tensor }, args: { x: Tensor }) => Tensor;

interface Case {
  readonly fn: Fn;
  readonly w: HostArray;
  readonly x: HostArray;
  /** How far the exact form may be from the function, absolutely. */
  readonly off?: number;
}

const unary = (fn: (x: Tensor) => Tensor, scale = 3, off = 1e-6): Case => ({
  fn: (_, { x }) => fn(x),
  w: random([1], 0),
  x: random([700], 1, scale),
  off,
});

const cases: Record<string, Case> = {
  exp: unary((x) => x.exp(), 3, 1e-4),
  log: unary((x) => x.abs().add(1e-9).log(), 100),
  sigmoid: unary((x) => x.sigmoid(), 10),
  tanh: unary((x) => x.tanh()),
  softplus: unary((x) => x.softplus(), 20),
  erf: unary((x) => x.erf()),
  "sin and cos of many turns": unary((x) => x.mul(100).sin().add(x.mul(30).cos())),
  "1/x": unary((x) => x.abs().add(0.1).reciprocal().mul(x)),
  root: unary((x) => x.abs().sqrt()),
  silu: unary(silu),
  gelu: unary(gelu),
  geluTanh: unary(geluTanh),
  x·c·d: unary((x) => x.mul(0.1).mul(0.3).add(0.7).add(1e-3)),
  elu: unary((x) => x.elu()),
  "expm1 and log1p": unary((x) => x.abs().expm1().log1p()),
  product: { fn: ({ w }, { x }) => x.matmul(w), w: random([784, 50], 0, 0.2), x: random([40, 784], 1), off: 0.02 },
  "product at the limits": {
    fn: ({ w }, { x }) => x.matmul(w),
    w: random([6000, 9], 0, 1e4),
    x: random([20, 6000], 1, 1e6),
    off: Number.POSITIVE_INFINITY,
  },
  "product with a bias": {
    fn: ({ w }, { x }) =>
      x
        .matmul(w)
        .add(w.slice(0, 0, 1).squeeze(0))
        .relu(),
    w: random([300, 64], 0, 0.2),
    x: random([33, 300], 1),
    off: 0.02,
  },
  "product, transposed": {
    fn: ({ w }, { x }) => matmul(w, x, { transposeA: true, transposeB: true }),
    w: random([31, 9], 0),
    x: random([12, 31], 1),
    off: 0.01,
  },
  convolution: {
    fn: ({ w }, { x }) => conv(x, w, { padding: 1 }),
    w: random([8, 5, 3, 3], 0, 0.3),
    x: random([3, 5, 9, 7], 1),
    off: 0.01,
  },
  "convolution with groups, stride and dilation": {
    fn: ({ w }, { x }) =>
      conv(x, w, {
        padding: [
          [2, 0],
          [1, 3],
        ],
        stride: 2,
        dilation: [2, 1],
        groups: 2,
      }),
    w: random([6, 2, 2, 3], 0),
    x: random([2, 4, 9, 8], 1),
    off: 0.01,
  },
  "transposed convolution": {
    fn: ({ w }, { x }) =>
      convTranspose(x, w, {
        stride: 2,
        padding: [
          [1, 0],
          [2, 1],
        ],
        dilation: [1, 2],
        groups: 2,
        outputPadding: 1,
      }),
    w: random([4, 3, 3, 2], 0),
    x: random([2, 4, 5, 4], 1),
    off: 0.01,
  },
  "transposed convolution of a sequence": {
    fn: ({ w }, { x }) => convTranspose(x, w, { stride: 1, padding: 0 }),
    w: random([4, 3, 3], 0),
    x: random([2, 4, 5], 1),
    off: 0.01,
  },
  relu: {
    fn: (_, { x }) => x.relu().clip(0.5, 2).mul(0.1).cumsum(1),
    w: random([1], 0),
    x: random([5, 30], 1),
    off: 1e-4,
  },
  "convolution of a sequence": {
    fn: ({ w }, { x }) => conv(x, w, { padding: "causal" }),
    w: random([6, 4, 3], 0),
    x: random([2, 4, 11], 1),
    off: 0.01,
  },
  "sum, mean and variance": {
    fn: (_, { x }) =>
      x
        .sum(1)
        .add(x.mean(0).sum())
        .add(x.variance([0, 1])),
    w: random([1], 0),
    x: random([50, 50], 1),
    off: 1e-3,
  },
  "cumulative sum": { fn: (_, { x }) => x.cumsum(1), w: random([1], 0), x: random([5, 300], 1), off: 1e-3 },
  softmax: { fn: (_, { x }) => x.softmax(), w: random([1], 0), x: random([40, 256], 1, 5), off: 1e-8 },
  "softmax along another axis": {
    fn: (_, { x }) => x.softmax(0),
    w: random([1], 0),
    x: random([40, 9], 1, 5),
    off: 1e-8,
  },
  logSoftmax: { fn: (_, { x }) => x.logSoftmax(), w: random([1], 0), x: random([40, 65], 1, 5) },
  logSumExp: { fn: (_, { x }) => x.logSumExp(0), w: random([1], 0), x: random([40, 65], 1, 5) },
  "layer norm": {
    fn: ({ w }, { x }) => rmsNorm(layerNorm(x, w, w).matmul(x.transpose()), undefined),
    w: random([65], 0),
    x: random([40, 65], 1, 5),
    off: 0.01,
  },
  "group norm": {
    fn: ({ w }, { x }) => groupNorm(x, 2, w, w),
    w: random([6], 0),
    x: random([3, 6, 5, 5], 1, 2),
    off: 1e-4,
  },
  attention: {
    fn: ({ w }, { x }) => attention(x.matmul(w), x, x, { causal: true }),
    w: random([16, 16], 0, 0.3),
    x: random([2, 3, 20, 16], 1),
    off: 0.01,
  },
  "scatter and gather": {
    fn: ({ w }, { x }) => w.scatterAdd(int64([3, 1, 3, 0]), x).gather(int64([3, 0])),
    w: random([5, 7], 0),
    x: random([4, 7], 1),
    off: 1e-5,
  },
  "a loop": {
    fn: ({ w }, { x }) =>
      scan((h: Tensor, row: Tensor) => ({ carry: h.matmul(w).add(row).tanh(), y: h.sum(1) }), {
        init: x.slice(0, 0, 1).squeeze(0),
        xs: x,
      }).ys,
    w: random([12, 12], 0, 0.4),
    x: random([20, 5, 12], 1),
    off: 0.02,
  },
};

const runs = async (runtime: Runtime, { fn, w, x }: Case) => {
  const compiled = await compileExact<{ x: HostArray }, HostArray>(fn as never, runtime, { w }, { x });
  const wide = new HostArray("float64", x.shape, Float64Array.from(x.data as Float32Array));
  const result = await compiled.run({ x: wide });
  await compiled.dispose();
  return result;
};

describe.each(Object.entries(cases))("%s, exact", (_, given) => {
  it("is close to the function itself", async () => {
    const run = jit(given.fn as never, reference) as unknown as (p: object, a: object) => Promise<HostArray>;
    const plain = await run({ w: given.w }, { x: given.x });
    const result = await runs(reference, given);
    expect(result.shape).toEqual(plain.shape);
    const distance = Array.from(result.data as Float64Array, (value, i) => Math.abs(value - Number(plain.data[i])));
    expect(Math.max(...distance)).toBeLessThan(given.off ?? 1e-6);
  });

  it.each(engines)("has the reference's bits on %s", async (_name, runtime) => {
    const expected = await runs(reference, given);
    const result = await runs(runtime, given);
    expect(result.dtype).toBe("float64");
    const bits = (array: HostArray) => new BigInt64Array((array.data as Float64Array).map((v) => v + 0).buffer);
    const [a, b] = [bits(result), bits(expected)];
    expect(a.length).toBe(sizeOf(expected.shape));
    expect(a.findIndex((value, i) => value !== b[i])).toBe(-1);
  });
});

it("what a mask hides has a share of exactly 0", async () => {
  const fn = (_: unknown, { x }: { x: Tensor }) => x.greater(0).select(x, -1e9).softmax();
  const { data } = await runs(reference, { fn, w: random([1], 0), x: random([20, 50], 1) });
  const shares = data as Float64Array;
  expect(shares.filter((share) => share === 0).length).toBeGreaterThan(300);
  expect(shares.every((share) => share === 0 || share > 1e-12)).toBe(true);
});

it("an operation without an exact form is named", async () => {
  const given = { ...unary((x) => x.tan()) };
  await expect(runs(reference, given)).rejects.toThrow(/The operation tan has no exact form/);
});
