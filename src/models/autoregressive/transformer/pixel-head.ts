import { float32 } from "../../../base/host.ts";
import { pixelMixtureChannels } from "../../../distributions/index.ts";
import { linear, type Module, normal, type WeightParams } from "../../../nn/index.ts";

/**
 * A read-out [.., width] to the mixture of discretised logistics of a pixel [.., channels], in the order of
 * `pixelMixtureParameters`. Means begin evenly spaced over [−1, 1], components as wide as they lie apart, coefficients at
 * zero. Salimans et al. 2017, arXiv 1701.05517, section 2.
 */
export function pixelHead(width: number, components: number, colours: number): Module<WeightParams> {
  const channels = pixelMixtureChannels(components, colours);
  const layer = linear(width, channels, { weight: normal(0.02) });
  const own = components * colours;
  const bias = Array.from({ length: channels }, (_, i) => {
    const [part, at] = [i - components, Math.floor(((i - components) % own) / colours)];
    if (part < 0 || part >= 2 * own) return 0;
    return part < own ? (2 * (at + 0.5)) / components - 1 : Math.log(1 / components);
  });
  return { ...layer, init: (key) => ({ ...layer.init(key), bias: float32(bias, [channels]) }) };
}
