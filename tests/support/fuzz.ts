import fc from "fast-check";
import { DataError } from "../../src/base/errors.ts";

/** Arbitrary bytes, and a valid file with bytes changed, cut off or appended: what a fuzz test feeds a reader. */
export function damaged(valid: Uint8Array): fc.Arbitrary<Uint8Array> {
  const position = fc.nat({ max: Math.max(0, valid.length - 1) });
  const edits = fc.array(fc.tuple(position, fc.integer({ min: 0, max: 255 })), { minLength: 1, maxLength: 4 });
  const mutated = edits.map((list) => {
    const copy = valid.slice();
    for (const [at, value] of list) copy[at] = value;
    return copy;
  });
  const truncated = position.map((length) => valid.slice(0, length));
  const extended = fc.uint8Array({ minLength: 1, maxLength: 16 }).map((tail) => Uint8Array.of(...valid, ...tail));
  const prefixed = fc
    .tuple(position, fc.uint8Array({ maxLength: 64 }))
    .map(([length, tail]) => Uint8Array.of(...valid.slice(0, length), ...tail));
  return fc.oneof(mutated, truncated, extended, prefixed, fc.uint8Array({ maxLength: 300 }));
}

/** Runs a reader over damaged input; anything but a DataError that escapes fails the property. */
export function toleratesDamage(valid: Uint8Array, read: (bytes: Uint8Array) => unknown, numRuns = 400): void {
  const property = fc.property(damaged(valid), (bytes) => {
    try {
      read(bytes);
    } catch (error) {
      if (!(error instanceof DataError)) throw error;
    }
  });
  fc.assert(property, { numRuns, seed: 20261121 });
}
