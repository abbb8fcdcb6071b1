import { describe, expect, it } from "vitest";
import { float32, HostArray } from "../../base/host.ts";
import {
  bernoulli,
  beta,
  bijectors,
  categorical,
  dirichlet,
  gamma,
  halfNormal,
  logNormal,
  mixture,
  normal,
  poisson,
  transformed,
  uniform,
} from "../../distributions/index.ts";
import { constant, interpret, type Tensor, trace } from "../../graph/index.ts";
import { logDensity, type Named, pointwiseLogLikelihood, program, quantities, unconstrained } from "./program.ts";
import type { Statements } from "./statements.ts";

/** Evaluates a function of the unconstrained vector. */
function at(fn: (q: Tensor) => Tensor | Named, position: readonly number[]): Record<string, number[]> {
  const { graph } = trace(fn as never, [float32(position)]);
  const results = interpret(graph, [{ shape: [position.length], dtype: "float32", data: Float64Array.from(position) }]);
  return Object.fromEntries(graph.outputs.map(({ name }, i) => [name, [...results[i]!.data]]));
}

const standard = { mean: 0, stdDev: 1 };
const logNormalDensity = (x: number, mean = 0, sd = 1) =>
  -0.5 * ((x - mean) / sd) ** 2 - Math.log(sd) - 0.5 * Math.log(2 * Math.PI);

describe("a probabilistic program", () => {
  const model = program(({ sample, observe, derive }) => {
    const mu = sample("mu", normal(standard));
    const scale = sample("scale", halfNormal({ scale: 2 }));
    const share = sample("share", beta({ a: 2, b: 3 }));
    const place = sample("place", uniform({ low: -1, high: 3 }));
    derive("double", mu.mul(2));
    observe("y", normal({ mean: mu.add(place), stdDev: scale }), [0.5, 1.5]);
    observe("heads", bernoulli({ logits: share.log().sub(share.neg().log1p()) }), [1, 0, 1]);
  });

  it("lists its pieces", () => {
    expect(model.dimension).toBe(4);
    expect(model.latents.map(({ name, support }) => [name, support])).toEqual([
      ["mu", "real"],
      ["scale", "positive"],
      ["share", "unit"],
      ["place", "interval"],
    ]);
    expect(model.observed).toEqual([
      { name: "y", family: "normal", shape: [2] },
      { name: "heads", family: "bernoulli", shape: [3] },
    ]);
    expect(model.derived).toEqual([{ name: "double", shape: [] }]);
  });

  it("has the joint density of its statements, with the Jacobians of what keeps them in place", () => {
    const q = [0.3, -0.2, 0.4, 0.1];
    const sigmoid = (x: number) => 1 / (1 + Math.exp(-x));
    const [mu, scale, share, place] = [q[0]!, Math.exp(q[1]!), sigmoid(q[2]!), -1 + 4 * sigmoid(q[3]!)];
    const prior =
      logNormalDensity(mu) +
      (Math.log(2) + logNormalDensity(scale, 0, 2)) +
      (Math.log(12) + Math.log(share) + 2 * Math.log(1 - share)) -
      Math.log(4);
    const jacobian = q[1]! + Math.log(share * (1 - share)) + Math.log(4 * sigmoid(q[3]!) * sigmoid(-q[3]!));
    const terms = [0.5, 1.5].map((y) => logNormalDensity(y, mu + place, scale));
    const coins = [Math.log(share), Math.log(1 - share), Math.log(share)];
    const wanted = [...terms, ...coins].reduce((sum, x) => sum + x, prior + jacobian);
    expect(at(logDensity(model), q).value![0]).toBeCloseTo(wanted, 5);
    const values = at(quantities(model), q);
    expect(values.scale![0]).toBeCloseTo(scale, 6);
    expect(values.place![0]).toBeCloseTo(place, 6);
    expect(values.double![0]).toBeCloseTo(0.6, 6);
    at(pointwiseLogLikelihood(model), q).value!.forEach((value, i) => {
      expect(value).toBeCloseTo([...terms, ...coins][i]!, 5);
    });
    const given = { mu, scale, share, place };
    const back = (x: Tensor) =>
      unconstrained(model)(
        Object.fromEntries(Object.entries(given).map(([name, value]) => [name, x.sum().mul(0).add(value)])),
      );
    at(back, q).value!.forEach((value, i) => {
      expect(value).toBeCloseTo(q[i]!, 5);
    });
  });

  it("integrates to one over a simplex and a batch of shapes", () => {
    const simplex = program(({ sample }) => {
      sample("p", dirichlet({ concentration: float32([1.5, 2]) }));
      sample("rows", normal({ mean: float32([0, 1, 2]), stdDev: 1 }), { shape: [2, 3] });
    });
    expect(simplex.latents.map(({ shape, free, size }) => [shape, free, size])).toEqual([
      [[2], [1], 1],
      [[2, 3], [2, 3], 6],
    ]);
    const values = at(quantities(simplex), [0.7, 0, 0, 0, 0, 0, 0]);
    expect(values.p![0]! + values.p![1]!).toBeCloseTo(1, 10);
    const density = (x: number) =>
      at(logDensity(simplex), [x, 0, 1, 2, 0, 1, 2]).value![0]! + 3 * Math.log(2 * Math.PI);
    let total = 0;
    for (let x = -15; x <= 15; x += 0.25) total += Math.exp(density(x)) * 0.25;
    expect(total).toBeCloseTo(1, 5);
  });

  it("takes laws of any kind, and their supports where they do not say them", () => {
    const two = mixture(constant(float32([0, 0])), normal({ mean: float32([-1, 1]), stdDev: 1 }));
    expect(() => program(({ sample }) => void sample("x", { ...two, support: undefined } as never))).toThrow(
      /does not say where it lies; add \{ support/,
    );
    const said = program(({ sample, observe }) => {
      sample("x", two, { support: { kind: "real" } });
      sample("rate", logNormal(standard));
      observe("class", categorical({ logits: float32([0, 1, 2]) }), 2);
      observe("count", poisson({ rate: 2 }), new HostArray("int64", [2], BigInt64Array.of(0n, 3n)));
    });
    expect(Number.isFinite(at(logDensity(said), [0.1, 0.2]).value![0])).toBe(true);
    expect(transformed(normal(standard), bijectors.exp).family).toMatch(/transformed/);
  });
});

describe("what a program refuses", () => {
  const refuses = (body: (statements: Statements) => unknown, sentence: RegExp) =>
    expect(() => program(body)).toThrow(sentence);

  it("says each in one sentence", () => {
    refuses(() => {}, /no sample statement/);
    refuses(({ sample }) => [sample("a", normal(standard)), sample("a", normal(standard))], /two statements named "a"/);
    refuses(({ sample }) => sample("a b", normal(standard)), /a name is a word/);
    refuses(({ sample }) => sample("a", poisson({ rate: 1 })), /poisson is discrete.*sum it out/);
    refuses(({ sample }) => sample("a", 3 as never), /needs a distribution/);
    refuses(
      ({ sample }) => sample("a", normal({ mean: float32([0, 1]), stdDev: 1 }), { shape: [3] }),
      /shape \[3\] was asked for.*\[2\]/,
    );
    refuses(
      ({ observe }) => observe("y", normal({ mean: float32([0, 1]), stdDev: 1 }), [1, 2, 3]),
      /data have shape \[3\].*law's is \[2\]/,
    );
    refuses(
      ({ observe }) => observe("y", normal({ mean: float32([0, 1]), stdDev: 1 }), 1),
      /data have shape \[\].*law's is \[2\]/,
    );
    refuses(({ observe }) => observe("y", normal(standard), [1, Number.NaN]), /element 1 is NaN. A missing value/);
    refuses(
      ({ observe }) => observe("y", gamma({ concentration: 1, rate: 1 }), [1, -2]),
      /not below 0; element 1 is -2/,
    );
    refuses(({ observe }) => observe("y", poisson({ rate: 1 }), [1, 0.5]), /whole numbers.*element 1 is 0.5/);
    refuses(
      ({ sample, observe }) => observe("y", normal(standard), sample("a", normal(standard))),
      /data depend on a latent variable/,
    );
    refuses(({ derive }) => derive("d", 3 as never), /derive\("d"\) takes a tensor/);
    refuses(async ({ sample }) => sample("a", normal(standard)), /must not be async/);
  });

  it("also statements used after the program", () => {
    let leaked: Statements | undefined;
    program((statements) => {
      leaked = statements;
      statements.sample("a", normal(standard));
    });
    expect(() => leaked!.sample("b", normal(standard))).toThrow(/called after its program had returned/);
  });

  it("also programs that change between runs", () => {
    let run = 0;
    const fickle = program(({ sample }) => void sample(run++ === 0 ? "a" : "b", normal(standard)));
    expect(() => at(logDensity(fickle), [0])).toThrow(/sample\("b"\) where it had sample\("a"\) before/);
  });
});
