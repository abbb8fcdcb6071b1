import type { HostArray } from "../../../../base/host.ts";
import type { Tensor } from "../../../../graph/index.ts";
import { dropout, linear, normal, type Through, type Traced, type WeightNormParams } from "../../../../nn/index.ts";
import { fold, type Key } from "../../../../random/index.ts";
import { concatElu, type MakeConvolution, point } from "./convolutions.ts";

/** Parameters of a residual block. */
export type BlockParams = {
  first: WeightNormParams;
  second: WeightNormParams;
  beside?: WeightNormParams;
  labels?: { weight: HostArray };
};

/** What a block reads beside its features. */
export interface Beside {
  /** Features of another stream or level. */
  readonly features?: Tensor | undefined;
  readonly labels?: Tensor | undefined;
  /** Uniforms that switch single features off [B, 2·features, H, W], and how many. */
  readonly noise?: Tensor | undefined;
  readonly rate: number;
  readonly through: Through;
}

/** A gated residual block. */
export interface Block {
  readonly init: (key: Key) => BlockParams;
  readonly apply: (params: Traced<BlockParams>, x: Tensor, beside: Beside) => Tensor;
}

/** Spread with which a block's last layer begins, so that blocks change little at first. */
const LAST_SPREAD = 0.1;

/**
 * x + a·σ(b) with [a, b] = conv(dropout(concat-elu(conv(concat-elu(x)) + 1×1(concat-elu(beside))))) + labels
 * (arXiv 1701.05517; the authors' `gated_resnet`).
 */
export function gatedBlock(features: number, conv: MakeConvolution, beside: number, classes: number): Block {
  const parts = {
    first: conv(2 * features, features),
    second: conv(2 * features, 2 * features, { spread: LAST_SPREAD }),
  };
  const extra = beside > 0 ? point(2 * beside, features) : undefined;
  const label = classes > 0 ? linear(classes, 2 * features, { bias: false, weight: normal(0.05) }) : undefined;
  return {
    init: (key) => ({
      first: parts.first.init(fold(key, "first")),
      second: parts.second.init(fold(key, "second")),
      ...(extra && { beside: extra.init(fold(key, "beside")) }),
      ...(label && { labels: { weight: label.init(fold(key, "labels")).weight } }),
    }),
    apply: (params, x, { features: other, labels, noise, rate, through }) => {
      let inner = through(parts.first, params.first, concatElu(x));
      if (extra && other && params.beside) inner = inner.add(through(extra, params.beside, concatElu(other)));
      inner = concatElu(inner);
      if (noise) inner = dropout(inner, noise, rate);
      let both = through(parts.second, params.second, inner);
      if (label && labels && params.labels)
        both = both.add(label.apply(params.labels, labels).reshape([-1, 2 * features, 1, 1]));
      const [a, b] = both.split(2, 1) as [Tensor, Tensor];
      return x.add(a.mul(b.sigmoid()));
    },
  };
}
