import { full, type HostArray } from "../../base/host.ts";
import type { Tree } from "../../base/tree.ts";
import type { Tensor } from "../../graph/index.ts";
import { activations, dropout, glorotUniform, heNormal, linear } from "../../nn/index.ts";
import { fold, type Key } from "../../random/index.ts";
import type { Named, TracedParams } from "../contract.ts";
import { type MaskSet, masksOf } from "./made-masks.ts";
import type { MadeConfig } from "./made-options.ts";

type Layer = { readonly weight: Tensor; readonly bias: Tensor };
type Made = {
  readonly hidden: readonly Layer[];
  readonly output: Layer;
  readonly direct?: { readonly weight: Tensor };
};

/** Weights and biases, unmasked; direct connections start at zero. */
export function initial({ hidden, activation, direct }: MadeConfig, size: number, k: Key) {
  const weight = activation === "relu" ? heNormal : glorotUniform;
  const sizes = [size, ...hidden];
  const layers = hidden.map((units, l) => linear(sizes[l]!, units, { weight }).init(fold(k, l)));
  const output = linear(sizes.at(-1)!, size).init(fold(k, "output"));
  return {
    hidden: layers,
    output,
    ...(direct ? { direct: { weight: full("float32", [size, size], 0) } } : {}),
  } as unknown as Tree<HostArray>;
}

/** The parameters by their names. */
export const named = (params: TracedParams) => params as unknown as Made;

/** What log-odds are computed from; `noise` by layer where hidden units are switched off. */
type Reading = { readonly x: Tensor; readonly order?: Tensor | undefined; readonly noise?: Named<Tensor> };

/** Log-odds [B, D] of all variables under one mask set. */
export function logOdds(
  config: MadeConfig,
  sets: readonly MaskSet[],
  params: TracedParams,
  { x, order, noise }: Reading,
): Tensor {
  const { hidden, output, direct } = named(params);
  const act = activations[config.activation];
  const masks = masksOf(sets, order);
  const last = hidden.reduce((h, layer, l) => {
    const values = act(masked(h, layer, masks.hidden(l)));
    return noise ? dropout(values, noise[`hidden${l}`]!, config.dropout) : values;
  }, x);
  const read = masked(last, output, masks.output());
  return direct ? read.add(x.matmul(direct.weight.mul(masks.direct()))) : read;
}

/** h (W ⊙ M) + b. */
const masked = (h: Tensor, { weight, bias }: Layer, mask: Tensor) => h.matmul(weight.mul(mask)).add(bias);
