import { concat, type Tensor } from "../graph/index.ts";
import { fold, type Key } from "../random/index.ts";
import { silu } from "./activations.ts";
import { conv2d } from "./conv.ts";
import { zeros } from "./initializers.ts";
import { mlp, type WeightParams } from "./linear.ts";
import { initAll, type Module, type Traced } from "./module.ts";
import { groupNorm, groupsFor, type NormParams } from "./norm.ts";
import {
  type AttentionBlock2dParams,
  attentionBlock2d,
  downsample2d,
  type ResnetBlockParams,
  resnetBlock,
  sinusoidalEmbedding,
  upsample2d,
} from "./unet-blocks.ts";

/** Options of {@link unet}. */
export interface UNetOptions {
  /** Channels of the image that goes in and of the one that comes out. */
  readonly inputs: number;
  readonly outputs: number;
  /** Channels of the finest level; level i has channels·multipliers[i]. */
  readonly channels: number;
  readonly multipliers: readonly number[];
  /** Residual blocks per level on the way down; one more on the way up. */
  readonly blocks?: number;
  /** Levels with self-attention, 0 the finest; the middle always has it. */
  readonly attention?: readonly number[];
  readonly heads?: number;
  readonly groups?: number;
  /** Width of an extra condition vector [N, width] (a class embedding) added to the time embedding. */
  readonly condition?: number;
}

/** A residual block, perhaps followed by attention. */
export type StageParams = { residual: ResnetBlockParams; attention?: AttentionBlock2dParams };

/** One resolution: its stages, and the step to the next resolution except at the last. */
export type LevelParams = { stages: StageParams[]; resample?: WeightParams };

/** Parameters of {@link unet}. */
export type UNetParams = {
  time: WeightParams[];
  condition?: WeightParams[];
  input: WeightParams;
  down: LevelParams[];
  middle: { before: StageParams; after: StageParams };
  up: LevelParams[];
  norm: NormParams;
  output: WeightParams;
};

/** A residual block and, where asked, attention after it. */
function stage(inputs: number, outputs: number, attends: boolean, options: UNetOptions) {
  const { heads = 1, groups = 8 } = options;
  const embedding = 4 * options.channels;
  const residual = resnetBlock({ inputs, outputs, embedding, groups });
  const attention = attends ? attentionBlock2d(outputs, heads, groups) : undefined;
  return {
    init: (key: Key): StageParams => initAll({ residual, ...(attention && { attention }) }, key) as StageParams,
    apply: (params: Traced<StageParams>, x: Tensor, time: Tensor): Tensor => {
      const y = residual.apply(params.residual, x, time);
      return attention && params.attention ? attention.apply(params.attention, y) : y;
    },
  };
}

type Stage = ReturnType<typeof stage>;

/** One resolution of either half. */
interface Level {
  readonly stages: readonly Stage[];
  readonly resample?: Module<WeightParams>;
}

const initLevel = ({ stages, resample }: Level, key: Key): LevelParams => ({
  stages: stages.map((part, i) => part.init(fold(key, i))),
  ...(resample && { resample: resample.init(fold(key, "resample")) }),
});

/** The levels on the way down, finest first, and the channels of all that the way up will see again. */
function downLevels(options: UNetOptions): { levels: Level[]; skips: number[] } {
  const { channels, multipliers, blocks = 2, attention = [] } = options;
  const skips = [channels];
  let current = channels;
  const levels = multipliers.map((factor, level) => {
    const stages = Array.from({ length: blocks }, () => {
      const part = stage(current, channels * factor, attention.includes(level), options);
      current = channels * factor;
      skips.push(current);
      return part;
    });
    if (level === multipliers.length - 1) return { stages };
    skips.push(current);
    return { stages, resample: downsample2d(current) };
  });
  return { levels, skips };
}

/** The levels on the way up, coarsest first; every stage takes one array of the way down beside its input. */
function upLevels(options: UNetOptions, skips: number[]): Level[] {
  const { channels, multipliers, blocks = 2, attention = [] } = options;
  let current = channels * multipliers[multipliers.length - 1]!;
  return multipliers.map((_, i) => {
    const level = multipliers.length - 1 - i;
    const width = channels * multipliers[level]!;
    const stages = Array.from({ length: blocks + 1 }, () => {
      const part = stage(current + skips.pop()!, width, attention.includes(level), options);
      current = width;
      return part;
    });
    return level === 0 ? { stages } : { stages, resample: upsample2d(current) };
  });
}

/**
 * U-Net of diffusion models: (x [N, inputs, H, W], t [N], condition [N, width]?) → [N, outputs, H, W]; H and W divide by
 * 2^(levels − 1). Ronneberger et al. 2015, arXiv 1505.04597; Ho et al. 2020, arXiv 2006.11239, appendix B.
 */
export function unet(options: UNetOptions): Module<UNetParams, [x: Tensor, t: Tensor, condition?: Tensor]> {
  const { inputs, outputs, channels, multipliers, groups = 8 } = options;
  const width = 4 * channels;
  const { levels: down, skips } = downLevels(options);
  const deepest = channels * multipliers[multipliers.length - 1]!;
  const before = stage(deepest, deepest, true, options);
  const after = stage(deepest, deepest, false, options);
  const up = upLevels(options, [...skips]);
  const last = channels * multipliers[0]!;
  const parts = {
    time: mlp([channels, width, width], "silu"),
    ...(options.condition !== undefined && { condition: mlp([options.condition, width, width], "silu") }),
    input: conv2d(inputs, channels, 3, { padding: 1 }),
    norm: groupNorm(last, groupsFor(last, groups)),
    output: conv2d(last, outputs, 3, { padding: 1, weight: zeros }),
  };
  const embed = (params: Traced<UNetParams>, t: Tensor, condition?: Tensor) => {
    const time = parts.time.apply(params.time, sinusoidalEmbedding(t, channels));
    if (!parts.condition || !params.condition || !condition) return time;
    return time.add(parts.condition.apply(params.condition, condition));
  };
  return {
    init: (key) => ({
      ...(initAll(parts, key) as Pick<UNetParams, "time" | "condition" | "input" | "norm" | "output">),
      down: down.map((level, i) => initLevel(level, fold(fold(key, "down"), i))),
      middle: initAll({ before, after }, fold(key, "middle")),
      up: up.map((level, i) => initLevel(level, fold(fold(key, "up"), i))),
    }),
    apply: (params, x, t, condition) => {
      const time = embed(params, t, condition);
      let y = parts.input.apply(params.input, x);
      const held = [y];
      down.forEach(({ stages, resample }, i) => {
        const p = params.down[i]!;
        stages.forEach((part, j) => {
          y = part.apply(p.stages[j]!, y, time);
          held.push(y);
        });
        if (!resample || !p.resample) return;
        y = resample.apply(p.resample, y);
        held.push(y);
      });
      y = after.apply(params.middle.after, before.apply(params.middle.before, y, time), time);
      up.forEach(({ stages, resample }, i) => {
        const p = params.up[i]!;
        stages.forEach((part, j) => {
          y = part.apply(p.stages[j]!, concat([y, held.pop()!], 1), time);
        });
        if (resample && p.resample) y = resample.apply(p.resample, y);
      });
      return parts.output.apply(params.output, silu(parts.norm.apply(params.norm, y)));
    },
  };
}
