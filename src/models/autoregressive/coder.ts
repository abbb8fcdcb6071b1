import { DataError } from "../../base/errors.ts";
import type { HostArray } from "../../base/host.ts";
import { sizeOf } from "../../base/shape.ts";
import {
  cumulate,
  cumulateWeights,
  frequencyOfZero,
  RangeDecoder,
  RangeEncoder,
  TOTAL,
  TOTAL_BITS,
  valueAt,
} from "../../coding/index.ts";

/** What is known of one variable: lane i has its numbers from offset + i·stride on. */
export interface Row {
  readonly data: Float64Array;
  readonly offset: number;
  readonly stride: number;
  /** One log-odds of 1 against 0, or a logit for each level, or a weight in proportion to each level's probability. */
  readonly law: "log-odds" | "logits" | "weights";
}

const cumulative = { logits: cumulate, weights: cumulateWeights } as const;

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
  const sums = new Float64Array(levels + 1);
  let bits = 0;
  const put = (start: number, frequency: number) => {
    encoder.encode(start, frequency, TOTAL_BITS);
    bits += TOTAL_BITS - Math.log2(frequency);
  };
  const code: Code = ({ data, offset, stride, law }, lane, at) => {
    const value = values[at]!;
    const from = offset + lane * stride;
    if (law === "log-odds") {
      const zero = frequencyOfZero(data[from]!);
      put(value === 0 ? 0 : zero, value === 0 ? zero : TOTAL - zero);
    } else {
      cumulative[law](data, from, levels, sums);
      put(sums[value]!, sums[value + 1]! - sums[value]!);
    }
    return value;
  };
  return { code, bits: () => bits, finish: () => encoder.finish() };
}

/** Reads the values back from a stream and hands each to `put` with its place. */
export function decoderOf(stream: Uint8Array, levels: number, put: (value: number, at: number) => void): Code {
  const decoder = new RangeDecoder(stream);
  const sums = new Float64Array(levels + 1);
  return ({ data, offset, stride, law }, lane, at) => {
    const from = offset + lane * stride;
    const target = decoder.peek(TOTAL_BITS);
    let value: number;
    if (law === "log-odds") {
      const zero = frequencyOfZero(data[from]!);
      value = target < zero ? 0 : 1;
      decoder.take(value * zero, value === 0 ? zero : TOTAL - zero);
    } else {
      cumulative[law](data, from, levels, sums);
      value = valueAt(sums, levels, target);
      decoder.take(sums[value]!, sums[value + 1]! - sums[value]!);
    }
    put(value, at);
    return value;
  };
}

/** Values as whole numbers; throws where one is none of the model's. */
export function numbersOf({ data, shape }: HostArray<"float32">, levels: number, unit: number): Uint32Array {
  const size = sizeOf(shape.slice(1));
  return Uint32Array.from(data, (x, i) => {
    const value = Math.round(x / unit);
    if (value >= 0 && value < levels && Math.abs(value * unit - x) < 1e-6 * Math.max(1, value)) return value;
    throw new DataError(
      `Example ${Math.floor(i / size) + 1} has the value ${x} at position ${(i % size) + 1}; only ${levels} equal steps of ${unit} from 0 on can be coded.`,
    );
  });
}

/** How many values make one model unit: v/255 is what a byte v is. */
export const perUnit = (unit: number) => Math.round(1 / unit);
