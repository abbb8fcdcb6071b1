import {
  cumulate,
  frequencyOfZero,
  RangeDecoder,
  RangeEncoder,
  TOTAL,
  TOTAL_BITS,
  valueAt,
} from "../../coding/index.ts";

/** Logits of one variable: lane i has its numbers from offset + i·stride on, one (log-odds) or one for each level. */
export interface Row {
  readonly data: Float64Array;
  readonly offset: number;
  readonly stride: number;
  readonly binary: boolean;
}

/** Codes the value that stands, or will stand, at place `at` by the logits of a lane, and returns it. */
export type Code = (row: Row, lane: number, at: number) => number;

/** An encoder of values, with the bits it has used: −log₂ of the probabilities it coded with. */
export interface Encoder {
  readonly code: Code;
  bits(): number;
  finish(): Uint8Array;
}

/** Codes given values into a new stream. */
export function encoderOf(values: ArrayLike<number>, levels: number): Encoder {
  const encoder = new RangeEncoder();
  const cumulative = new Float64Array(levels + 1);
  let bits = 0;
  const put = (start: number, frequency: number) => {
    encoder.encode(start, frequency, TOTAL_BITS);
    bits += TOTAL_BITS - Math.log2(frequency);
  };
  const code: Code = ({ data, offset, stride, binary }, lane, at) => {
    const value = values[at]!;
    const from = offset + lane * stride;
    if (binary) {
      const zero = frequencyOfZero(data[from]!);
      put(value === 0 ? 0 : zero, value === 0 ? zero : TOTAL - zero);
    } else {
      cumulate(data, from, levels, cumulative);
      put(cumulative[value]!, cumulative[value + 1]! - cumulative[value]!);
    }
    return value;
  };
  return { code, bits: () => bits, finish: () => encoder.finish() };
}

/** Reads the values back from a stream and hands each to `put` with its place. */
export function decoderOf(stream: Uint8Array, levels: number, put: (value: number, at: number) => void): Code {
  const decoder = new RangeDecoder(stream);
  const cumulative = new Float64Array(levels + 1);
  return ({ data, offset, stride, binary }, lane, at) => {
    const from = offset + lane * stride;
    const target = decoder.peek(TOTAL_BITS);
    let value: number;
    if (binary) {
      const zero = frequencyOfZero(data[from]!);
      value = target < zero ? 0 : 1;
      decoder.take(value * zero, value === 0 ? zero : TOTAL - zero);
    } else {
      cumulate(data, from, levels, cumulative);
      value = valueAt(cumulative, levels, target);
      decoder.take(cumulative[value]!, cumulative[value + 1]! - cumulative[value]!);
    }
    put(value, at);
    return value;
  };
}
