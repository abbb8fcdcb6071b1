import type { DataSpec } from "../../../data/types.ts";
import { unitOf } from "../../autoregressive/factorisation.ts";

/** An example as n-grams see it: `lead` tokens of history, then its own. */
export interface Sequence {
  readonly tokens: Int32Array;
  readonly lead: number;
  /** Places of the first modelled token and after the last. */
  readonly first: number;
  readonly end: number;
}

/**
 * How examples become sequences. Before a line stand n − 1 boundary tokens (its own first one is the last of them), before
 * an image n − 1 zeros; a window of text has what it has: its first conditionals look back on less.
 */
export function sequences(data: DataSpec, order: number) {
  const { boundary } = data;
  const unit = unitOf(data);
  const given = data.values === "tokens";
  const lead = !given ? order - 1 : boundary === undefined ? 0 : Math.max(0, order - 2);
  const lengthOf = (own: Int32Array) => {
    const end = boundary === undefined ? -1 : own.indexOf(boundary, 1);
    return end === -1 ? own.length - 1 : end;
  };
  const of = (x: Float32Array): Sequence => {
    const tokens = new Int32Array(lead + x.length).fill(boundary ?? 0);
    for (let i = 0; i < x.length; i++) tokens[lead + i] = Math.round(x[i]! / unit);
    const own = tokens.subarray(lead);
    const first = lead + (given ? 1 : 0);
    return { tokens, lead, first, end: first + (given ? lengthOf(own) : own.length) };
  };
  return {
    boundary,
    given,
    of,
    /** Writes a sequence back as an example in model units. */
    write: ({ tokens }: Sequence, x: Float32Array): void => {
      for (let i = 0; i < x.length; i++) x[i] = tokens[lead + i]! * unit;
    },
    /** A window that goes on where the one before ended (they share a token), with that one's tokens before it. */
    after: (tail: readonly number[], x: Float32Array): Sequence => {
      const own = of(x);
      if (!given || boundary !== undefined || tail.at(-1) !== own.tokens[0]) return own;
      const tokens = Int32Array.from([...tail.slice(0, -1), ...own.tokens]);
      const before = tail.length - 1;
      return { tokens, lead: before, first: before + own.first, end: before + own.end };
    },
    /** What stands before the first token that is read. */
    opening: (): number[] => new Array<number>(lead).fill(boundary ?? 0),
  };
}
