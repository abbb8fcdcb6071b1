/** Training as a stream of events, its state, and its configuration. */
export { checkTraining, learningRateOf, optimizerNames, optimizerOf, trainingSchema } from "./config.ts";
export type { EndReason, TrainEvent } from "./events.ts";
export { type Examples, encodingFor, examples, modelSpec, type TrainingData } from "./feed.ts";
export { epochsOf, initialParams, initialState, machinery } from "./machinery.ts";
export type { TrainOptions } from "./sitting.ts";
export {
  decodeParams,
  decodeState,
  encodeParams,
  encodeState,
  evaluationParams,
  freedomOf,
  importParams,
  snapshot,
  type TrainState,
} from "./state.ts";
export { train } from "./train.ts";
