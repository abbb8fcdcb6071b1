import { DataError, UsageError } from "../../base/errors.ts";
import { unknownName } from "../../base/suggest.ts";
import { cholesky, type Matrix, square } from "../../numeric/linear/index.ts";
import { checkNetwork } from "../check.ts";
import { dagFrom, topologicalOrder } from "../graph/index.ts";
import type { Network } from "../network.ts";

/** A linear regression with normal noise. */
export interface Regime {
  readonly intercept: number;
  /** One for each real parent. */
  readonly coefficients: readonly number[];
  /** Above zero. */
  readonly variance: number;
}

/**
 * A real variable given discrete and real ones: for each combination of the discrete parents' states (`given`, the last
 * varying fastest) x = intercept + coefficients · real parents + noise. Without discrete parents it is linear-Gaussian,
 * with them conditional linear-Gaussian (Lauritzen & Wermuth 1989).
 */
export interface GaussianNode {
  readonly name: string;
  readonly parents: readonly string[];
  readonly given: readonly string[];
  readonly regimes: readonly Regime[];
}

/** A network of discrete variables and real ones below them; no discrete variable has a real parent. */
export interface MixedNetwork {
  readonly name: string;
  readonly discrete: Network;
  readonly gaussian: readonly GaussianNode[];
}

/** A mixed network ready for use: real nodes with parents first, their parents by place. */
export interface CheckedMixed {
  readonly network: MixedNetwork;
  readonly ordered: readonly {
    readonly node: GaussianNode;
    readonly place: number;
    readonly parents: readonly number[];
    /** Places of the discrete parents among the discrete nodes, with the strides of their states. */
    readonly given: readonly { readonly place: number; readonly stride: number }[];
  }[];
}

/** Checks a mixed network: names, regimes, noise, cycles. */
export function checkMixed(network: MixedNetwork): CheckedMixed {
  checkNetwork(network.discrete);
  const { nodes } = network.discrete;
  const discrete = nodes.map(({ variable }) => variable.name);
  const names = network.gaussian.map(({ name }) => name);
  const both = names.find((name) => discrete.includes(name));
  if (both !== undefined) throw new UsageError(`"${both}" is both a discrete and a real variable; give it one kind.`);
  const order = topologicalOrder(dagFrom(network.gaussian.map(({ name, parents }) => [name, parents] as const)));
  const ordered = order.map((place) => {
    const node = network.gaussian[place]!;
    let stride = 1;
    const given = [...node.given].reverse().map((name) => {
      const at = discrete.indexOf(name);
      if (at < 0) throw new UsageError(unknownName("discrete variable", name, discrete));
      const own = { place: at, stride };
      stride *= nodes[at]!.variable.states.length;
      return own;
    });
    if (node.regimes.length !== stride)
      throw new UsageError(
        `"${node.name}" needs ${stride} regressions, one for each state of its discrete parents; it has ${node.regimes.length}.`,
      );
    for (const { coefficients, variance } of node.regimes) {
      if (coefficients.length !== node.parents.length)
        throw new UsageError(
          `"${node.name}" has ${node.parents.length} real parents and ${coefficients.length} coefficients.`,
        );
      if (!(variance > 0 && variance < Number.POSITIVE_INFINITY))
        throw new DataError(`The variance of "${node.name}" is ${variance}; it must be above zero.`);
    }
    return { node, place, parents: node.parents.map((name) => names.indexOf(name)), given };
  });
  return { network, ordered };
}

/** The regime of a real node for states of the discrete nodes. */
export function regimeOf({ node, given }: CheckedMixed["ordered"][number], states: ArrayLike<number>): Regime {
  return node.regimes[given.reduce((at, { place, stride }) => at + states[place]! * stride, 0)]!;
}

/** A multivariate normal by its moments. */
export interface Moments {
  readonly mean: Float64Array;
  readonly covariance: Matrix;
}

/**
 * The joint normal of all real variables for states of the discrete ones: along the order, Cov(x, earlier) = Σ b Cov(parent,
 * earlier) and Var x = σ² + Σ b Cov(parent, x).
 */
export function jointNormal({ network, ordered }: CheckedMixed, states: ArrayLike<number> = []): Moments {
  const n = network.gaussian.length;
  const mean = new Float64Array(n);
  const data = new Float64Array(n * n);
  const done: number[] = [];
  for (const each of ordered) {
    const { place, parents } = each;
    const { intercept, coefficients, variance } = regimeOf(each, states);
    const along = (of: number) => coefficients.reduce((sum, b, i) => sum + b * data[parents[i]! * n + of]!, 0);
    mean[place] = coefficients.reduce((sum, b, i) => sum + b * mean[parents[i]!]!, intercept);
    for (const earlier of done) data[place * n + earlier] = data[earlier * n + place] = along(earlier);
    data[place * n + place] = variance + along(place);
    done.push(place);
  }
  return { mean, covariance: { rows: n, columns: n, data } };
}

/** A normal given some of its coordinates, and the log density of those. */
export function conditionNormal({ mean, covariance }: Moments, seen: ReadonlyMap<number, number>) {
  const at = [...seen.keys()];
  const n = mean.length;
  const cov = (i: number, j: number) => covariance.data[i * n + j]!;
  if (at.length === 0) return { moments: { mean, covariance }, logDensity: 0 };
  const factor = cholesky(
    square(at.length, (i, j) => cov(at[i]!, at[j]!)),
    "The covariance of what was observed",
  );
  const off = Float64Array.from(at, (i) => seen.get(i)! - mean[i]!);
  // Columns L⁻¹ Cov(seen, ·): what is left of covariances is a difference of dot products.
  const lower = (b: ArrayLike<number>) => {
    const x = Float64Array.from(b);
    for (let i = 0; i < at.length; i++) {
      for (let k = 0; k < i; k++) x[i]! -= factor.data[i * at.length + k]! * x[k]!;
      x[i]! /= factor.data[i * at.length + i]!;
    }
    return x;
  };
  const z = lower(off);
  const gains = Array.from({ length: n }, (_, j) => lower(at.map((i) => cov(i, j))));
  const dot = (a: Float64Array, b: Float64Array) => a.reduce((sum, v, i) => sum + v * b[i]!, 0);
  const known = (i: number) => seen.has(i);
  const conditioned: Moments = {
    mean: mean.map((m, j) => (known(j) ? seen.get(j)! : m + dot(gains[j]!, z))),
    covariance: square(n, (i, j) => (known(i) || known(j) ? 0 : cov(i, j) - dot(gains[i]!, gains[j]!))),
  };
  const logs = at.reduce((sum, _, i) => sum + Math.log(factor.data[i * at.length + i]!), 0);
  return { moments: conditioned, logDensity: -0.5 * dot(z, z) - logs - 0.5 * at.length * Math.log(2 * Math.PI) };
}
