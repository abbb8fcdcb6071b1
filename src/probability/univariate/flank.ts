import { UsageError } from "../../base/errors.ts";
import type { Measured } from "./quadrature.ts";

/** A law's own density along t, and its probability beyond the reach. */
interface Bare {
  density(t: number): number;
  readonly left: number;
}

/** One side of an expectation, from the middle of the law outward along t, the logarithm of the distance. */
export interface Flank {
  /** Where part i begins, t = 0 for the first; parts are added outward one by one. */
  edge(part: number): number;
  /** What part i adds to the expectation, `whole` being the size of all so far. */
  part(i: number, whole: number): Measured;
  /** What is added for each unit of t. */
  density(t: number): number;
  /** Parts inside this t are never left out. */
  readonly least: number;
  /** The largest t at which places and values are numbers with digits enough. */
  readonly reach: number;
  /** Whether everything ends there. */
  readonly ends: boolean;
  /** Relative error of the density there. */
  readonly noise: number;
  /** Towards a finite end. */
  readonly bare?: Bare;
}

/** Parts and what lies beyond are left out below these shares of the whole. */
const NOTHING = 1e-17;
const LITTLE = 1e-14;
/** What an estimate of the rest may miss, in shares of the whole. */
const MISSING = 1e-8;
/** Most that κ may change in a unit of t where a tail counts as a power (times logarithms). */
const STEADY = 1e-3;

/** Whether the density beyond t never comes back to a size that counts: looked up at places ever further out. */
function quietBeyond({ density, reach }: Flank, t: number, whole: number): boolean {
  for (let k = 1; k <= 64; k++) if (Math.abs(density(t + ((reach - t) * k) / 64)) > LITTLE * whole) return false;
  return true;
}

/**
 * The expectation on one side. Where the density still counts at the end of its reach, it is carried on as the power of the
 * distance that it has become, e^−κt, and is infinite for κ ≤ 0; refused where it is no such power.
 */
export function alongFlank(flank: Flank, whole: number, what: string): Measured {
  let [value, size, quiet] = [0, 0, 0];
  for (let i = 0; flank.edge(i) < flank.reach; i++) {
    const part = flank.part(i, whole + size);
    value += part.value;
    size += part.size;
    if (!Number.isFinite(size)) return { value, size };
    quiet = part.size <= NOTHING * (whole + size) ? quiet + 1 : 0;
    const done = flank.edge(i + 1);
    if (quiet >= 2 && done > flank.least && quietBeyond(flank, done, whole + size)) return { value, size };
  }
  if (flank.ends) return { value, size };
  const rest = beyond(flank, whole + size, what);
  return { value: value + rest, size: size + Math.abs(rest) };
}

/** What lies beyond a place where a density falls as e^−κt: density/κ·(1 − κ′/κ²), by parts. */
function carriedOn(density: (t: number) => number, at: number) {
  const gap = Math.min(20, at / 4);
  const fall = (t: number) => Math.log(Math.abs(density(t - gap) / density(t))) / gap;
  const decay = fall(at);
  const bend = (decay - fall(at - gap)) / gap;
  const curved = bend / decay ** 2;
  return { decay, bend, rest: (density(at) / decay) * (1 - curved), missed: 4 * Math.abs(curved) ** 1.5 };
}

/**
 * What lies beyond a place where f = density/law grows in proportion to t at most, from the law's probability there and the
 * rate κ at which its own density falls: (f + f′/κ + f″/κ²) of that probability.
 */
function sharedOut(density: (t: number) => number, { density: law, left }: Bare, at: number, noise: number) {
  const decay = carriedOn(law, at).decay;
  const [last, before, first] = [at, at - 1, at - 2].map((t) => density(t) / law(t));
  const slope = (last! - before!) / decay;
  const bend = (last! - 2 * before! + first!) / decay ** 2;
  const missed = left * (Math.abs(bend) + noise * Math.abs(slope));
  return { rest: left * (last! + slope + bend), missed: decay > 0 ? missed : Number.NaN };
}

/** What lies beyond the reach. */
function beyond({ density, reach, bare, noise }: Flank, whole: number, what: string): number {
  const last = density(reach);
  if (last === 0) return 0;
  const { decay, bend, ...found } = carriedOn(density, reach);
  if (decay <= noise && Math.abs(bend) <= STEADY && noise < 1e-5) return last * Number.POSITIVE_INFINITY;
  const ways =
    decay > noise ? [{ rest: found.rest, missed: Math.abs(found.rest) * (found.missed + noise / decay) }] : [];
  if (bare && decay > noise) ways.push(sharedOut(density, bare, reach, noise));
  const good = ways
    .filter(({ rest, missed }) => Math.abs(rest) <= LITTLE * whole || missed <= MISSING * (whole + Math.abs(rest)))
    .sort((a, b) => a.missed - b.missed);
  if (good.length > 0) return good[0]!.rest;
  throw new UsageError(
    `${what} cannot be computed: the tail falls too slowly, or unlike a power, to tell what lies beyond the numbers at hand, or whether that is finite.`,
  );
}
