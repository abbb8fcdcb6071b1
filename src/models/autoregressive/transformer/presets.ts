import type { Named, Preset, TrainingConfig } from "../../contract.ts";

/**
 * Gradients are of nats per example, a window of T tokens: clipping at T is clipping at 1 in nats per token, which
 * nanoGPT does.
 */
const text: TrainingConfig = {
  batchSize: 12,
  optimizer: "adamw",
  learningRate: 1e-3,
  schedule: { name: "cosine", steps: 2000, floor: 0.1 },
  warmup: 100,
  weightDecay: 0.1,
  beta2: 0.99,
  clip: 64,
  validateEvery: 250,
  steps: 2000,
};

/** Named configurations of GPT. */
export const gptPresets: Named<Preset> = {
  small: {
    title: "2 layers of width 64: a minute",
    model: { layers: 2, heads: 2 },
    training: { ...text, batchSize: 32, schedule: { name: "cosine", steps: 1500, floor: 0.1 }, steps: 1500 },
    text: { context: 64 },
  },
  "nano-cpu": {
    title: "nanoGPT on a CPU: 4 layers, 4 heads, width 128, context 64, batch 12, 2,000 steps (Karpathy 2022)",
    model: { layers: 4, heads: 4, positions: "learned" },
    training: { ...text, validateEvery: 1000 },
    text: { context: 64, tokenizer: "char" },
  },
  names: {
    title: "4 layers of width 64 for lists of names (makemore's transformer, Karpathy 2022)",
    model: { layers: 4, heads: 4, headWidth: 16, norm: "rms", dropout: 0.1 },
    training: {
      ...text,
      batchSize: 64,
      learningRate: 2e-3,
      schedule: { name: "cosine", steps: 12_000, floor: 0.02 },
      ema: 0.999,
      clip: 8,
      validateEvery: 500,
      steps: 12_000,
    },
    text: { tokenizer: "char" },
  },
  hour: {
    title: "6 layers of width 192 with rotary positions, RMS norm and SwiGLU: an hour on two cores",
    model: { layers: 6, heads: 6, norm: "rms", activation: "swiglu", hidden: 512, dropout: 0.1 },
    training: {
      ...text,
      batchSize: 16,
      learningRate: 2e-3,
      schedule: { name: "cosine", steps: 3600, floor: 0.02 },
      ema: 0.998,
      clip: 256,
      validateEvery: 500,
      steps: 3600,
    },
    text: { context: 256, tokenizer: "char" },
  },
};

/** Training of image models; a step sees few images, because each is a sequence of hundreds of values. */
const images: TrainingConfig = {
  batchSize: 16,
  optimizer: "adamw",
  learningRate: 1e-3,
  schedule: { name: "cosine", steps: 8000, floor: 0.02 },
  warmup: 200,
  weightDecay: 0.01,
  beta2: 0.99,
  clip: 300,
  ema: 0.998,
  validateEvery: 500,
  steps: 8000,
};

const short: TrainingConfig = {
  ...images,
  batchSize: 8,
  learningRate: 3e-3,
  schedule: { name: "cosine", steps: 300, floor: 0.05 },
  warmup: 20,
  ema: 0.98,
  validateEvery: 100,
  steps: 300,
};

/** Named configurations of ImageGPT. */
export const imageGptPresets: Named<Preset> = {
  small: { title: "2 layers of width 32: a minute", model: { layers: 2, heads: 2, headWidth: 16 }, training: short },
  mnist: {
    title: "4 layers of width 64 on 28×28 digits: two hours on two cores",
    model: { layers: 4, heads: 4, headWidth: 16 },
    training: images,
  },
  "hotaj-2020": {
    title: "8 layers, 2 heads, 64 channels (the pytorch-generative reproduction on binarised MNIST)",
    model: { layers: 8, heads: 2, headWidth: 32 },
    training: { ...images, batchSize: 64 },
  },
};

/** Training of the Image Transformer as its authors' code has it: 4,000 steps up, then down with the root of the step. */
const parmar: Omit<TrainingConfig, "batchSize"> = {
  optimizer: "adam",
  learningRate: 1e-3,
  beta2: 0.98,
  schedule: { name: "inverse-sqrt", peak: 4000 },
  validateEvery: 5000,
  steps: 500_000,
};

/** Named configurations of the Image Transformer. */
export const imageTransformerPresets: Named<Preset> = {
  small: {
    title: "2 layers of width 32, blocks of two rows with four rows of memory: a minute",
    model: { layers: 2, heads: 2, headWidth: 16, block: 56, memory: 112 },
    training: short,
  },
  "small-2d": {
    title: "the same with rectangles of 7×14 pixels",
    model: { layers: 2, heads: 2, headWidth: 16, local: "2d", block2d: [7, 14], memory2d: [4, 7] },
    training: short,
  },
  mnist: {
    title: "6 layers of width 64, blocks of two rows with five rows of memory, on 28×28 digits: two hours on two cores",
    model: { layers: 6, heads: 4, headWidth: 16, block: 56, memory: 140 },
    training: images,
  },
  cifar: {
    title:
      "6 layers of width 96 over the pixels of 32×32 colour images, blocks of one row with two rows of memory, 10 components: 80 minutes on one core",
    model: { layers: 6, heads: 3, headWidth: 32, block: 32, memory: 64, components: 10 },
    training: {
      ...images,
      batchSize: 4,
      learningRate: 1.5e-3,
      schedule: { name: "cosine", steps: 16_000, floor: 0.02 },
      warmup: 400,
      clip: 3000,
      validateEvery: 4000,
      steps: 16_000,
    },
  },
  "parmar-2018-categorical": {
    title:
      "12 layers, 4 heads, width 512, a softmax for each value, blocks of 256 values (Parmar et al. 2018, 2.90 bits/dim)",
    model: {
      layers: 12,
      heads: 4,
      headWidth: 128,
      hidden: 2048,
      block: 256,
      memory: 256,
      activation: "relu",
      dropout: 0.3,
    },
    training: { ...parmar, batchSize: 4 },
  },
  "parmar-2018-dmol": {
    title:
      "12 layers, 8 heads, width 256, a mixture of 10 logistics for each pixel (Parmar et al. 2018, 2.90 bits/dim)",
    model: {
      layers: 12,
      heads: 8,
      headWidth: 32,
      hidden: 512,
      block: 256,
      memory: 256,
      activation: "relu",
      dropout: 0.1,
      components: 10,
    },
    training: { ...parmar, batchSize: 8 },
  },
};
