import type { Tensor } from "../../../graph/index.ts";
import { glorotUniform, initAll, type Traced } from "../../../nn/index.ts";
import type { Key } from "../../../random/index.ts";
import { featureColours, type ImageSize, outputColours } from "./colours.ts";
import { type PointParams, pointwise } from "./layers.ts";

/** Parameters of the layers from features to logits. */
export type HeadParams = { hidden: PointParams; output: PointParams };

/** From features to the logits of every value of every colour. */
export interface Head {
  readonly init: (key: Key) => HeadParams;
  /** [B, F, H, W] → [B, D, levels] at the variables' places, or log-odds [B, D] where levels is 2. */
  readonly image: (params: Traced<HeadParams>, features: Tensor) => Tensor;
  /** [N, F] → logits [N, colours, levels] or log-odds [N, colours] of all variables of N pixels. */
  readonly pixels: (params: Traced<HeadParams>, features: Tensor) => Tensor;
  /** [B, F] → logits [B, levels] or log-odds [B] of the variable of that column. */
  readonly pixel: (params: Traced<HeadParams>, features: Tensor, column: Tensor) => Tensor;
}

/** Rectifier, 1×1 convolution, rectifier, 1×1 convolution, all under mask B (arXiv 1601.06759, table 1). */
export function logitsHead(features: readonly number[], hidden: number, levels: number, size: ImageSize): Head {
  const { colours, height, width } = size;
  const each = levels === 2 ? 1 : levels;
  const between = featureColours(hidden, colours);
  const parts = {
    hidden: pointwise({ inputs: features, outputs: between }),
    output: pointwise({ inputs: between, outputs: outputColours(each, colours) }, glorotUniform),
  };
  const pixels = (params: Traced<HeadParams>, x: Tensor) => {
    const logits = parts.output.pixel(params.output, parts.hidden.pixel(params.hidden, x.relu()).relu());
    return logits.reshape(each === 1 ? [-1, colours] : [-1, colours, each]);
  };
  return {
    init: (key: Key) => initAll(parts, key),
    pixels,
    image: (params, x) => {
      const inner = parts.hidden.image(params.hidden, x.relu()).relu();
      const batch = inner.shape[0]!;
      if (each === 1) return parts.output.image(params.output, inner).flatten(1);
      // Pixels become rows before the layer that makes them large.
      const pixels = inner.flatten(2).swapAxes(1, 2).reshape([-1, hidden]);
      const logits = parts.output.pixel(params.output, pixels);
      const places = height * width;
      if (colours === 1) return logits.reshape([batch, places, each]);
      return logits
        .reshape([batch, places, colours, each])
        .swapAxes(1, 2)
        .reshape([batch, colours * places, each]);
    },
    pixel: (params, x, column) => pixels(params, x).gather(column.mod(colours), 1),
  };
}
