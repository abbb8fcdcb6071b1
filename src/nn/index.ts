/** Layers as functions of (parameters, input), initialisers and activations. */
export * from "./activations.ts";
export {
  type ConvLayerOptions,
  type ConvTransposeOptions,
  conv1d,
  conv2d,
  convTranspose1d,
  convTranspose2d,
} from "./conv.ts";
export * from "./initializers.ts";
export { embedding, linear, type MlpOptions, mlp, type WeightOptions, type WeightParams } from "./linear.ts";
export {
  initAll,
  type Layer,
  type Module,
  type ParamsOf,
  type ParamsOfAll,
  residual,
  sequential,
  stateless,
  type Traced,
} from "./module.ts";
