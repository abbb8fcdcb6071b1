/** Optimisers as graph functions over trees, gradient clipping, parameter averages, and learning-rate schedules. */
export { type AdamOptions, type AdamWOptions, adam, adamax, adamW, matricesOnly } from "./adam.ts";
export { chain, clipByGlobalNorm, clipByValue, type GradientTransform, globalNorm } from "./clip.ts";
export { type Ema, ema } from "./ema.ts";
export { type LionOptions, lion } from "./lion.ts";
export type { Mask, Optimizer, Scalars, Slots, Updated, UpdateInputs } from "./optimizer.ts";
export { type Plateau, type PlateauOptions, type PlateauState, plateau } from "./plateau.ts";
export { type RmsPropOptions, rmsProp } from "./rmsprop.ts";
export {
  constantSchedule,
  cosineSchedule,
  exponentialSchedule,
  inverseSqrtSchedule,
  linearSchedule,
  type Schedule,
  stepSchedule,
  warmup,
} from "./schedules.ts";
export { type SgdOptions, sgd } from "./sgd.ts";
