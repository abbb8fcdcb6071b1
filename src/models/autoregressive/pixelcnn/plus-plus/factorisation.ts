import { type Grid, pixelMixtureChannels, pixelMixtureParameters } from "../../../../distributions/index.ts";
import { stack, type Tensor } from "../../../../graph/index.ts";
import { asTheyAre, fittedParams, type Traced } from "../../../../nn/index.ts";
import type { TracedParams } from "../../../contract.ts";
import { droppedOut } from "../../dropped-out.ts";
import type { Factorisation, Given } from "../../factorisation.ts";
import { rowwise } from "../../rowwise.ts";
import { type ImageSize, pixelOrder } from "../colours.ts";
import { colourLogits, colourLogProbs, onGrid } from "../levels.ts";
import { dropoutShapes, initNetwork, networkOf, outputsOf, type PlusPlusParams, type Reading } from "./network.ts";
import { plusPlusRows } from "./rows.ts";

/** What the factorisation is made of. */
export interface PlusPlusOptions {
  readonly size: ImageSize;
  readonly levels: number;
  readonly filters: number;
  readonly blocks: number;
  /** Number of image sizes. */
  readonly sizes: number;
  readonly mixture: number;
  readonly dropout: number;
  readonly classes: number;
}

/** Examples the authors let their layers begin from. */
const FIRST_BATCH = 100;

/** p(x) by the network's mixture at every pixel. */
export function plusPlusFactorisation(options: PlusPlusOptions): Factorisation {
  const { size, levels, mixture, dropout } = options;
  const { colours } = size;
  const grid: Grid = { low: -1, high: 1, levels };
  const network = networkOf({ ...options, levels: options.sizes, outputs: pixelMixtureChannels(mixture, colours) });
  const { stages, filters } = network;
  const outputs = (params: TracedParams, x: Tensor, reading: Reading) =>
    outputsOf(network, params as unknown as Traced<PlusPlusParams>, onGrid(x, grid), reading);
  const mixtureOf = (params: TracedParams, x: Tensor, reading: Reading) =>
    pixelMixtureParameters(outputs(params, x, reading), mixture, colours);
  const conditionals = (params: TracedParams, { x }: Given, reading: Reading) =>
    colourLogProbs(mixtureOf(params, x, reading), onGrid(x, grid), grid).flatten(1);
  const quietly = ({ labels }: Given): Reading => ({ labels, through: asTheyAre });
  const noisy = droppedOut(
    (batch) => dropoutShapes(network, batch),
    (params, inputs) =>
      conditionals(params, inputs, { ...quietly(inputs as Given), noise: inputs.noise, rate: dropout }).sum(1),
  );
  return {
    levels,
    orders: [pixelOrder(size)],
    init: (key) => initNetwork(network, key) as never,
    start: {
      examples: FIRST_BATCH,
      fit: (params, { x, labels }) => fittedParams(params, (through) => outputs(params, x, { labels, through })),
    },
    logits: (params, given) => {
      const parameters = mixtureOf(params, given.x, quietly(given));
      const y = onGrid(given.x, grid);
      const each = Array.from({ length: colours }, (_, colour) => colourLogits(parameters, y, colour, grid));
      return stack(each, 1).reshape([y.shape[0]!, -1, levels]);
    },
    logConditionals: (params, given) => conditionals(params, given, quietly(given)),
    cached: rowwise(plusPlusRows({ stages, filters, mixture, grid, size })),
    ...(dropout > 0 && { objective: noisy }),
  };
}
