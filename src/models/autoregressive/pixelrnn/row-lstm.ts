import { z } from "zod";
import type { DataSpec } from "../../../data/types.ts";
import type { ModelEntry } from "../../contract.ts";
import type { AutoregressiveModel } from "../model.ts";
import { pixelrnn } from "./network.ts";
import { networkOptions } from "./options.ts";
import { rowLstmPresets } from "./presets.ts";
import { rowLayer } from "./row-layer.ts";

/** Options of the Row LSTM. */
export const rowLstmOptions = networkOptions.extend({
  rowKernel: z.int().min(3).default(3).describe("width of the layers' convolutions along the row, an odd number"),
});

/**
 * PixelRNN with Row LSTM layers: a row at a time, each pixel from a triangle of pixels above it and what precedes it
 * within its layers' reach. van den Oord, Kalchbrenner & Kavukcuoglu 2016, arXiv 1601.06759.
 */
export function rowLstm(options: Readonly<Record<string, unknown>>, data: DataSpec): AutoregressiveModel {
  const config = rowLstmOptions.parse(options);
  return pixelrnn("row-lstm", config, data, (channels) => rowLayer({ ...channels, kernel: config.rowKernel }));
}

/** The registry's entry. */
export const rowLstmEntry: ModelEntry = {
  name: "row-lstm",
  family: "autoregressive",
  title: "PixelRNN with Row LSTM layers",
  paper: "van den Oord, Kalchbrenner & Kavukcuoglu 2016, arXiv 1601.06759",
  kind: "exact",
  options: rowLstmOptions,
  presets: rowLstmPresets,
  make: rowLstm,
};
