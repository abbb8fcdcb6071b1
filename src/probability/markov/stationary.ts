import { UsageError } from "../../base/errors.ts";
import { structureOf } from "./structure.ts";
import type { Transition } from "./transition.ts";

/** A stationary law π = πP that lives on one closed class. */
export interface StationaryLaw {
  /** Numbers of the states of the class. */
  readonly states: readonly number[];
  /** One probability for every state of the chain, 0 outside the class. */
  readonly law: Float64Array;
}

/**
 * The stationary law of an irreducible matrix by elimination of one state after the other without a subtraction, so that
 * every entry is right to rounding (Grassmann, Taksar & Heyman 1985).
 */
function eliminated(p: Float64Array, n: number): Float64Array {
  const a = p.slice();
  for (let k = n - 1; k > 0; k--) {
    let out = 0;
    for (let j = 0; j < k; j++) out += a[k * n + j]!;
    for (let i = 0; i < k; i++) {
      const share = a[i * n + k]! / out;
      a[i * n + k] = share;
      for (let j = 0; j < k; j++) a[i * n + j]! += share * a[k * n + j]!;
    }
  }
  const law = new Float64Array(n);
  law[0] = 1;
  let total = 1;
  for (let k = 1; k < n; k++) {
    for (let i = 0; i < k; i++) law[k]! += law[i]! * a[i * n + k]!;
    total += law[k]!;
  }
  return law.map((value) => value / total);
}

/** All extreme stationary laws, one for each closed class; every other is a mixture of them. */
export function stationaryLaws(transition: Transition): StationaryLaw[] {
  const { data, rows: n } = transition.matrix;
  return structureOf(transition)
    .classes.filter(({ closed }) => closed)
    .map(({ states }) => {
      const inner = Float64Array.from(states.flatMap((i) => states.map((j) => data[i * n + j]!)));
      const law = new Float64Array(n);
      eliminated(inner, states.length).forEach((value, i) => {
        law[states[i]!] = value;
      });
      return { states, law };
    });
}

const MOST_NAMED = 6;

/** `{a, b}`, cut where there are many. */
export function namesOf({ states }: Transition, members: readonly number[]): string {
  const names = members.slice(0, MOST_NAMED).map((i) => states[i]);
  return `{${names.join(", ")}${members.length > MOST_NAMED ? ", …" : ""}}`;
}

/** The stationary law of a chain that has one only; throws where there are several. */
export function stationaryLaw(transition: Transition): Float64Array {
  const laws = stationaryLaws(transition);
  if (laws.length === 1) return laws[0]!.law;
  const classes = laws.map(({ states }) => namesOf(transition, states)).join(" and ");
  throw new UsageError(
    `The chain has ${laws.length} stationary laws, one for each class it never leaves (${classes}): ask for all of them, or smooth the counts.`,
  );
}

/** Entropy of one further state in the long run, in nats: −Σ πᵢ Σ Pᵢⱼ log Pᵢⱼ (Cover & Thomas 2006, theorem 4.2.4). */
export function entropyRate(transition: Transition): number {
  const law = stationaryLaw(transition);
  const { data, rows: n } = transition.matrix;
  let sum = 0;
  for (let i = 0; i < n; i++)
    for (let j = 0; j < n; j++) {
      const p = data[i * n + j]!;
      if (p > 0) sum -= law[i]! * p * Math.log(p);
    }
  return sum;
}
