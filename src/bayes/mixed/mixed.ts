import { DataError, UsageError } from "../../base/errors.ts";
import { unknownName } from "../../base/suggest.ts";
import { cholesky, type Matrix, square } from "../../numeric/linear/index.ts";
import { checkNetwork } from "../check.ts";
import { dagFrom, topologicalOrder } from "../graph/index.ts";
import type { Network } from "../network.ts";
import { type CountNode, type OpenCount, openCount } from "./counts.ts";

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

/** A network of discrete variables with real ones and counts below them; only real ones have real parents. */
export interface MixedNetwork {
  readonly name: string;
  readonly discrete: Network;
  readonly gaussian: readonly GaussianNode[];
  readonly counts?: readonly CountNode[];
}

/** Places of discrete parents among the discrete nodes, with the strides of their states. */
type Given = readonly { readonly place: number; readonly stride: number }[];

/** A mixed network ready for use: real nodes with parents first, their parents by place. */
export interface CheckedMixed {
  readonly network: MixedNetwork;
  readonly ordered: readonly {
    readonly node: GaussianNode;
    readonly place: number;
    readonly parents: readonly number[];
    readonly given: Given;
  }[];
  /** The counts, in the order of the network. */
  readonly counts: readonly { readonly node: CountNode; readonly given: Given; readonly laws: readonly OpenCount[] }[];
}

/** Checks a mixed network: names, regimes, noise, laws, cycles. */
export function checkMixed(network: MixedNetwork): CheckedMixed {
  checkNetwork(network.discrete);
  const { discrete, gaussian, counts = [] } = network;
  const names = gaussian.map(({ name }) => name);
  checkNames(
    discrete.nodes.map(({ variable }) => variable.name),
    names,
    counts.map(({ name }) => name),
  );
  const order = topologicalOrder(dagFrom(gaussian.map(({ name, parents }) => [name, parents] as const)));
  const ordered = order.map((place) => {
    const node = gaussian[place]!;
    const given = givenOf(discrete, node, node.regimes.length, "regressions");
    checkRegimes(node);
    return { node, place, parents: node.parents.map((name) => names.indexOf(name)), given };
  });
  const opened = counts.map((node) => {
    const given = givenOf(discrete, node, node.laws.length, "laws");
    return { node, given, laws: node.laws.map(openCount) };
  });
  return { network, ordered, counts: opened };
}

/** Throws where a variable is of two kinds, or two counts have one name. */
function checkNames(discrete: readonly string[], real: readonly string[], counts: readonly string[]): void {
  const clash = (names: readonly string[], others: readonly string[], kinds: string) => {
    const both = names.find((name) => others.includes(name));
    if (both !== undefined) throw new UsageError(`"${both}" is both ${kinds} variable; give it one kind.`);
  };
  clash(real, discrete, "a discrete and a real");
  clash(counts, discrete, "a discrete and a count");
  clash(counts, real, "a real and a count");
  const twice = counts.find((name, i) => counts.indexOf(name) < i);
  if (twice !== undefined) throw new UsageError(`Two counts are named "${twice}"; give each a name of its own.`);
}

/** The discrete parents of a node, which has one of `what` for each combination of their states. */
function givenOf(
  { nodes }: Network,
  { name, given }: { readonly name: string; readonly given: readonly string[] },
  count: number,
  what: string,
): Given {
  const names = nodes.map(({ variable }) => variable.name);
  let stride = 1;
  const found = [...given].reverse().map((parent) => {
    const place = names.indexOf(parent);
    if (place < 0) throw new UsageError(unknownName("discrete variable", parent, names));
    const own = { place, stride };
    stride *= nodes[place]!.variable.states.length;
    return own;
  });
  if (count === stride) return found;
  throw new UsageError(
    `"${name}" needs ${stride} ${what}, one for each state of its discrete parents; it has ${count}.`,
  );
}

function checkRegimes({ name, parents, regimes }: GaussianNode): void {
  for (const { coefficients, variance } of regimes) {
    if (coefficients.length !== parents.length)
      throw new UsageError(`"${name}" has ${parents.length} real parents and ${coefficients.length} coefficients.`);
    if (!(variance > 0 && variance < Number.POSITIVE_INFINITY))
      throw new DataError(`The variance of "${name}" is ${variance}; it must be above zero.`);
  }
}

/** Which combination of a node's discrete parents the states of the discrete nodes are. */
const combinationOf = (given: Given, states: ArrayLike<number>) =>
  given.reduce((at, { place, stride }) => at + states[place]! * stride, 0);

/** The regime of a real node for states of the discrete nodes. */
export function regimeOf({ node, given }: CheckedMixed["ordered"][number], states: ArrayLike<number>): Regime {
  return node.regimes[combinationOf(given, states)]!;
}

/** The law of a count for states of the discrete nodes. */
export function countLawOf({ laws, given }: CheckedMixed["counts"][number], states: ArrayLike<number>): OpenCount {
  return laws[combinationOf(given, states)]!;
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
