/** Draws from conditionals; nothing here knows a model. */
export { type DrawOptions, drawValue, twoLogits } from "./draw.ts";
