import { describe, expect, test } from "vitest";
import { evaluate, f64, reference } from "../../tests/support/reference.ts";
import type { HostArray } from "../base/host.ts";
import type { Tensor } from "../graph/index.ts";
import * as optim from "./index.ts";

describe("clipping", () => {
  const clip = reference((grads: { a: Tensor; b: Tensor }) => optim.clipByGlobalNorm(2).apply(grads));
  const run = (a: number[], b: number[]) => clip({ a: f64(a), b: f64(b) }) as unknown as { a: HostArray; b: HostArray };

  test("scales a long gradient to the given norm and keeps its direction", () => {
    const { a, b } = run([3, 0], [0, 4]);
    expect([...a.data, ...b.data]).toEqual([3 * 0.4, 0, 0, 4 * 0.4]);
  });

  test("leaves a short gradient untouched, bit for bit, also zero", () => {
    const { a, b } = run([0.1, -0.7], [1 / 3, 0.2]);
    expect([...a.data, ...b.data]).toEqual([0.1, -0.7, 1 / 3, 0.2]);
    expect([...run([0, 0], [0, 0]).a.data]).toEqual([0, 0]);
  });

  test("by value limits each element", () => {
    expect(evaluate((x: Tensor) => optim.clipByValue(0.5).apply(x), f64([-3, 0.25, 1]))).toEqual([-0.5, 0.25, 0.5]);
  });
});

test("the average is the bias-corrected weighted mean of all parameters so far", () => {
  const average = optim.ema(0.9);
  const update = reference((old: Tensor, now: Tensor, scalars: { weight: Tensor }) =>
    average.update(old, now, scalars),
  );
  let state: unknown = average.init(f64([100]));
  const seen: number[] = [];
  for (const [i, theta] of [4, -2, 7, 1].entries()) {
    seen.push(theta);
    state = update(state, f64([theta]), average.scalars(i));
    const weights = seen.map((_, j) => 0.9 ** (seen.length - 1 - j));
    const total = weights.reduce((a, b) => a + b);
    const expected = seen.reduce((sum, value, j) => sum + (value * weights[j]!) / total, 0);
    expect(Number((state as HostArray).data[0])).toBeCloseTo(expected, 5);
  }
});

test("the average's initial copy does not share memory with the parameters", () => {
  const params = { w: f64([1]) };
  const copy = optim.ema(0.9).init(params);
  params.w.data[0] = 5;
  expect(copy.w.data[0]).toBe(1);
});

describe("schedules", () => {
  const at = (schedule: optim.Schedule, ...steps: number[]) => steps.map(schedule);

  test("constant, linear, cosine, steps, exponential", () => {
    expect(at(optim.constantSchedule(3), 0, 1000)).toEqual([3, 3]);
    expect(at(optim.linearSchedule(1, 3, 10), 0, 5, 10, 99)).toEqual([1, 2, 3, 3]);
    const cosine = at(optim.cosineSchedule(1, 0.2, 8), 0, 4, 8, 20);
    [1, 0.6, 0.2, 0.2].forEach((value, i) => {
      expect(cosine[i]).toBeCloseTo(value, 12);
    });
    expect(at(optim.stepSchedule(1, [2, 4], 0.5), 0, 1, 2, 3, 4, 9)).toEqual([1, 1, 0.5, 0.5, 0.25, 0.25]);
    expect(at(optim.exponentialSchedule(2, 0.5, 10), 0, 10, 20)).toEqual([2, 1, 0.5]);
  });

  test("warm-up reaches the schedule's own value at its last step", () => {
    expect(at(optim.warmup(4, optim.constantSchedule(2)), 0, 1, 2, 3, 4)).toEqual([0.5, 1, 1.5, 2, 2]);
    expect(at(optim.warmup(0, optim.constantSchedule(2)), 0)).toEqual([2]);
  });

  test("inverse square root peaks at the end of its warm-up", () => {
    const values = at(optim.inverseSqrtSchedule(1, 4), 0, 1, 3, 15, 63);
    expect(values).toEqual([0.25, 0.5, 1, 0.5, 0.25]);
  });
});

describe("plateau", () => {
  const rule = optim.plateau({ factor: 0.1, patience: 1, threshold: 0, cooldown: 2, minScale: 0.005 });
  const scales = (values: number[]) => {
    let state = rule.init();
    return values.map((value) => {
      state = JSON.parse(JSON.stringify(rule.update(state, value)));
      return state.scale;
    });
  };

  test("reduces after more than `patience` bad values, rests, and respects the floor", () => {
    const stalled = scales([5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5]);
    expect(stalled.slice(0, 6)).toEqual([1, 1, 0.1, 0.1, 0.1, 0.1]);
    expect(stalled[6]).toBeCloseTo(0.01, 12);
    expect(stalled[10]).toBe(0.005);
  });

  test("improvement starts the count anew; a value that is not finite never improves", () => {
    expect(scales([5, 6, 4, 4.5, 3, Number.NaN])).toEqual([1, 1, 1, 1, 1, 1]);
    expect(scales([5, Number.NEGATIVE_INFINITY, Number.NaN])[2]).toBe(0.1);
  });
});
