import type { Tensor } from "../../../graph/index.ts";
import { type Drop, dropout } from "../../../nn/index.ts";
import type { LossInputs, TracedParams } from "../../contract.ts";
import type { Objective } from "../factorisation.ts";
import { perVariable } from "../phase.ts";

/** What is dropped from, and how often. */
export interface Dropping {
  readonly layers: number;
  /** Shape of the stream of one example. */
  readonly stream: readonly number[];
  readonly rate: number;
  readonly counted?: ((x: Tensor) => Tensor) | undefined;
}

/**
 * The likelihood with parts of the stream dropped: of the embeddings and of what every branch adds. `conditionals` gives
 * log p of every variable at its place [B, D] under a drop. Srivastava et al. 2014.
 */
export function droppedBranches(
  { layers, stream, rate, counted }: Dropping,
  conditionals: (params: TracedParams, inputs: LossInputs, drop: Drop) => Tensor,
): Objective {
  const each = Array.from({ length: layers }, (_, i) => [`${i}/attention`, `${i}/mlp`]);
  const sites = ["embedding", ...each.flat()];
  return {
    noise: (batch) => Object.fromEntries(sites.map((site) => [site, { law: "bytes", shape: [batch, ...stream] }])),
    likelihoodValidates: true,
    loss: (params, inputs) => {
      const nats = conditionals(params, inputs, (x, site) => dropout(x, inputs.noise[site]!, rate));
      const loss = (counted ? nats.mul(counted(inputs.x)) : nats).sum(1).mean().neg();
      return { loss, metrics: perVariable(counted, loss, inputs.x, nats.shape[1]!) };
    },
  };
}
