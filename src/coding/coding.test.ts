import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { DataError } from "../base/errors.ts";
import { packContainer, unpackContainer } from "./container.ts";
import { expNegative, sigmoid } from "./exp.ts";
import { cumulate, frequencyOfZero, TOTAL, TOTAL_BITS, valueAt } from "./frequencies.ts";
import { RangeDecoder, RangeEncoder } from "./range.ts";
import { Rans } from "./rans.ts";

/** Logits from mild to extreme: certain, nearly impossible and impossible values. */
const logit = fc.oneof(
  fc.double({ min: -5, max: 5, noNaN: true }),
  fc.double({ min: -1000, max: 1000, noNaN: true }),
  fc.constantFrom(0, -1e9, 1e9, Number.NEGATIVE_INFINITY),
);
const distribution = fc.array(logit, { minLength: 2, maxLength: 300 }).filter((list) => list.some(Number.isFinite));
/** Distributions with the values to be coded under them. */
const message = fc.array(
  distribution.chain((logits) => fc.record({ logits: fc.constant(logits), value: fc.nat(logits.length - 1) })),
  { maxLength: 60 },
);

const cumulative = (logits: readonly number[]) => {
  const out = new Float64Array(logits.length + 1);
  cumulate(logits, 0, logits.length, out);
  return out;
};

/** Σ log₂(total/frequency): what the integer frequencies promise. */
const idealBits = (symbols: readonly { logits: number[]; value: number }[]) =>
  symbols.reduce((sum, { logits, value }) => {
    const c = cumulative(logits);
    return sum + TOTAL_BITS - Math.log2(c[value + 1]! - c[value]!);
  }, 0);

function encoded(symbols: readonly { logits: number[]; value: number }[]): Uint8Array {
  const encoder = new RangeEncoder();
  for (const { logits, value } of symbols) {
    const c = cumulative(logits);
    encoder.encode(c[value]!, c[value + 1]! - c[value]!, TOTAL_BITS);
  }
  return encoder.finish();
}

function decoded(bytes: Uint8Array, symbols: readonly { logits: number[] }[]): number[] {
  const decoder = new RangeDecoder(bytes);
  return symbols.map(({ logits }) => {
    const c = cumulative(logits);
    const value = valueAt(c, logits.length, decoder.peek(TOTAL_BITS));
    decoder.take(c[value]!, c[value + 1]! - c[value]!);
    return value;
  });
}

describe("frequencies", () => {
  it("are at least one each, add up, and follow the probabilities", () => {
    fc.assert(
      fc.property(distribution, (logits) => {
        const c = cumulative(logits);
        const most = Math.max(...logits);
        const weights = logits.map((value) => Math.exp(value - most));
        const sum = weights.reduce((a, b) => a + b, 0);
        expect(c[0]).toBe(0);
        expect(c[logits.length]).toBe(TOTAL);
        logits.forEach((_, v) => {
          expect(c[v + 1]! - c[v]!).toBeGreaterThanOrEqual(1);
          expect(Math.abs((c[v + 1]! - c[v]!) / TOTAL - weights[v]! / sum)).toBeLessThan((logits.length + 2) / TOTAL);
        });
      }),
    );
  });

  it("of two values come from their log-odds", () => {
    for (const odds of [-1e9, -40, -3, -1e-9, 0, 2, 17, 1e9]) {
      const zero = frequencyOfZero(odds);
      expect(zero).toBeGreaterThanOrEqual(1);
      expect(zero).toBeLessThan(TOTAL);
      expect(Math.abs(zero / TOTAL - 1 / (1 + Math.exp(odds)))).toBeLessThan(2 / TOTAL);
    }
  });

  it("refuse what is no distribution", () => {
    expect(() => cumulative([0, Number.NaN])).toThrow(/gives no probability/);
    expect(() => cumulative([Number.NEGATIVE_INFINITY, Number.NEGATIVE_INFINITY])).toThrow(/gives no probability/);
    expect(() => frequencyOfZero(Number.NaN)).toThrow(/gives no probability/);
  });

  it("use an exponential that is right to 10⁻¹⁴", () => {
    for (let x = 0; x > -700; x -= 0.37) expect(Math.abs(expNegative(x) / Math.exp(x) - 1)).toBeLessThan(1e-14);
    expect(expNegative(-1e9)).toBe(0);
    expect(expNegative(0)).toBe(1);
    expect(sigmoid(1e9)).toBe(1);
  });
});

describe("the range coder", () => {
  it("gives back any message under any distributions, in at most 32 bits more than they promise", () => {
    fc.assert(
      fc.property(message, (symbols) => {
        const bytes = encoded(symbols);
        expect(decoded(bytes, symbols)).toEqual(symbols.map(({ value }) => value));
        expect(8 * bytes.length).toBeLessThanOrEqual(idealBits(symbols) + 32);
      }),
      { numRuns: 300 },
    );
  });

  it("stays within a millionth of the promised length over a long message", () => {
    const encoder = new RangeEncoder();
    let ideal = 0;
    const bits = Array.from({ length: 200_000 }, (_, i) => Number((i * 2654435761) % 97 < 9));
    for (const bit of bits) {
      const zero = frequencyOfZero(-2.3);
      encoder.encode(bit === 0 ? 0 : zero, bit === 0 ? zero : TOTAL - zero, TOTAL_BITS);
      ideal += TOTAL_BITS - Math.log2(bit === 0 ? zero : TOTAL - zero);
    }
    expect(8 * encoder.finish().length).toBeLessThan(ideal * (1 + 1e-5) + 16);
  });

  it("carries through long runs of 255", () => {
    for (const frequency of [1, 2, 255, 256, 2 ** 12]) {
      const symbols = Array.from({ length: 40 }, (_, i) => ({ top: i % 7 !== 0 }));
      const encoder = new RangeEncoder();
      for (const { top } of symbols)
        encoder.encode(top ? frequency : 0, top ? TOTAL - frequency : frequency, TOTAL_BITS);
      const decoder = new RangeDecoder(encoder.finish());
      for (const { top } of symbols) {
        expect(decoder.peek(TOTAL_BITS) >= frequency).toBe(top);
        decoder.take(top ? frequency : 0, top ? TOTAL - frequency : frequency);
      }
    }
  });

  it("reads damaged streams to some end without failing", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), message, (bytes, symbols) => {
        expect(decoded(bytes, symbols)).toHaveLength(symbols.length);
      }),
    );
  });
});

describe("rANS", () => {
  it("gives back any message in the opposite order, in at most 56 bits more than promised", () => {
    fc.assert(
      fc.property(message, (symbols) => {
        const rans = new Rans();
        for (const { logits, value } of symbols) {
          const c = cumulative(logits);
          rans.push(c[value]!, c[value + 1]! - c[value]!, TOTAL_BITS);
        }
        const bytes = rans.bytes();
        expect(8 * bytes.length).toBeLessThanOrEqual(idealBits(symbols) + 56);
        const back = new Rans(bytes);
        const values = symbols.toReversed().map(({ logits }) => {
          const c = cumulative(logits);
          const value = valueAt(c, logits.length, back.peek(TOTAL_BITS));
          back.pop(c[value]!, c[value + 1]! - c[value]!, TOTAL_BITS);
          return value;
        });
        expect(values.toReversed()).toEqual(symbols.map(({ value }) => value));
        expect(back.bytes()).toEqual(new Rans().bytes());
      }),
      { numRuns: 200 },
    );
  });
});

describe("the container", () => {
  const content = { header: { model: "fvsbn", count: 3 }, streams: [Uint8Array.of(1, 2, 3), Uint8Array.of(9)] };
  const file = packContainer(content);

  it("gives back header and streams", () => {
    expect(unpackContainer(file, "f")).toEqual(content);
  });

  it("tells every truncation", () => {
    for (let length = 0; length < file.length; length++)
      expect(() => unpackContainer(file.subarray(0, length), "f.sampo"), String(length)).toThrow(DataError);
  });

  it("tells every altered byte, in one sentence", () => {
    for (let i = 0; i < file.length; i++) {
      const altered = file.slice();
      altered[i]! ^= 1 << (i % 8);
      expect(() => unpackContainer(altered, "f.sampo"), String(i)).toThrow(/^f\.sampo [^.]+\.$/);
    }
  });
});
