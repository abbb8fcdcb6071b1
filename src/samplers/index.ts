/** Draws from conditionals; nothing here knows a model. */
export { type DrawOptions, drawValue, twoLogits } from "./draw.ts";
export { type TokenChoice, tokenAt, tokenProbabilities } from "./token.ts";
