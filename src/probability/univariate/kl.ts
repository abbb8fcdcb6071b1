import { UsageError } from "../../base/errors.ts";
import { digamma, logBeta, logGamma, xlogy } from "../../numeric/special/index.ts";
import { expectation } from "./expectation.ts";
import type { Univariate } from "./univariate.ts";

/** KL(p‖q) in nats, and whether a formula or a numerical integral or sum gave it. */
export interface Divergence {
  readonly nats: number;
  readonly method: "closed form" | "numerical";
}

type Numbers = { readonly [name: string]: number };
type Closed = (p: Numbers, q: Numbers) => number;

const get = (from: Numbers, name: string): number => from[name]!;

function klNormal(p: Numbers, q: Numbers): number {
  const ratio = get(p, "stdDev") / get(q, "stdDev");
  const distance = (get(p, "mean") - get(q, "mean")) / get(q, "stdDev");
  return 0.5 * (ratio ** 2 + distance ** 2 - 1) - Math.log(ratio);
}

/** Of Gamma laws by concentration and rate; Gamma laws of the reciprocal have the same. */
function klGamma(a: number, rateA: number, b: number, rateB: number): number {
  return (a - b) * digamma(a) - logGamma(a) + logGamma(b) + b * Math.log(rateA / rateB) + (a * (rateB - rateA)) / rateA;
}

function klLaplace(p: Numbers, q: Numbers): number {
  const distance = Math.abs(get(p, "mean") - get(q, "mean"));
  const [s, t] = [get(p, "scale"), get(q, "scale")];
  return Math.log(t / s) + distance / t + (s / t) * Math.exp(-distance / s) - 1;
}

function klBeta({ a, b }: Numbers, { a: c, b: d }: Numbers): number {
  const pulls = (a! - c!) * digamma(a!) + (b! - d!) * digamma(b!);
  return logBeta(c!, d!) - logBeta(a!, b!) + pulls + (c! + d! - a! - b!) * digamma(a! + b!);
}

/** x log(x/y) with 0 log 0 = 0 and infinity for y = 0 < x. */
const term = (x: number, y: number) => (x === 0 ? 0 : xlogy(x, x / y));

const klBernoulli: Closed = ({ probability: p }, { probability: q }) => term(p!, q!) + term(1 - p!, 1 - q!);

function klUniform(p: Numbers, q: Numbers): number {
  const inside = get(p, "low") >= get(q, "low") && get(p, "high") <= get(q, "high");
  const width = (of: Numbers) => get(of, "high") - get(of, "low");
  return inside ? Math.log(width(q) / width(p)) : Number.POSITIVE_INFINITY;
}

const closedForms: { readonly [family: string]: Closed } = {
  normal: klNormal,
  logNormal: klNormal,
  laplace: klLaplace,
  uniform: klUniform,
  beta: klBeta,
  bernoulli: klBernoulli,
  exponential: ({ rate: r }, { rate: s }) => Math.log(r! / s!) + s! / r! - 1,
  gamma: (p, q) => klGamma(get(p, "concentration"), get(p, "rate"), get(q, "concentration"), get(q, "rate")),
  inverseGamma: (p, q) => klGamma(get(p, "concentration"), get(p, "scale"), get(q, "concentration"), get(q, "scale")),
  chiSquare: ({ freedom: p }, { freedom: q }) => klGamma(p! / 2, 0.5, q! / 2, 0.5),
  poisson: ({ rate: r }, { rate: s }) => term(r!, s!) + s! - r!,
  geometric: (p, q) => klBernoulli(p, q) / get(p, "probability"),
};

/** Formulas that hold only where one parameter is shared. */
const shared: { readonly [family: string]: readonly [parameter: string, kl: Closed] } = {
  binomial: ["trials", (p, q) => get(p, "trials") * klBernoulli(p, q)],
  negativeBinomial: ["successes", (p, q) => (get(p, "successes") * klBernoulli(p, q)) / get(p, "probability")],
};

function closedForm(p: Univariate, q: Univariate): number | undefined {
  if (p.family !== q.family) return undefined;
  const [a, b] = [p.parameters as Numbers, q.parameters as Numbers];
  const [parameter, formula] = shared[p.family] ?? [];
  if (formula) return a[parameter!] === b[parameter!] ? formula(a, b) : undefined;
  return closedForms[p.family]?.(a, b);
}

/**
 * KL(p‖q) = E_p log p(X)/q(X): by a formula where both laws are of one family that has one, else numerically (relative
 * accuracy about 1e-8). Infinite where p has mass that q has not or the tails of p are too heavy for q; refused where a tail
 * falls too slowly to tell.
 */
export function kl(p: Univariate, q: Univariate): Divergence {
  if (p.kind !== q.kind)
    throw new UsageError(`KL needs two discrete or two continuous laws; got ${p.family} and ${q.family}.`);
  const closed = closedForm(p, q);
  if (closed !== undefined) return { nats: closed, method: "closed form" };
  const beyond = q.support[0] > p.support[0] || q.support[1] < p.support[1];
  const nats = beyond
    ? Number.POSITIVE_INFINITY
    : expectation(p, (x) => p.logProb(x) - q.logProb(x), [...q.breaks, q.mode]);
  return { nats, method: "numerical" };
}
