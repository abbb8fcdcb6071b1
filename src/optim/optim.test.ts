import { describe, expect, test } from "vitest";
import { f64, reference } from "../../tests/support/reference.ts";
import { type HostArray, scalar } from "../base/host.ts";
import { grad, type Tensor } from "../graph/index.ts";
import { adam, adamax, adamW, chain, clipByGlobalNorm, lion, type Optimizer, rmsProp, sgd } from "./index.ts";

type Point = { readonly a: Tensor; readonly b: { readonly c: Tensor } };

/** A compiled step θ, state → θ, state for a loss over a tree of two leaves. */
function stepper(optimizer: Optimizer, loss: (p: Point) => Tensor) {
  const step = reference((params: Point, state: never, inputs: { learningRate: Tensor; scalars: never }) =>
    optimizer.update(grad(loss)(params), state, params, inputs),
  );
  return (params: unknown, state: unknown, learningRate: number, i: number) =>
    step(params, state, { learningRate, scalars: optimizer.scalars(i) }) as unknown as {
      params: { a: HostArray; b: { c: HostArray } };
      state: unknown;
    };
}

function minimise(
  optimizer: Optimizer,
  loss: (p: Point) => Tensor,
  start: [number, number],
  rate: (i: number) => number,
  steps: number,
): [number, number] {
  const step = stepper(optimizer, loss);
  let params = { a: f64([start[0]]), b: { c: f64([start[1]]) } } as { a: HostArray; b: { c: HostArray } };
  let state: unknown = optimizer.init(params);
  for (let i = 0; i < steps; i++) ({ params, state } = step(params, state, rate(i), i));
  return [Number(params.a.data[0]), Number(params.b.c.data[0])];
}

const bowl = ({ a, b }: Point) => a.sub(3).square().add(b.c.add(1).square().mul(5)).sum();
const rosenbrock = ({ a, b }: Point) => a.neg().add(1).square().add(b.c.sub(a.square()).square().mul(100)).sum();

const falling = (peak: number, steps: number) => (i: number) => peak * (1 - i / steps);

const optimizers: [Optimizer, number, number, number][] = [
  // optimiser, rate on the bowl, peak rate on Rosenbrock, steps on Rosenbrock
  [sgd(), 0.05, 1e-3, 12000],
  [sgd({ momentum: 0.9 }), 0.01, 1e-3, 3000],
  [sgd({ momentum: 0.9, nesterov: true }), 0.01, 1e-3, 3000],
  [adam(), 0.05, 0.05, 3000],
  [adamW({ weightDecay: 0 }), 0.05, 0.05, 3000],
  [adamax(), 0.05, 0.05, 3000],
  [rmsProp(), 0.05, 0.01, 3000],
  [rmsProp({ momentum: 0.5 }), 0.02, 0.01, 3000],
  [lion(), 0.05, 0.01, 3000],
  [chain(clipByGlobalNorm(1), sgd({ momentum: 0.9 })), 0.05, 0.02, 3000],
];

describe.each(optimizers)("$name", (optimizer, bowlRate, peak, steps) => {
  test("reaches the optimum of a bowl", () => {
    const [a, c] = minimise(optimizer, bowl, [0, 2], falling(bowlRate, 800), 800);
    expect(a).toBeCloseTo(3, 2);
    expect(c).toBeCloseTo(-1, 2);
  });

  test("reaches the optimum of Rosenbrock's valley", () => {
    const [a, c] = minimise(optimizer, rosenbrock, [-1, 1], falling(peak, steps), steps);
    expect(Math.abs(a - 1)).toBeLessThan(0.05);
    expect(Math.abs(c - 1)).toBeLessThan(0.1);
  });
});

/** Textbook updates of one number, one gradient after the other, written independently of the graph functions. */
type Textbook = (theta: number, gradient: number, t: number, memory: { m: number; v: number }, eta: number) => number;

const textbooks: [string, Optimizer, Textbook][] = [
  ["sgd", sgd(), (theta, g, _t, _s, eta) => theta - eta * g],
  [
    "momentum",
    sgd({ momentum: 0.8 }),
    (theta, g, t, s, eta) => {
      s.m = t === 1 ? g : 0.8 * s.m + g;
      return theta - eta * s.m;
    },
  ],
  [
    "nesterov",
    sgd({ momentum: 0.8, nesterov: true }),
    (theta, g, _t, s, eta) => {
      s.m = 0.8 * s.m + g;
      return theta - eta * (g + 0.8 * s.m);
    },
  ],
  [
    "adam",
    adam({ beta1: 0.7, beta2: 0.9, epsilon: 1e-3 }),
    (theta, g, t, s, eta) => {
      s.m = 0.7 * s.m + 0.3 * g;
      s.v = 0.9 * s.v + 0.1 * g * g;
      return theta - (eta * (s.m / (1 - 0.7 ** t))) / (Math.sqrt(s.v / (1 - 0.9 ** t)) + 1e-3);
    },
  ],
  [
    "adamW",
    adamW({ weightDecay: 0.3 }),
    (theta, g, t, s, eta) => {
      s.m = 0.9 * s.m + 0.1 * g;
      s.v = 0.999 * s.v + 0.001 * g * g;
      const decayed = theta - eta * 0.3 * theta;
      return decayed - (eta * (s.m / (1 - 0.9 ** t))) / (Math.sqrt(s.v / (1 - 0.999 ** t)) + 1e-8);
    },
  ],
  [
    "adamax",
    adamax(),
    (theta, g, t, s, eta) => {
      s.m = 0.9 * s.m + 0.1 * g;
      s.v = Math.max(0.999 * s.v, Math.abs(g));
      return theta - (eta / (1 - 0.9 ** t)) * (s.m / (s.v + 1e-8));
    },
  ],
  [
    "rmsProp",
    rmsProp({ decay: 0.9, epsilon: 1e-2, momentum: 0.6 }),
    (theta, g, _t, s, eta) => {
      s.v = 0.9 * s.v + 0.1 * g * g;
      s.m = 0.6 * s.m + g / (Math.sqrt(s.v) + 1e-2);
      return theta - eta * s.m;
    },
  ],
  [
    "lion",
    lion({ weightDecay: 0.2 }),
    (theta, g, _t, s, eta) => {
      const update = Math.sign(0.9 * s.m + 0.1 * g);
      s.m = 0.99 * s.m + 0.01 * g;
      return theta - eta * (update + 0.2 * theta);
    },
  ],
];

test.each(textbooks)("%s follows the textbook for five steps", (_name, optimizer, textbook) => {
  const slope = [0.7, -2, 0.3, 4, -0.1];
  const step = reference((params: Tensor, state: never, g: Tensor, inputs: never) =>
    optimizer.update(g, state, params, inputs),
  );
  let params = f64([0.5, -1.5]) as HostArray;
  let state: unknown = optimizer.init(params);
  const expected = [0.5, -1.5];
  const memory = expected.map(() => ({ m: 0, v: 0 }));
  slope.forEach((factor, i) => {
    const g = f64([factor, factor * factor - 1]);
    const eta = 0.1 / (i + 1);
    const out = step(params, state, g, { learningRate: eta, scalars: optimizer.scalars(i) });
    params = out.params as unknown as HostArray;
    state = out.state;
    for (const k of [0, 1]) expected[k] = textbook(expected[k]!, g.data[k]!, i + 1, memory[k]!, eta);
    for (const k of [0, 1]) expect(Number(params.data[k])).toBeCloseTo(expected[k]!, 5);
  });
});

test("weight decay spares what the mask spares", () => {
  const optimizer = adamW({ weightDecay: 0.5, mask: (path) => path === "weight" });
  const step = reference((params: never, g: never, state: never, inputs: never) =>
    optimizer.update(g, state, params, inputs),
  );
  const params = { weight: f64([2]), bias: f64([2]) };
  const zero = { weight: f64([0]), bias: f64([0]) };
  const inputs = { learningRate: 0.1, scalars: optimizer.scalars(0) };
  const { params: after } = step(params, zero, optimizer.init(params), inputs) as unknown as { params: typeof params };
  expect(after.weight.data[0]).toBeCloseTo(1.9, 10);
  expect(after.bias.data[0]).toBe(2);
});

test("the state's leaves carry the parameters' names", () => {
  const state = adam().init({ layer: { weight: scalar(1) } });
  expect(Object.keys(state)).toEqual(["mean", "square"]);
  expect(state.mean).toEqual({ layer: { weight: scalar(0) } });
});
