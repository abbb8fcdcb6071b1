/** What a model is, the registry of all of them, and how they are used. */
export { type Bound, bind, countParams, parametersOf } from "./bound.ts";
export type { Compressed, Compression, CompressOptions } from "./compression.ts";
export { type ContinueOptions, continueText } from "./continue.ts";
export {
  type AnyModel,
  type Capabilities,
  type CapabilityName,
  type ClosedForm,
  type CompleteOptions,
  can,
  capabilityNames,
  type DirectGiven,
  type DirectLearning,
  type DirectStep,
  type Examples,
  type GenerativeModel,
  type GraphFunction,
  type Learning,
  type Likelihood,
  type LikelihoodKind,
  type LogProbOptions,
  type LossInputs,
  type LossResult,
  type ModelCore,
  type ModelEntry,
  type Named,
  type NoiseLaw,
  type Numbers,
  type Params,
  type Phase,
  type Preset,
  type SampleOptions,
  type ScheduleConfig,
  type Sums,
  type TokenReader,
  type TracedParams,
  type TrainingConfig,
  type UseOptions,
} from "./contract.ts";
export { fingerprint } from "./fingerprint.ts";
export type { Causality, CausalityOptions, Inspection, InspectOptions, Surprise } from "./inspection.ts";
export { maskNames, maskOf } from "./masks.ts";
export { modelEntry, registry } from "./registry.ts";
export { textSurprise } from "./surprise-text.ts";
export { asSamples, codePaths, interpolate, reconstruct } from "./uses.ts";
export { type VaeConfig, vaeOptions } from "./vae/options.ts";
export { vaePresets } from "./vae/presets.ts";
export { type Vae, vae } from "./vae/vae.ts";
