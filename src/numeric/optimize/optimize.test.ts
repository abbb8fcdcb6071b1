import { describe, expect, it } from "vitest";
import { finiteDifferences } from "../../../tests/support/statistics.ts";
import { descent, lbfgs, lbfgsSearch } from "./lbfgs.ts";
import { strongWolfe } from "./line-search.ts";
import type { Iterate, Objective } from "./objective.ts";
import { owlqn, owlqnSearch, pseudoGradient } from "./owlqn.ts";

/** Σ 100 (x₂ᵢ − x₂ᵢ₋₁²)² + (1 − x₂ᵢ₋₁)². */
const rosenbrock: Objective = (x, gradient) => {
  let sum = 0;
  for (let i = 0; i < x.length; i += 2) {
    const [a, b] = [x[i]!, x[i + 1]!];
    sum += 100 * (b - a * a) ** 2 + (1 - a) ** 2;
    gradient[i] = -400 * a * (b - a * a) - 2 * (1 - a);
    gradient[i + 1] = 200 * (b - a * a);
  }
  return sum;
};

/** ½ Σ dᵢ (xᵢ − cᵢ)², condition number as of d. */
const bowl =
  (d: readonly number[], c: readonly number[]): Objective =>
  (x, gradient) => {
    let sum = 0;
    for (let i = 0; i < x.length; i++) {
      gradient[i] = d[i]! * (x[i]! - c[i]!);
      sum += 0.5 * gradient[i]! * (x[i]! - c[i]!);
    }
    return sum;
  };

/** Mean logistic loss of six rows, not separable, with an intercept. */
const rows = [
  [1, 0.5, -1.2],
  [1, -0.3, 0.8],
  [1, 1.5, 0.1],
  [1, -1.1, -0.4],
  [1, 0.2, 1.9],
  [1, 0.9, -0.6],
];
const labels = [1, 0, 0, 0, 1, 1];
const logistic: Objective = (x, gradient) => {
  gradient.fill(0);
  let sum = 0;
  rows.forEach((row, n) => {
    const z = row.reduce((total, value, i) => total + value * x[i]!, 0);
    sum += Math.log1p(Math.exp(z)) - labels[n]! * z;
    const miss = 1 / (1 + Math.exp(-z)) - labels[n]!;
    row.forEach((value, i) => {
      gradient[i]! += miss * value;
    });
  });
  return sum;
};

const close = (x: ArrayLike<number>, expected: readonly number[], digits: number) =>
  expected.forEach((value, i) => void expect(x[i]).toBeCloseTo(value, digits));

describe("L-BFGS", () => {
  it("finds the minimum of Rosenbrock's valley from the usual start, in 2 and 20 dimensions", () => {
    for (const n of [2, 20]) {
      const found = lbfgs(
        rosenbrock,
        Float64Array.from({ length: n }, (_, i) => (i % 2 === 0 ? -1.2 : 1)),
      );
      expect(found.reason).toBe("gradient");
      close(found.x, new Array(n).fill(1), 8);
      expect(found.iteration).toBeLessThan(60);
      expect(found.evaluations).toBeLessThan(90);
    }
  });

  it("finds the minimum of a bowl a million times longer than wide", () => {
    const c = [3, -2, 0.5, 7, -1, 4];
    const found = lbfgs(bowl([1e-3, 1, 1e3, 20, 0.3, 5], c), new Float64Array(6), { tolerance: 1e-10 });
    expect(found.reason).toBe("gradient");
    close(found.x, c, 6);
  });

  it("brings gradients far below the square root of the precision although values hardly differ there", () => {
    const far: Objective = (x, gradient) => logistic(x, gradient) + 1e3;
    const found = lbfgs(far, new Float64Array(3), { tolerance: 1e-12 });
    expect(found.reason).toBe("gradient");
    expect(found.slope).toBeLessThan(1e-12);
  });

  it("solves a logistic problem as scikit-learn does", () => {
    // LogisticRegression(C=inf, tol=1e-12, solver="newton-cholesky").fit(rows[:, 1:], labels), scikit-learn 1.9.1
    const found = lbfgs(logistic, new Float64Array(3), { tolerance: 1e-11 });
    close(found.x, [-0.2131322227134631, 0.7596706491188483, -0.05426688513071099], 11);
  });

  it("goes on from any iterate with the very same numbers", () => {
    const start = Float64Array.of(-1.2, 1);
    const all: Iterate[] = [...lbfgsSearch(rosenbrock, start)];
    const middle = all[9]!;
    const rest = [...lbfgsSearch(rosenbrock, middle.x, { resume: middle })];
    expect(rest.map(({ x }) => [...x])).toEqual(all.slice(10).map(({ x }) => [...x]));
  });

  it("says why it ended: iterations used up, or no step goes down", () => {
    expect(lbfgs(rosenbrock, Float64Array.of(-1.2, 1), { iterations: 3 }).reason).toBe("limit");
    const wrong: Objective = (x, gradient) => {
      gradient[0] = -1;
      return x[0]! ** 2;
    };
    expect(lbfgs(wrong, Float64Array.of(0)).reason).toBe("line-search");
  });

  it("steps back from where the function is not finite", () => {
    const barrier: Objective = (x, gradient) => {
      gradient[0] = 1 - 1 / x[0]!;
      return x[0]! > 0 ? x[0]! - Math.log(x[0]!) : Number.NaN;
    };
    expect(lbfgs(barrier, Float64Array.of(20)).x[0]).toBeCloseTo(1, 8);
  });

  it("makes directions of Newton from pairs that span the space", () => {
    const pairs = [
      { step: Float64Array.of(1, 0), change: Float64Array.of(2, 0) },
      { step: Float64Array.of(0, 1), change: Float64Array.of(0, 5) },
    ];
    close(descent(Float64Array.of(2, 5), pairs), [-1, -1], 12);
  });
});

describe("the line search", () => {
  it("ends at strong Wolfe points of lines with far, near and many minima", () => {
    const lines: ((t: number) => [value: number, slope: number])[] = [
      (t) => [(t - 300) ** 2, 2 * (t - 300)],
      (t) => [(1e3 * t - 1) ** 2, 2e3 * (1e3 * t - 1)],
      (t) => [-t / (t * t + 2), (t * t - 2) / (t * t + 2) ** 2],
      (t) => [(t + 0.004) ** 5 - 2 * (t + 0.004) ** 4, 5 * (t + 0.004) ** 4 - 8 * (t + 0.004) ** 3],
      (t) => [Math.cos(5 * t) - t - 1 + (t * t) / 2, -5 * Math.sin(5 * t) - 1 + t],
    ];
    for (const fn of lines)
      for (const first of [1e-3, 1, 30])
        for (const flatness of [0.9, 0.1]) {
          const [value, slope] = fn(0);
          let last = Number.NaN;
          const at = (step: number) => {
            last = step;
            return { step, value: fn(step)[0], slope: fn(step)[1] };
          };
          const spot = strongWolfe(at, { value, slope }, first, { flatness })!;
          expect(spot.value).toBeLessThanOrEqual(value + 1e-4 * spot.step * slope);
          expect(Math.abs(spot.slope)).toBeLessThanOrEqual(flatness * Math.abs(slope));
          expect(last).toBe(spot.step);
        }
  });
});

describe("OWL-QN", () => {
  it("shrinks a bowl's minimum by its threshold, to exact zeros", () => {
    const found = owlqn(bowl([2, 2, 1, 4], [3, -0.2, -2, 0.1]), Float64Array.of(1, 1, 0.5, 1), new Float64Array(4));
    expect(found.reason).toBe("gradient");
    close(found.x, [2.5, 0, -1.5, 0], 8);
    expect([...found.x].filter((x) => x === 0)).toHaveLength(2);
  });

  it("solves a logistic problem with an L1 penalty to optimality, its intercept free", () => {
    const weights = Float64Array.of(0, 0.5, 0.5);
    const found = owlqn(logistic, weights, new Float64Array(3), { tolerance: 1e-10 });
    const gradient = new Float64Array(3);
    logistic(found.x, gradient);
    expect(Math.max(...pseudoGradient(found.x, gradient, weights).map(Math.abs))).toBeLessThan(1e-10);
    const whole = (x: readonly number[]) =>
      logistic(Float64Array.from(x), new Float64Array(3)) + 0.5 * Math.abs(x[1]!) + 0.5 * Math.abs(x[2]!);
    const best = whole([...found.x]);
    for (let k = 0; k < 60; k++) {
      const moved = [...found.x].map((x, i) => x + 0.01 * Math.sin(7 * k + 13 * i));
      expect(whole(moved)).toBeGreaterThanOrEqual(best);
    }
  });

  it("is L-BFGS where nothing is penalised, and goes on from any iterate", () => {
    const none = new Float64Array(2);
    close(owlqn(rosenbrock, none, Float64Array.of(-1.2, 1)).x, [1, 1], 7);
    const weights = Float64Array.of(0.1, 0.1);
    const all = [...owlqnSearch(rosenbrock, weights, Float64Array.of(-1.2, 1))];
    const middle = all[4]!;
    const rest = [...owlqnSearch(rosenbrock, weights, middle.x, { resume: middle })];
    expect([...rest.at(-1)!.x]).toEqual([...all.at(-1)!.x]);
  });
});

it("the gradients of these tests are those of their functions", () => {
  for (const fn of [rosenbrock, logistic]) {
    const x = [0.3, -0.7, ...(fn === logistic ? [0.4] : [])];
    const gradient = new Float64Array(x.length);
    fn(Float64Array.from(x), gradient);
    const differences = finiteDifferences((at) => fn(Float64Array.from(at), new Float64Array(x.length)), x);
    close(gradient, differences, 6);
  }
});
