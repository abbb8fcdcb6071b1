import { pixelMixtureParameters } from "../../../distributions/index.ts";
import { stack, type Tensor } from "../../../graph/index.ts";
import type { Drop } from "../../../nn/index.ts";
import type { TracedParams } from "../../contract.ts";
import type { Factorisation, Given } from "../factorisation.ts";
import { colourLogits, colourLogProbs, onGrid } from "../pixelcnn/levels.ts";
import { rowwise } from "../rowwise.ts";
import { droppedBranches } from "./dropped-branches.ts";
import {
  initPixels,
  inPixelOrder,
  inPlace,
  type PixelNet,
  type PixelOptions,
  type Pixels,
  pixelInputs,
  pixelParts,
} from "./pixel-parts.ts";
import { pixelRows } from "./pixel-rows.ts";

/** The order of the variables: pixel after pixel, and within a pixel colour after colour. */
export function variablesOfPixels(pixels: readonly number[], colours: number): Uint32Array {
  const places = Array.from({ length: colours }, (_, colour) => colour * pixels.length);
  return Uint32Array.from(pixels.flatMap((pixel) => places.map((first) => first + pixel)));
}

/**
 * Decoder-only transformer over pixels: each is one position, read in with all its colours, and read out as a mixture of
 * discretised logistics whose colours depend on each other. Parmar et al. 2018, arXiv 1802.05751, sections 3.1 and 3.4;
 * the mixture Salimans et al. 2017, arXiv 1701.05517.
 */
export function pixelFactorisation(options: PixelOptions): Factorisation {
  const s = pixelParts(options);
  const net = (params: TracedParams) => params as unknown as PixelNet;
  const dropping = { layers: s.body.layers, stream: [s.count, s.width], rate: s.dropout };
  return {
    levels: s.levels,
    orders: [variablesOfPixels(s.pixels, s.colours)],
    init: (key) => initPixels(s, key) as never,
    logits: (params, given) => {
      const { y, mixture } = mixtureOf(s, net(params), given);
      const each = Array.from({ length: s.colours }, (_, colour) => colourLogits(mixture, y, colour, s.grid));
      return inPlace(s, stack(each, 1).squeeze(3)).reshape([y.shape[0]!, -1, s.levels]);
    },
    logConditionals: (params, given) => conditionals(s, net(params), given),
    cached: rowwise(pixelRows(s)),
    ...(s.dropout > 0
      ? { objective: droppedBranches(dropping, (params, inputs, drop) => conditionals(s, net(params), inputs, drop)) }
      : {}),
  };
}

/** Values on the grid in order [B, colours, pixels, 1], and the mixture of each pixel given those before it. */
function mixtureOf(s: Pixels, params: PixelNet, { x, labels }: Given, drop?: Drop) {
  const y = inPixelOrder(s, onGrid(x, s.grid));
  const stream = pixelInputs(s, params, y, labels);
  const features = s.module.apply(params.body, drop ? drop(stream, "embedding") : stream, drop);
  const outputs = s.head.apply(params.head, features).swapAxes(1, 2).expandDims(-1);
  return { y, mixture: pixelMixtureParameters(outputs, s.components, s.colours) };
}

/** log p of each variable given those before it, at its place [B, D]. */
function conditionals(s: Pixels, params: PixelNet, given: Given, drop?: Drop): Tensor {
  const { y, mixture } = mixtureOf(s, params, given, drop);
  return inPlace(s, colourLogProbs(mixture, y, s.grid)).flatten(1);
}
