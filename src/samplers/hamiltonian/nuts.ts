import type { Uniforms } from "../uniforms.ts";
import type { Metric } from "./metric.ts";
import { type Asking, dot, energy, leapfrog, type Phase, plus } from "./phase.ts";

/** What one transition did. */
export interface Transition {
  readonly phase: Phase;
  /** Mean of min(1, e^(H₀ − H)) over the states visited: what the step size is adapted to. */
  readonly acceptance: number;
  readonly leapfrogs: number;
  /** Doublings of the trajectory; 0 for plain HMC. */
  readonly depth: number;
  /** Whether the energy rose by more than 1000 nats or was no number: the integrator lost the trajectory. */
  readonly divergent: boolean;
  readonly energy: number;
}

/** How far energy may rise before the trajectory counts as lost, in nats. */
export const LOST = 1000;

/** One end of a piece of trajectory: its momentum p and p♯ = M⁻¹p. */
interface End {
  readonly momentum: Float64Array;
  readonly sharp: Float64Array;
}

/** A piece of trajectory: its ends in time, Σ p, log Σ e^(H₀ − H), and one of its states drawn by those weights. */
interface Piece {
  readonly left: End;
  readonly right: End;
  readonly sum: Float64Array;
  readonly logWeight: number;
  readonly sample: Phase;
}

const logAdd = (a: number, b: number) => Math.max(a, b) + Math.log1p(Math.exp(-Math.abs(a - b)));

/** Whether a piece still grows in length: p♯ at both ends points along Σ p = a + b. arXiv 1701.02434, A.4.2. */
const grows = (left: End, right: End, a: Float64Array, b: Float64Array) =>
  dot(left.sharp, a) + dot(left.sharp, b) > 0 && dot(right.sharp, a) + dot(right.sharp, b) > 0;

/**
 * Whether two neighbouring pieces together still grow, also across their seam (each with the first state of the other),
 * without which nearly independent normals are integrated round and round.
 */
function growTogether(left: Piece, right: Piece): boolean {
  return (
    grows(left.left, right.right, left.sum, right.sum) &&
    grows(left.left, right.left, left.sum, right.left.momentum) &&
    grows(left.right, right.right, right.sum, left.right.momentum)
  );
}

/** Joins a piece with the one that continues it; `chance` tells the probability of the newer piece's sample. */
function join(
  older: Piece,
  newer: Piece,
  forward: boolean,
  uniforms: Uniforms,
  chance: (total: number) => number,
): Piece {
  const [left, right] = forward ? [older, newer] : [newer, older];
  const logWeight = logAdd(older.logWeight, newer.logWeight);
  const sample = uniforms.next() < Math.exp(chance(logWeight)) ? newer.sample : older.sample;
  return { left: left.left, right: right.right, sum: plus(left.sum, 1, right.sum), logWeight, sample };
}

/** What a transition counts as it goes. */
interface Tally {
  leapfrogs: number;
  acceptance: number;
  divergent: boolean;
}

/** A trajectory in the making. */
interface Journey {
  readonly metric: Metric;
  readonly start: number;
  readonly uniforms: Uniforms;
  readonly tally: Tally;
}

function leaf(phase: Phase, { metric, start }: Journey): Piece {
  const sharp = metric.velocity(phase.momentum);
  const end = { momentum: phase.momentum, sharp };
  const logWeight = start - (0.5 * dot(phase.momentum, sharp) - phase.value);
  return { left: end, right: end, sum: phase.momentum, logWeight, sample: phase };
}

/**
 * 2^depth further states from `from`; undefined when the trajectory diverges or any of its aligned parts turns back.
 * Equal neighbours are joined as they become complete, like the digits of a binary counter: the recursion of
 * arXiv 1111.4246 without recursion. Also returns the last state, where the trajectory goes on.
 */
function* grow(
  from: Phase,
  step: number,
  depth: number,
  journey: Journey,
): Asking<{ piece: Piece; last: Phase } | undefined> {
  const { tally, uniforms } = journey;
  const complete: Piece[] = [];
  let last = from;
  for (let count = 1; count <= 2 ** depth; count++) {
    last = yield* leapfrog(last, step, journey.metric);
    let piece = leaf(last, journey);
    tally.leapfrogs++;
    tally.acceptance += piece.logWeight > 0 ? 1 : Number.isNaN(piece.logWeight) ? 0 : Math.exp(piece.logWeight);
    if (!(piece.logWeight > -LOST)) {
      tally.divergent = true;
      return undefined;
    }
    for (let digit = count; digit % 2 === 0; digit /= 2) {
      const older = complete.pop()!;
      if (!(step > 0 ? growTogether(older, piece) : growTogether(piece, older))) return undefined;
      const { logWeight } = piece;
      piece = join(older, piece, step > 0, uniforms, (total) => logWeight - total);
    }
    complete.push(piece);
  }
  return { piece: complete[0]!, last };
}

/**
 * One transition of the No-U-Turn sampler (Hoffman and Gelman 2014, arXiv 1111.4246) with multinomial sampling along the
 * trajectory and the generalised criterion (Betancourt 2017, arXiv 1701.02434): the trajectory doubles, forwards or
 * backwards in time, until it would turn back, diverge or exceed 2^maxDepth states.
 */
export function* nutsTransition(
  from: Phase,
  step: number,
  metric: Metric,
  uniforms: Uniforms,
  maxDepth: number,
): Asking<Transition> {
  const tally: Tally = { leapfrogs: 0, acceptance: 0, divergent: false };
  const journey: Journey = { metric, start: energy(from, metric), uniforms, tally };
  let whole = leaf(from, journey);
  const ends = { left: from, right: from };
  let depth = 0;
  while (depth < maxDepth) {
    const forward = uniforms.next() < 0.5;
    const side = forward ? "right" : "left";
    const grown = yield* grow(ends[side], forward ? step : -step, depth, journey);
    if (!grown) break;
    depth++;
    ends[side] = grown.last;
    const { piece } = grown;
    const before = whole;
    whole = join(before, piece, forward, uniforms, () => piece.logWeight - before.logWeight);
    if (!(forward ? growTogether(before, piece) : growTogether(piece, before))) break;
  }
  const { sample } = whole;
  const acceptance = tally.acceptance / Math.max(1, tally.leapfrogs);
  return { phase: sample, ...tally, acceptance, depth, energy: energy(sample, metric) };
}
