/** Entropy coding: integer frequencies from log-probabilities, range coder, rANS, the container of compressed files. */
export { type Container, packContainer, unpackContainer } from "./container.ts";
export { cumulate, cumulateWeights, frequencyOfZero, TOTAL, TOTAL_BITS, valueAt } from "./frequencies.ts";
export { RangeDecoder, RangeEncoder } from "./range.ts";
export { Rans } from "./rans.ts";
