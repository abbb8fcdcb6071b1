import { UsageError } from "../../base/errors.ts";
import { sizeOf } from "../../base/shape.ts";
import type { DataSpec } from "../../data/types.ts";
import { concat, type Tensor } from "../../graph/index.ts";
import {
  activation,
  conv2d,
  convTranspose2d,
  glorotUniform,
  type Initializer,
  type Layer,
  type Module,
  mlp,
  sequential,
  stateless,
} from "../../nn/index.ts";
import { fold } from "../../random/index.ts";
import type { VaeConfig } from "./options.ts";

/** q(z|x): mean and logarithm of the variance, each [n, latent]. */
export interface Code {
  readonly mean: Tensor;
  readonly logVar: Tensor;
}

/** Any parameters: the shape of the tree depends on the configuration. */
export type AnyModule<I extends readonly unknown[], O> = Module<unknown, I, O>;

/** Encoder and decoder of a configuration for data of a shape. */
export interface Networks {
  readonly encoder: AnyModule<[x: Tensor, labels?: Tensor], Code>;
  /** From codes [n, latent] to raw outputs [n, outputs, size of an example]. */
  readonly decoder: AnyModule<[z: Tensor, labels?: Tensor], Tensor>;
}

/** Builds both networks; `outputs` is the number of parameters of p(x|z) for each element of x. */
export function networks(config: VaeConfig, data: DataSpec, outputs: number): Networks {
  const classes = config.conditional ? (data.classes?.length ?? 0) : 0;
  return config.network === "conv"
    ? convNetworks(config, data, outputs, classes)
    : mlpNetworks(config, data, outputs, classes);
}

const withLabels = (x: Tensor, labels?: Tensor): Tensor => (labels ? concat([x, labels], -1) : x);

function asCode(raw: Tensor): Code {
  const [mean, logVar] = raw.split(2, -1);
  return { mean: mean!, logVar: logVar! };
}

function mlpNetworks(config: VaeConfig, data: DataSpec, outputs: number, classes: number): Networks {
  const size = sizeOf(data.shape);
  const { hidden, latent, activation: act } = config;
  const encoder = mlp([size + classes, ...hidden, 2 * latent], act);
  const decoder = mlp([latent + classes, ...hidden.toReversed(), outputs * size], act, {
    output: locationsOnly(outputs),
  });
  return {
    encoder: {
      init: encoder.init,
      apply: (params, x, labels) => asCode(encoder.apply(params as never, withLabels(x.flatten(1), labels))),
    },
    decoder: {
      init: decoder.init,
      apply: (params, z, labels) =>
        decoder.apply(params as never, withLabels(z, labels)).reshape([z.shape[0]!, outputs, size]),
    },
  };
}

/**
 * Glorot's uniform for the last layer, whose outputs (axis 1 of its weight) are the locations of all elements followed by
 * their scales: the scales begin at one value for every code, since a narrow one by chance makes a loss of millions.
 */
function locationsOnly(outputs: number): Initializer {
  return (key, shape, fans) => {
    const weight = glorotUniform(key, shape, fans);
    const [width, inner] = [shape[1]!, sizeOf(shape.slice(2))];
    for (let i = 0; i < weight.size; i++) if (Math.floor(i / inner) % width >= width / outputs) weight.data[i] = 0;
    return weight;
  };
}

/** Height and width after the encoder's convolutions, each of which halves them. */
function bottom(data: DataSpec, depth: number): [number, number] {
  const [, height = 0, width = 0] = data.shape;
  const scale = 2 ** depth;
  if (data.shape.length !== 3 || height % scale !== 0 || width % scale !== 0)
    throw new UsageError(
      `network conv with ${depth} channel sizes needs images [channels, height, width] divisible by ${scale}, got [${data.shape}]: use --set network=mlp, fewer channels, or --size`,
    );
  return [height / scale, width / scale];
}

const strided = { stride: 2, padding: 1 } as const;

function convNetworks(config: VaeConfig, data: DataSpec, outputs: number, classes: number): Networks {
  const { channels, hidden, latent, activation: act } = config;
  const [height, width] = bottom(data, channels.length);
  const colours = data.shape[0]!;
  const size = sizeOf(data.shape);
  const top = channels.at(-1) ?? colours;
  const fn = activation(act);
  const sizes = [colours, ...channels];
  const down: Layer = sequential(
    ...channels.flatMap((out, i) => [conv2d(sizes[i]!, out, 4, strided) as Layer, stateless(fn) as Layer]),
  );
  const upward = [outputs * colours, ...channels];
  const up: Layer = sequential(
    ...channels.flatMap((_, i) => {
      const level = channels.length - i;
      const options = level === 1 ? { ...strided, weight: locationsOnly(outputs) } : strided;
      const layer = convTranspose2d(upward[level]!, upward[level - 1]!, 4, options) as Layer;
      return level === 1 ? [layer] : [layer, stateless(fn) as Layer];
    }),
  );
  const flat = top * height * width;
  const head = mlp([flat + classes, ...hidden, 2 * latent], act);
  const foot = mlp([latent + classes, ...hidden.toReversed(), flat], act, { activateLast: true });
  return {
    encoder: pair(down, head, (convolved, code, x, labels) =>
      asCode(code(withLabels(convolved(x).flatten(1), labels))),
    ),
    decoder: pair(up, foot, (convolved, code, z, labels) =>
      convolved(code(withLabels(z, labels)).reshape([z.shape[0]!, top, height, width])).reshape([
        z.shape[0]!,
        outputs,
        size,
      ]),
    ),
  };
}

type Apply = (x: Tensor) => Tensor;

/** A module of convolutions and fully connected layers, parameters under `conv` and `dense`. */
function pair<O>(
  conv: Layer,
  dense: ReturnType<typeof mlp>,
  join: (conv: Apply, dense: Apply, x: Tensor, labels?: Tensor) => O,
): AnyModule<[x: Tensor, labels?: Tensor], O> {
  return {
    init: (key) => ({ conv: conv.init(fold(key, "conv")), dense: dense.init(fold(key, "dense")) }),
    apply: (params, x, labels) => {
      const given = params as { conv: never; dense: never };
      return join(
        (h) => conv.apply(given.conv, h),
        (h) => dense.apply(given.dense, h),
        x,
        labels,
      );
    },
  };
}
