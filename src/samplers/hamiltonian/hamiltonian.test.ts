import { describe, expect, it } from "vitest";
import { chiSquareScore, finiteDifferences, SCORE_1_IN_1000 } from "../../../tests/support/statistics.ts";
import { float32 } from "../../base/host.ts";
import { constant, type Tensor } from "../../graph/index.ts";
import { fold, key, normal } from "../../random/index.ts";
import { referenceRuntime } from "../../runtime/index.ts";
import { essBulk, rhat } from "../diagnostics/index.ts";
import { meanOf, varianceOf } from "../diagnostics/moments.ts";
import { doubleTarget, type Evaluation, engineTarget, type Target } from "../target.ts";
import { Uniforms } from "../uniforms.ts";
import { DualAveraging, slowWindows } from "./adaptation.ts";
import { hmcTransition } from "./hmc.ts";
import { cholesky, denseMetric, diagonalMetric, type Metric, unitMetric } from "./metric.ts";
import { nutsTransition } from "./nuts.ts";
import { type Asking, energy, leapfrog, type Phase } from "./phase.ts";
import { type Chains, hmc, nuts } from "./run.ts";
import { refreshed } from "./step-size.ts";

/** Answers a computation at once. */
function finish<R>(asking: Asking<R>, target: Target): R {
  let next = asking.next();
  while (!next.done) next = asking.next((target.evaluate([next.value]) as readonly Evaluation[])[0]!);
  return next.value;
}

function phaseAt(target: Target, position: Float64Array, momentum: Float64Array): Phase {
  const [{ value, gradient }] = target.evaluate([position]) as [Evaluation];
  return { position, momentum, value, gradient };
}

/** A banana: x₀ ~ N(0, 1), x₁ | x₀ ~ N(x₀²/2, ½²). */
const banana = doubleTarget((q) => {
  const [x, y] = [q.slice(0, 0, 1), q.slice(0, 1, 2)];
  const bend = y.sub(x.square().mul(0.5)).mul(2);
  return x.square().add(bend.square()).mul(-0.5).sum();
}, 2);

const start = () => phaseAt(banana, Float64Array.of(0.3, -0.7), Float64Array.of(0.8, 1.1));

/** N(mean, Σ) with Σ = [[1, 0.9], [0.9, 1]] scaled by (1, 10). */
const scales = constant(float32([1, 0.1]));
const precision = constant(float32([1 / 0.19, -0.9 / 0.19, -0.9 / 0.19, 1 / 0.19], [2, 2]));
const normal2 = doubleTarget((q: Tensor) => {
  const z = q.sub(float32([1, -20])).mul(scales);
  return z.mul(precision.matmul(z)).sum().mul(-0.5);
}, 2);

const column = ({ chains, dimension, draws }: Chains, i: number) =>
  chains.map(({ positions }) => Float64Array.from({ length: draws }, (_, t) => positions[t * dimension + i]!));
const pooled = (lists: readonly Float64Array[]) => lists.flatMap((list) => [...list]);

describe("targets", () => {
  it("have the gradient of their log density, on the host and on an engine", async () => {
    const point = Float64Array.of(0.4, -0.2);
    const value = (x: readonly number[]) =>
      (banana.evaluate([Float64Array.from(x)]) as readonly Evaluation[])[0]!.value;
    const [host] = banana.evaluate([point]) as [Evaluation];
    const differences = finiteDifferences(value, [...point]);
    for (const [i, slope] of differences.entries()) expect(host.gradient[i]).toBeCloseTo(slope, 7);
    const density = (q: Tensor) => q.square().sum().mul(-0.5);
    const engine = await engineTarget(density, 2, referenceRuntime());
    const [there] = await engine.evaluate([point]);
    expect(there!.value).toBeCloseTo(-0.1, 6);
    expect(there!.gradient[0]).toBeCloseTo(-0.4, 6);
  });

  it("must be one number", () => {
    expect(() => doubleTarget((q) => q, 3)).toThrow(/one number for one point, not a tensor \[3\]/);
    expect(() => doubleTarget((q) => q.sum(), 0)).toThrow(/dimension of at least 1/);
  });
});

describe("leapfrog", () => {
  const metrics: Record<string, Metric> = {
    unit: unitMetric(),
    diagonal: diagonalMetric(Float64Array.of(2, 0.5)),
    dense: denseMetric(Float64Array.of(2, 0.6, 0.6, 0.5), 2)!,
  };

  function* travel(from: Phase, steps: number, step: number, metric: Metric): Asking<Phase> {
    let phase = from;
    for (let i = 0; i < steps; i++) phase = yield* leapfrog(phase, step, metric);
    return phase;
  }

  for (const [name, metric] of Object.entries(metrics)) {
    it(`goes back where it came from: ${name}`, () => {
      const end = finish(travel(start(), 20, 0.1, metric), banana);
      const back = finish(travel(end, 20, -0.1, metric), banana);
      for (const part of ["position", "momentum"] as const)
        back[part].forEach((x, i) => {
          expect(x).toBeCloseTo(start()[part][i]!, 10);
        });
      expect(end.position[0]).not.toBeCloseTo(start().position[0]!, 1);
    });

    it(`preserves volume: ${name}`, () => {
      const flow = (x: readonly number[]) => {
        const from = phaseAt(banana, Float64Array.from(x.slice(0, 2)), Float64Array.from(x.slice(2)));
        const end = finish(travel(from, 5, 0.2, metric), banana);
        return [...end.position, ...end.momentum];
      };
      const at = [...start().position, ...start().momentum];
      const rows = [0, 1, 2, 3].map((i) => finiteDifferences((x) => flow(x)[i]!, at));
      // |J| = 1: J·Jᵀ has determinant 1, the square of the product of its Cholesky diagonal.
      const gram = Float64Array.from({ length: 16 }, (_, k) =>
        rows[k >> 2]!.reduce((sum, x, j) => sum + x * rows[k & 3]![j]!, 0),
      );
      const lower = cholesky(gram, 4)!;
      expect(lower[0]! * lower[5]! * lower[10]! * lower[15]!).toBeCloseTo(1, 5);
    });

    it(`draws momenta with covariance M: ${name}`, () => {
      const energies = Array.from({ length: 4000 }, (_, i) => {
        const phase = refreshed(start(), metric, fold(key(4), i));
        return energy(phase, metric) + phase.value;
      });
      // ½ pᵀM⁻¹p is χ²₂/2: mean 1, variance 1.
      expect(Math.abs(meanOf(energies) - 1)).toBeLessThan(4 / Math.sqrt(4000));
    });
  }

  it("errs in energy by the square of the step", () => {
    const error = (step: number) =>
      Math.abs(
        energy(finish(travel(start(), Math.round(1 / step), step, unitMetric()), banana), unitMetric()) -
          energy(start(), unitMetric()),
      );
    expect(error(0.02) / error(0.01)).toBeGreaterThan(3.7);
    expect(error(0.02) / error(0.01)).toBeLessThan(4.3);
  });
});

describe("one transition leaves the target as it is", () => {
  const kernels = {
    nuts: (phase: Phase, uniforms: Uniforms) => nutsTransition(phase, 0.7, unitMetric(), uniforms, 5),
    "nuts, cut short": (phase: Phase, uniforms: Uniforms) => nutsTransition(phase, 0.2, unitMetric(), uniforms, 2),
    hmc: (phase: Phase, uniforms: Uniforms) => hmcTransition(phase, 0.7, unitMetric(), uniforms, 1.5),
  };
  for (const [name, kernel] of Object.entries(kernels))
    it(`${name}: exact draws of a banana stay exact (chi-square, one false alarm in 1000)`, () => {
      const count = 8000;
      const noise = normal(key(11), [count, 2]).data;
      const cells = new Array<number>(16).fill(0);
      let moved = 0;
      for (let i = 0; i < count; i++) {
        const x = noise[2 * i]!;
        const from = Float64Array.of(x, x * x * 0.5 + noise[2 * i + 1]! / 2);
        const phase = refreshed(phaseAt(banana, from, new Float64Array(2)), unitMetric(), fold(key(12), i));
        const { phase: to } = finish(kernel(phase, new Uniforms(fold(key(13), i))), banana);
        moved += Number(to.position[0] !== from[0]);
        const z = [to.position[0]!, (to.position[1]! - to.position[0]! ** 2 / 2) * 2];
        const quarter = z.map((v) => Number(v > -0.6744897501960817) + Number(v > 0) + Number(v > 0.6744897501960817));
        cells[quarter[0]! * 4 + quarter[1]!]!++;
      }
      expect(moved / count).toBeGreaterThan(0.3);
      expect(chiSquareScore(cells, new Array<number>(16).fill(count / 16))).toBeLessThan(SCORE_1_IN_1000);
    });
});

describe("chains", () => {
  const options = { key: key(1), warmup: 300, draws: 400 };

  for (const [name, run] of Object.entries({ nuts, hmc }))
    for (const metric of ["diagonal", "dense"] as const)
      it(`${name} finds mean and covariance of a correlated normal with a ${metric} metric`, async () => {
        const result = await run(normal2, { ...options, metric });
        const [a, b] = [column(result, 0), column(result, 1)];
        expect(rhat(a)).toBeLessThan(1.015);
        expect(Math.abs(meanOf(pooled(a)) - 1)).toBeLessThan(4 / Math.sqrt(essBulk(a)));
        expect(Math.abs(meanOf(pooled(b)) + 20)).toBeLessThan(40 / Math.sqrt(essBulk(b)));
        expect(Math.abs(Math.sqrt(varianceOf(pooled(b))) / 10 - 1)).toBeLessThan(0.1);
        const products = pooled(a).map((x, i) => (x - 1) * (pooled(b)[i]! + 20));
        expect(Math.abs(meanOf(products) - 9)).toBeLessThan(1.5);
        expect(result.notes).toEqual([]);
      });

  it("learn the metric, and a dense one saves steps", async () => {
    const steps = ({ chains }: Chains) =>
      chains.reduce((sum, { leapfrogs }) => sum + leapfrogs.reduce((a, b) => a + b, 0), 0);
    const [none, dense] = await Promise.all([
      nuts(normal2, { ...options, metric: "unit" }),
      nuts(normal2, { ...options, metric: "dense" }),
    ]);
    expect(steps(dense)).toBeLessThan(steps(none) / 4);
    const [xx, xy, , yy] = dense.chains[0]!.metric.inverse;
    expect(Math.abs(xy! / Math.sqrt(xx! * yy!) - 0.9)).toBeLessThan(0.06);
    const acceptance = meanOf(pooled(dense.chains.map((chain) => chain.acceptance)));
    expect(Math.abs(acceptance - 0.8)).toBeLessThan(0.12);
  });

  it("repeat from the key, each chain on its own", async () => {
    const short = { key: key(5), warmup: 60, draws: 40 };
    const four = await nuts(banana, { ...short, chains: 4 });
    const one = await nuts(banana, { ...short, chains: 1 });
    expect(four.chains[0]!.positions).toEqual(one.chains[0]!.positions);
    expect(four.chains[1]!.positions).not.toEqual(four.chains[0]!.positions);
    const slow: Target = { dimension: 2, evaluate: async (points) => banana.evaluate(points) };
    expect((await nuts(slow, { ...short, chains: 1 })).chains[0]!.positions).toEqual(one.chains[0]!.positions);
  });

  it("say that they diverged, and that trajectories were cut", async () => {
    // Neal's funnel: v ~ N(0, 3), nine x ~ N(0, e^(v/2)).
    const funnel = doubleTarget((q) => {
      const [v, x] = [q.slice(0, 0, 1), q.slice(0, 1, 10)];
      const scale = v.mul(0.5);
      return v.div(3).square().sum().add(x.div(scale.exp()).square().sum()).mul(-0.5).sub(scale.mul(9).sum());
    }, 10);
    const lost = await nuts(funnel, { key: key(2), warmup: 200, draws: 300, maxDepth: 6 });
    expect(lost.notes.join(" ")).toMatch(/\d+ of 1200 trajectories diverged.*raise targetAccept.*non-centred/);
    const cut = await nuts(normal2, { ...options, metric: "unit", maxDepth: 2, draws: 50, warmup: 50 });
    expect(cut.notes.join(" ")).toMatch(/of 200 trajectories reached the tree depth 2/);
  });

  it("refuse what cannot be", async () => {
    await expect(nuts(banana, { key: key(1), chains: 0 })).rejects.toThrow(/chains is a whole number from 1 to 1000/);
    await expect(nuts(banana, { key: key(1), targetAccept: 1 })).rejects.toThrow(/targetAccept/);
    await expect(nuts(banana, { key: key(1), start: [Float64Array.of(1)] })).rejects.toThrow(/one point of 2 numbers/);
    await expect(hmc(banana, { key: key(1), time: 0 })).rejects.toThrow(/integration time/);
    const nowhere = doubleTarget((q) => q.square().sum().neg().sub(1).log(), 1);
    await expect(nuts(nowhere, { key: key(1) })).rejects.toThrow(/not finite at any of 100 random points/);
    await expect(nuts(banana, { ...options, draws: 1e6, signal: AbortSignal.abort() })).rejects.toThrow(/abort/i);
  });
});

describe("warm-up", () => {
  it("has Stan's windows", () => {
    expect([...slowWindows(1000).ends]).toEqual([99, 149, 249, 449, 949]);
    expect(slowWindows(1000)).toMatchObject({ first: 75, last: 950 });
    expect([...slowWindows(100).ends]).toEqual([89]);
    expect(slowWindows(10).ends.size).toBe(0);
  });

  it("averages steps towards the wanted acceptance", () => {
    const averaging = new DualAveraging(0.8, 1);
    for (let t = 0; t < 2000; t++) averaging.update(Math.exp(-averaging.step));
    expect(Math.abs(averaging.average + Math.log(0.8))).toBeLessThan(0.02);
  });
});
