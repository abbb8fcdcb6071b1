import { expect, test } from "vitest";
import { reference } from "../../tests/support/reference.ts";
import { type HostArray, toNumbers } from "../base/host.ts";
import { leaves } from "../base/tree.ts";
import type { Tensor } from "../graph/index.ts";
import { key, normal } from "../random/index.ts";
import { jit } from "../runtime/index.ts";
import { nativeRuntime } from "../runtime/ort/native.node.ts";
import { adam, adamax, adamW, chain, clipByGlobalNorm, ema, lion, type Optimizer, rmsProp, sgd } from "./index.ts";

const runtime = await nativeRuntime({ threads: 1 });
const average = ema(0.9);

const optimizers: Optimizer[] = [
  sgd({ momentum: 0.9, nesterov: true }),
  adam(),
  adamW(),
  adamax(),
  rmsProp({ momentum: 0.5 }),
  lion({ weightDecay: 0.1 }),
  chain(clipByGlobalNorm(0.5), adam()),
];

test.each(optimizers)(
  "$name takes the reference's steps on the native runtime and compiles once",
  async (optimizer) => {
    const step = (grads: never, state: never, params: never, mean: never, inputs: never, weight: never) => {
      const { params: next, state: slots } = optimizer.update(grads, state, params, inputs);
      return { next, slots, mean: average.update(mean, next, weight) };
    };
    const compiled = jit(step as never, runtime) as unknown as ((...args: unknown[]) => Promise<Result>) & {
      compilations: number;
    };
    const exact = reference(step as unknown as (...args: never[]) => Result);
    type Result = { next: Tensor; slots: Tensor; mean: Tensor };
    const params = { w: normal(key(1), [3, 2]), b: normal(key(2), [2]) };
    let native: unknown[] = [optimizer.init(params), params, average.init(params)];
    let oracle = native;
    for (let i = 0; i < 4; i++) {
      const grads = { w: normal(key(10 + i), [3, 2]), b: normal(key(20 + i), [2]) };
      const inputs = [{ learningRate: 0.05, scalars: optimizer.scalars(i) }, average.scalars(i)];
      const a = await compiled(grads, ...native, ...inputs);
      const b = exact(grads, ...oracle, ...inputs);
      native = [a.slots, a.next, a.mean];
      oracle = [b.slots, b.next, b.mean];
    }
    const numbers = (tree: unknown) => leaves<HostArray>(tree).flatMap(toNumbers);
    numbers(native).forEach((value, i) => {
      expect(value).toBeCloseTo(numbers(oracle)[i]!, 4);
    });
    expect(compiled.compilations).toBe(1);
  },
);
