import type { HostArray } from "../base/host.ts";
import { conv, type Tensor } from "../graph/index.ts";
import { fold, key, normal } from "../random/index.ts";
import { jit, type Runtime, referenceRuntime } from "../runtime/index.ts";

/** Time of one run and how fast that is. */
export interface Timing {
  readonly seconds: number;
  readonly gigaflops: number;
}

/** What the self-test of a runtime found; `error` is relative to the largest number of the float64 reference. */
export interface SelfTest {
  readonly matmul: Timing;
  readonly convolution: Timing;
  readonly error: number;
}

const SECONDS = 0.2;
const product = (a: Tensor, b: Tensor) => a.matmul(b);
const convolve = (x: Tensor, w: Tensor) => conv(x, w, { padding: 1 });
const draw = (name: string, shape: readonly number[]) => normal(fold(key(0), name), shape);

type Function2 = (a: Tensor, b: Tensor) => Tensor;

/** The median time of a compiled function over a fifth of a second, and at least three runs. */
async function time(fn: Function2, runtime: Runtime, a: HostArray, b: HostArray, flops: number): Promise<Timing> {
  const run = jit(fn, runtime);
  await run(a, b);
  const times: number[] = [];
  const begun = performance.now();
  while (times.length < 3 || performance.now() - begun < SECONDS * 1000) {
    const start = performance.now();
    await run(a, b);
    times.push((performance.now() - start) / 1000);
    if (times.length >= 3 && performance.now() - begun > 5 * SECONDS * 1000) break;
  }
  await run.dispose();
  const seconds = times.sort((x, y) => x - y)[times.length >> 1]!;
  return { seconds, gigaflops: flops / seconds / 1e9 };
}

/** Largest difference from the float64 reference, relative to the largest reference value. */
async function errorOf(fn: Function2, runtime: Runtime, a: HostArray, b: HostArray): Promise<number> {
  const [got, wanted] = (await Promise.all(
    [runtime, referenceRuntime()].map((each) => jit(fn, each)(a, b)),
  )) as HostArray<"float32">[];
  const scale = wanted!.data.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  return wanted!.data.reduce((most, value, i) => Math.max(most, Math.abs(value - got!.data[i]!)), 0) / scale;
}

/** Multiplies and convolves on a runtime: right to single precision, and how fast. */
export async function selfTest(runtime: Runtime): Promise<SelfTest> {
  const errors = [
    await errorOf(product, runtime, draw("a", [16, 24]), draw("b", [24, 8])),
    await errorOf(convolve, runtime, draw("x", [2, 3, 8, 8]), draw("w", [4, 3, 3, 3])),
  ];
  const slow = runtime.name === "reference";
  const n = slow ? 64 : 512;
  const [batch, channels, size] = slow ? [1, 4, 8] : [16, 32, 28];
  const matmul = await time(product, runtime, draw("a", [n, n]), draw("b", [n, n]), 2 * n ** 3);
  const x = draw("x", [batch, channels, size, size]);
  const w = draw("w", [channels, channels, 3, 3]);
  const convolution = await time(convolve, runtime, x, w, 2 * batch * channels * channels * 9 * size * size);
  return { matmul, convolution, error: Math.max(...errors) };
}
