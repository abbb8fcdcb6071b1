import type { Tensor } from "../../graph/index.ts";
import type { Named, Phase } from "../contract.ts";
import { logDensity } from "./density.ts";
import type { Factorisation, Given } from "./factorisation.ts";
import type { Parts } from "./parts.ts";

/** Maximum likelihood: the mean of −log p(x), unless the factorisation brings an objective of its own. */
export function phaseOf({ factorisation, unit, size, chunk }: Parts): Phase {
  const { objective } = factorisation;
  const loss: Phase["loss"] = (params, given) => {
    const nats = logDensity(factorisation, unit, params, given as Given);
    const loss = nats.mean().neg();
    return { loss, metrics: perVariable(factorisation.counted, loss, given.x, size) };
  };
  return {
    name: "likelihood",
    noise: objective?.noise ?? (() => ({})),
    scalars: objective?.scalars ?? (() => ({})),
    loss: objective?.loss ?? loss,
    validation: { chunk, ...(objective?.likelihoodValidates ? { loss } : {}) },
  };
}

/** The loss for each variable: bits, or nats for each token that counts. */
export function perVariable(counted: Factorisation["counted"], loss: Tensor, x: Tensor, size: number): Named<Tensor> {
  if (!counted) return { bitsPerDim: bitsPerDim(loss, size) };
  return { natsPerToken: loss.div(counted(x).sum(1).mean()) };
}

/** Bits for each variable of examples that take so many nats. */
export const bitsPerDim = (nats: Tensor, variables: number): Tensor => nats.div(variables * Math.LN2);
