import { describe, expect, test } from "vitest";
import { f64, reference } from "../../tests/support/reference.ts";
import { type HostArray, toNumbers } from "../base/host.ts";
import type { Tensor } from "../graph/index.ts";
import { key, normal } from "../random/index.ts";
import { gru, lstm, type Recurrent, type RecurrentParams } from "./index.ts";

const [batch, length, inputs, units] = [2, 4, 3, 5];
const x = normal(key(1), [batch, length, inputs]);
const sigma = (v: number) => 1 / (1 + Math.exp(-v));

/** x·W[:, column] for a row-major matrix. */
const column = (row: readonly number[], matrix: readonly number[], width: number, j: number) =>
  row.reduce((sum, v, i) => sum + v * matrix[i * width + j]!, 0);

type Step = (
  p: Record<keyof RecurrentParams, number[]>,
  x: number[],
  h: number[],
  c: number[],
) => { h: number[]; c: number[] };

const lstmStep: Step = (p, input, h, c) => {
  const gate = (g: number, j: number) => {
    const k = g * units + j;
    return column(input, p.weight, 4 * units, k) + column(h, p.recurrent, 4 * units, k) + p.bias[k]!;
  };
  const cell = c.map((v, j) => sigma(gate(1, j)) * v + sigma(gate(0, j)) * Math.tanh(gate(2, j)));
  return { c: cell, h: cell.map((v, j) => sigma(gate(3, j)) * Math.tanh(v)) };
};

const gruStep: Step = (p, input, h, c) => {
  const own = (g: number, j: number) => column(input, p.weight, 3 * units, g * units + j) + p.bias[g * units + j]!;
  const back = (g: number, j: number) =>
    column(h, p.recurrent, 3 * units, g * units + j) + p.recurrentBias[g * units + j]!;
  const next = h.map((v, j) => {
    const candidate = Math.tanh(own(2, j) + sigma(own(0, j) + back(0, j)) * back(2, j));
    const z = sigma(own(1, j) + back(1, j));
    return (1 - z) * candidate + z * v;
  });
  return { h: next, c };
};

/** The whole layer in plain loops. */
function plain(params: Record<keyof RecurrentParams, number[]>, step: Step): number[] {
  const y: number[] = [];
  for (let b = 0; b < batch; b++) {
    let state = { h: new Array<number>(units).fill(0), c: new Array<number>(units).fill(0) };
    for (let t = 0; t < length; t++) {
      const at = (b * length + t) * inputs;
      state = step(params, toNumbers(x).slice(at, at + inputs), state.h, state.c);
      y.push(...state.h);
    }
  }
  return y;
}

const layers: [string, Recurrent, Step][] = [
  ["lstm", lstm(inputs, units), lstmStep],
  ["gru", gru(inputs, units), gruStep],
];

describe.each(layers)("%s", (_name, layer, step) => {
  const initial = layer.init(key(2));
  const entries = Object.entries(initial) as [keyof RecurrentParams, HostArray][];
  const params = Object.fromEntries(
    entries.map(([name, leaf], i) => [
      name,
      f64(
        toNumbers(leaf).map((v, j) => v + 0.2 * normal(key(10 + i), leaf.shape).data[j]!),
        leaf.shape,
      ),
    ]),
  );
  const numbers = Object.fromEntries(Object.entries(params).map(([name, leaf]) => [name, toNumbers(leaf)]));
  const expected = plain(numbers as Record<keyof RecurrentParams, number[]>, step);

  test("over a whole sequence equals plain loops", () => {
    const run = reference((p: never, input: Tensor) => layer.apply(p, input));
    const { y, state } = run(params, x) as unknown as { y: HostArray; state: { hidden: HostArray } };
    expect(y.shape).toEqual([batch, length, units]);
    toNumbers(y).forEach((value, i) => {
      expect(value).toBeCloseTo(expected[i]!, 10);
    });
    expect(toNumbers(state.hidden).slice(0, units)).toEqual(toNumbers(y).slice((length - 1) * units, length * units));
  });

  test("step by step equals plain loops", () => {
    const run = reference((p: never, input: Tensor, state: never) => layer.step(p, input, state));
    let state: unknown = layer.initState(batch);
    for (let t = 0; t < length; t++) {
      const rows = [0, 1].flatMap((b) => toNumbers(x).slice((b * length + t) * inputs, (b * length + t + 1) * inputs));
      const out = run(params, f64(rows, [batch, inputs]), state) as unknown as { y: HostArray; state: unknown };
      state = out.state;
      toNumbers(out.y).forEach((value, i) => {
        const b = Math.floor(i / units);
        expect(value).toBeCloseTo(expected[(b * length + t) * units + (i % units)]!, 10);
      });
    }
  });

  test("a sequence in two halves with the state handed over equals the whole", () => {
    const run = reference((p: never, input: Tensor) => {
      const first = layer.apply(p, input.slice(1, 0, 2));
      return layer.apply(p, input.slice(1, 2), first.state).state.hidden;
    });
    const whole = reference((p: never, input: Tensor) => layer.apply(p, input).state.hidden);
    expect(toNumbers(run(params, x) as unknown as HostArray)).toEqual(
      toNumbers(whole(params, x) as unknown as HostArray),
    );
  });
});

test("the LSTM's forget gate starts open", () => {
  expect(toNumbers(lstm(1, 2).init(key(0)).bias)).toEqual([0, 0, 1, 1, 0, 0, 0, 0]);
});
