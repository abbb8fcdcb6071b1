import type { DataSpec } from "../../../data/types.ts";
import type { ModelEntry } from "../../contract.ts";
import type { AutoregressiveModel } from "../model.ts";
import { diagonalLayer } from "./diagonal-layer.ts";
import { pixelrnn } from "./network.ts";
import { networkOptions } from "./options.ts";
import { diagonalPresets } from "./presets.ts";

/**
 * PixelRNN with Diagonal BiLSTM layers: each pixel from all pixels that precede it. van den Oord, Kalchbrenner &
 * Kavukcuoglu 2016, arXiv 1601.06759.
 */
export function diagonalBilstm(options: Readonly<Record<string, unknown>>, data: DataSpec): AutoregressiveModel {
  return pixelrnn("diagonal-bilstm", networkOptions.parse(options), data, diagonalLayer);
}

/** The registry's entry. */
export const diagonalBilstmEntry: ModelEntry = {
  name: "diagonal-bilstm",
  family: "autoregressive",
  title: "PixelRNN with Diagonal BiLSTM layers",
  paper: "van den Oord, Kalchbrenner & Kavukcuoglu 2016, arXiv 1601.06759",
  kind: "exact",
  options: networkOptions,
  presets: diagonalPresets,
  make: diagonalBilstm,
};
