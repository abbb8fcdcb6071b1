import { describe, expect, test } from "vitest";
import { reference } from "../../tests/support/reference.ts";
import { float32, type HostArray, int64, toNumbers } from "../base/host.ts";
import { namedLeaves } from "../base/tree.ts";
import { concat, gradients, type Tensor } from "../graph/index.ts";
import { key, normal as normalNoise, uniform as uniformNoise } from "../random/index.ts";
import { jit } from "../runtime/index.ts";
import { nativeRuntime } from "../runtime/ort/native.node.ts";
import * as d from "./index.ts";

const runtime = await nativeRuntime({ threads: 1 });

/** log-probabilities, samples and the gradients of both with respect to the two parameters. */
interface Case {
  readonly name: string;
  readonly run: (a: Tensor, b: Tensor, x: Tensor, noise: Tensor, other: Tensor) => Record<string, Tensor>;
  readonly x: HostArray;
  readonly a?: HostArray;
  readonly b?: HostArray;
}

const slopes = (value: Tensor, a: Tensor, b: Tensor) => {
  const [da, db] = gradients(value.sum(), [a, b]);
  return { da: da!, db: db! };
};

const univariate =
  (make: (a: Tensor, b: Tensor) => d.Univariate<d.NoiseLeaf>): Case["run"] =>
  (a, b, x, noise) => {
    const law = make(a, b);
    const [logProb, sample] = [law.logProb(x), law.sample(noise)];
    return { logProb, ...slopes(logProb, a, b), sample, cdf: law.cdf(x), mean: law.mean(), entropy: law.entropy!() };
  };

const reals = float32([-1.3, 0.2, 0.9, 3]);
const bytes = float32([0, 100 / 255, 254 / 255, 1]);

const cases: Case[] = [
  { name: "normal", run: univariate((a, b) => d.normal({ mean: a, logStdDev: b })), x: reals },
  { name: "logistic", run: univariate((a, b) => d.logistic({ mean: a, logScale: b })), x: reals },
  { name: "uniform", run: univariate((a, b) => d.uniform({ low: a.sub(2), high: b.exp().add(5) })), x: reals },
  { name: "bernoulli", run: univariate((a, b) => d.bernoulli({ logits: a.mul(b) })), x: float32([0, 1, 1, 0]) },
  {
    name: "discretised logistic",
    run: univariate((a, b) => d.discretizedLogistic({ mean: a, logScale: b.sub(3) })),
    x: bytes,
  },
  {
    name: "discretised logistic far from its mean and with a very wide scale",
    run: univariate((a, b) => d.discretizedLogistic({ mean: a, logScale: b })),
    x: bytes,
    a: float32([3, -5, 0.5, 0.4]),
    b: float32([-7, -7, 8, -7]),
  },
  {
    name: "categorical",
    run: (a, b, x, noise) => {
      const law = d.categorical({ logits: a.expandDims(-1).mul(b) });
      const logProb = law.logProb(x);
      return { logProb, ...slopes(logProb, a, b), sample: law.sample(noise), entropy: law.entropy() };
    },
    x: int64([0, 3, 2, 1]),
  },
  {
    name: "multivariate normal",
    run: (a, b, x, noise) => {
      const law = d.multivariateNormal({
        mean: a,
        factor: d.choleskyFactor(concat([b, a, b.slice(0, 0, 2)]).tanh(), 4),
      });
      const logProb = law.logProb(x);
      return { logProb, ...slopes(logProb, a, b), sample: law.sample(noise), entropy: law.entropy() };
    },
    x: reals,
  },
  {
    name: "mixture",
    run: (a, b, x, noise, other) => {
      const law = d.mixture(a, d.normal({ mean: b, logStdDev: a.mul(0.5) }));
      const logProb = law.logProb(x);
      return {
        logProb,
        ...slopes(logProb, a, b),
        sample: law.sample({ choice: other, components: noise }),
        cdf: law.cdf(x),
        quantiles: law.inverseCdf(other.clip(0.01, 0.99)),
      };
    },
    x: reals,
  },
];

describe("on the native runtime", () => {
  const a = float32([0.3, -1, 0.5, 2]);
  const b = float32([-0.2, 0.4, -1, 0.6]);
  const noise = normalNoise(key(1), [4]);
  const uniforms = uniformNoise(key(2), [4]);

  test.each(cases)("$name has the reference's numbers", async ({ run, x, name, ...own }) => {
    const first = /normal/.test(name) || name === "mixture" ? noise : uniforms;
    const args = [own.a ?? a, own.b ?? b, x, first, uniforms];
    const compiled = jit(run as never, runtime) as (...args: unknown[]) => Promise<unknown>;
    const found = namedLeaves<HostArray>(await compiled(...args));
    const expected = namedLeaves<HostArray>(reference(run as never)(...args));
    found.forEach(({ path, leaf }, i) => {
      const exact = toNumbers(expected[i]!.leaf);
      toNumbers(leaf).forEach((value, j) => {
        const error = Math.abs(value - exact[j]!) / (1 + Math.abs(exact[j]!));
        expect([path, j, value, error < 2e-5 ? true : exact[j]]).toEqual([path, j, value, true]);
      });
    });
  });

  test("256 bins of a discretised logistic sum to one in single precision", async () => {
    const bins = float32(Array.from({ length: 256 }, (_, k) => k / 255));
    const total = jit(
      (m: Tensor, s: Tensor, x: Tensor) => d.discretizedLogistic({ mean: m, logScale: s }).logProb(x).exp().sum(),
      runtime,
    );
    for (const [mean, logScale] of [
      [0.5, -3],
      [0.02, -7],
      [1.3, -2],
      [0.5, 4],
    ])
      expect(Math.abs(toNumbers(await total(mean!, logScale!, bins))[0]! - 1)).toBeLessThan(1e-5);
  });
});
