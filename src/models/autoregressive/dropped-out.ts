import { sizeOf } from "../../base/shape.ts";
import type { Tensor } from "../../graph/index.ts";
import type { LossInputs, TracedParams } from "../contract.ts";
import type { Objective } from "./factorisation.ts";
import { bitsPerDim } from "./phase.ts";

/**
 * Maximum likelihood of a network in which noise switches features off: bytes of those shapes, log p(x) [B] under them.
 * Validation leaves the noise out.
 */
export function droppedOut(
  shapes: (batch: number) => Readonly<Record<string, readonly number[]>>,
  logProb: (params: TracedParams, inputs: LossInputs) => Tensor,
): Objective {
  return {
    noise: (batch) =>
      Object.fromEntries(
        Object.entries(shapes(batch)).map(([name, shape]) => [name, { law: "bytes", shape } as const]),
      ),
    likelihoodValidates: true,
    loss: (params, inputs) => {
      const loss = logProb(params, inputs).mean().neg();
      return { loss, metrics: { bitsPerDim: bitsPerDim(loss, sizeOf(inputs.x.shape.slice(1))) } };
    },
  };
}
