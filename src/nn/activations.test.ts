import { expect, test } from "vitest";
import { evaluate, f64 } from "../../tests/support/reference.ts";
import { grid, simpson } from "../../tests/support/statistics.ts";
import { gradients, type Tensor } from "../graph/index.ts";
import { type Activation, activation, activations } from "./index.ts";

const x = [-6, -1.3, -0.2, 0.4, 2.5, 7];

/** Φ by integrating the density. */
const phi = (z: number) =>
  simpson(
    grid(-12, z, 4001).map((t) => Math.exp((-t * t) / 2) / Math.sqrt(2 * Math.PI)),
    -12,
    z,
  );

const formulas: Record<Activation, (x: number) => number> = {
  identity: (v) => v,
  relu: (v) => Math.max(0, v),
  leakyRelu: (v) => (v > 0 ? v : 0.01 * v),
  elu: (v) => (v > 0 ? v : Math.exp(v) - 1),
  gelu: (v) => v * phi(v),
  geluTanh: (v) => 0.5 * v * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (v + 0.044715 * v ** 3))),
  silu: (v) => v / (1 + Math.exp(-v)),
  softplus: (v) => Math.log(1 + Math.exp(v)),
  tanh: Math.tanh,
  sigmoid: (v) => 1 / (1 + Math.exp(-v)),
};

test.each(Object.keys(activations) as Activation[])("%s and its slope follow the formula", (name) => {
  const fn = activation(name);
  const values = evaluate((t: Tensor) => fn(t), f64(x));
  const slopes = evaluate((t: Tensor) => gradients(fn(t).sum(), [t])[0]!, f64(x));
  x.forEach((v, i) => {
    expect(values[i]).toBeCloseTo(formulas[name](v), 6);
    expect(slopes[i]).toBeCloseTo((formulas[name](v + 1e-4) - formulas[name](v - 1e-4)) / 2e-4, 5);
  });
});

test("an unknown activation names the nearest known one", () => {
  expect(() => activation("sliu" as Activation)).toThrow(/did you mean "silu"/);
});
