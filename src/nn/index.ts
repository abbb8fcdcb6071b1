/** Layers as functions of (parameters, input), initialisers and activations. */
export * from "./activations.ts";
export { type AttentionOptions, causalMask, crossAttention, type SelfAttention, selfAttention } from "./attention.ts";
export type { AttentionCache } from "./attention-cache.ts";
export {
  type ConvLayerOptions,
  type ConvTransposeOptions,
  conv1d,
  conv2d,
  convTranspose1d,
  convTranspose2d,
} from "./conv.ts";
export { scaledDotProduct } from "./dot-product.ts";
export { dropout } from "./dropout.ts";
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
export {
  type BatchNorm,
  type BatchNormState,
  batchNorm,
  groupNorm,
  layerNorm,
  type NormParams,
  rmsNorm,
} from "./norm.ts";
export { blocksOfPixels, type Local2d, local1d, local2d, type Pattern } from "./pattern.ts";
export { gru, lstm, lstmCell, type Recurrent, type RecurrentParams, type RecurrentState } from "./recurrent.ts";
export { type Positions, rotary } from "./rotary.ts";
export {
  type BlockOptions,
  type BlockParams,
  type Cached,
  type Drop,
  swiglu,
  type TransformerParams,
  transformer,
  transformerBlock,
} from "./transformer.ts";
export { type UNetOptions, type UNetParams, unet } from "./unet.ts";
export {
  attentionBlock2d,
  downsample2d,
  type ResnetBlockOptions,
  resnetBlock,
  sinusoidalEmbedding,
  upsample2d,
} from "./unet-blocks.ts";
export {
  asTheyAre,
  fittedParams,
  type Through,
  type WeightNorm,
  type WeightNormParams,
  weightNorm,
} from "./weight-norm.ts";
