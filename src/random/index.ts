/** Splittable counter-based random numbers: every draw is a pure function of a key and a position. */
export * from "./draw.ts";
export { fillBytes, fillGumbel, fillNormal, fillUniform } from "./fill.ts";
export { fold, key, split } from "./key.ts";
export { fillBits, type Key } from "./philox.ts";
export { naturalLog, normalQuantile } from "./quantile.ts";
