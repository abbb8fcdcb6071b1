import { binLogProb } from "../../../distributions/discretized-logistic.ts";
import { fromGridUnits, type Grid, gridUnits } from "../../../distributions/grid.ts";
import { type PixelMixtureParameters, pixelMixtureParameters } from "../../../distributions/pixel-mixture.ts";
import { arange, stack, type Tensor } from "../../../graph/index.ts";

/** Mean of a colour in each component given the colours before it, [N, K, H, W]; y [N, C, H, W] on the grid. */
function meanOf({ means, coefficients }: PixelMixtureParameters, y: Tensor, colour: number): Tensor {
  const own = pick(means, colour);
  if (!coefficients || colour === 0) return own;
  const seen = (c: number) => y.slice(1, c, c + 1);
  const red = pick(coefficients, colour === 1 ? 0 : 1).mul(seen(0));
  const sum = own.add(red);
  return colour === 1 ? sum : sum.add(pick(coefficients, 2).mul(seen(1)));
}

const pick = (x: Tensor, index: number) => x.slice(2, index, index + 1).squeeze(2);

/** log(w_k · ∏ p_k(value)) over the first 0, 1, …, `count` colours, each [N, K, H, W]. */
function explained(parameters: PixelMixtureParameters, y: Tensor, count: number, grid: Grid): Tensor[] {
  const result = [parameters.logits.logSoftmax(1)];
  for (let colour = 0; colour < count; colour++) {
    const value = y.slice(1, colour, colour + 1);
    const logP = binLogProb(value, meanOf(parameters, y, colour), pick(parameters.logScales, colour), grid);
    result.push(result[colour]!.add(logP));
  }
  return result;
}

/**
 * log p(colour | those before it in its pixel) at y [N, C, H, W]: [N, C, H, W]. The choice of component is one for a whole
 * pixel, so a colour's conditional mixes the components by how well they explain the colours before it. Salimans et al.
 * 2017, arXiv 1701.05517, section 2.2.
 */
export function colourLogProbs(parameters: PixelMixtureParameters, y: Tensor, grid: Grid): Tensor {
  const joint = explained(parameters, y, y.shape[1]!, grid).map((logP) => logP.logSumExp(1));
  return stack(
    joint.slice(1).map((after, colour) => (colour === 0 ? after : after.sub(joint[colour]!))),
    1,
  );
}

/** log-probabilities of all values of a colour given those before it in y, [N, H, W, levels]. */
export function colourLogits(parameters: PixelMixtureParameters, y: Tensor, colour: number, grid: Grid): Tensor {
  const prior = explained(parameters, y, colour, grid)[colour]!.logSoftmax(1).expandDims(-1);
  const mean = meanOf(parameters, y, colour).expandDims(-1);
  const logScale = pick(parameters.logScales, colour).expandDims(-1);
  const values = fromGridUnits(arange(0, grid.levels, 1, "float32"), grid);
  return binLogProb(values, mean, logScale, grid).add(prior).logSumExp(1);
}

/** A network's outputs for one pixel, and the values of its colours that are known, on the grid [B, colours]. */
export interface OnePixel {
  /** [B, channels], as `pixelMixtureParameters` cuts them. */
  readonly outputs: Tensor;
  readonly known: Tensor;
}

/** log-probabilities [B, levels] of the values of one colour, numbered by a scalar, of one pixel. */
export function pixelLogits({ outputs, known }: OnePixel, colour: Tensor, components: number, grid: Grid): Tensor {
  const place = (x: Tensor) => x.expandDims(-1).expandDims(-1);
  const colours = known.shape[1]!;
  const parameters = pixelMixtureParameters(place(outputs), components, colours);
  const each = Array.from({ length: colours }, (_, c) =>
    colourLogits(parameters, place(known), c, grid).squeeze([1, 2]),
  );
  return colours === 1 ? each[0]! : stack(each, 1).gather(colour, 1);
}

/** Model units, 0 to 1, as values of a grid. */
export const onGrid = (x: Tensor, grid: Grid): Tensor =>
  fromGridUnits(gridUnits(x, { ...grid, low: 0, high: 1 }), grid);
