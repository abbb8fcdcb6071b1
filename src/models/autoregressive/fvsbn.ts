import { z } from "zod";
import { full, HostArray } from "../../base/host.ts";
import type { DataSpec } from "../../data/types.ts";
import { arange, type Tensor } from "../../graph/index.ts";
import { normal } from "../../random/index.ts";
import type { ModelEntry, TracedParams } from "../contract.ts";
import { logProbOf } from "./density.ts";
import { type Factorisation, type Objective, rasterOrder, requireBinary, variablesOf } from "./factorisation.ts";
import { type AutoregressiveModel, autoregressive } from "./model.ts";
import { bitsPerDim } from "./phase.ts";

/** Options of the fully visible sigmoid belief network. */
export const fvsbnOptions = z.strictObject({
  initialScale: z.number().nonnegative().default(0.001).describe("standard deviation of the initial weights"),
  decay: z
    .number()
    .nonnegative()
    .default(0)
    .describe("λ of the penalty (λ/2) Σ w² on the weights in training, for each example"),
  sparsity: z
    .number()
    .nonnegative()
    .default(0)
    .describe("λ of the penalty λ Σ |w| on the weights in training, for each example"),
});

/** weight [D, D]: row i are the weights of xᵢ in all later conditionals; bias [D]. */
type Fvsbn = { readonly weight: Tensor; readonly bias: Tensor };

/** The weights with those of variables that do not come before set to zero. */
function earlierOnly(weight: Tensor): Tensor {
  const index = arange(weight.shape[0]!);
  return index.expandDims(1).less(index).select(weight, 0);
}

const logits = ({ weight, bias }: Fvsbn, x: Tensor) => x.matmul(earlierOnly(weight)).add(bias);

/** Maximum likelihood with penalties on the weights; what is validated is the likelihood. */
function penalised(decay: number, sparsity: number): Objective {
  return {
    likelihoodValidates: true,
    loss: (params, { x }) => {
      const own = params as unknown as Fvsbn;
      const values = x.flatten(1);
      const nats = logProbOf(logits(own, values), values, 1).sum(1).mean().neg();
      const weight = earlierOnly(own.weight);
      const loss = nats.add(weight.squaredNorm().mul(decay / 2)).add(weight.abs().sum().mul(sparsity));
      return { loss, metrics: { bitsPerDim: bitsPerDim(nats, values.shape[1]!) } };
    },
  };
}

/**
 * Fully visible sigmoid belief network: logistic regressions p(xᵢ = 1 | x_<i) = σ(bᵢ + Σ_{j<i} wⱼᵢ xⱼ). Neal 1992; Frey,
 * Hinton & Dayan 1996; trained by maximum likelihood as in Larochelle & Murray 2011.
 */
export function fvsbn(options: Readonly<Record<string, unknown>>, data: DataSpec): AutoregressiveModel {
  const config = fvsbnOptions.parse(options);
  requireBinary(data, "fvsbn");
  return autoregressive({ name: "fvsbn", config, data, factorisation: factorisation(config, data) });
}

function factorisation({ initialScale, decay, sparsity }: z.infer<typeof fvsbnOptions>, data: DataSpec): Factorisation {
  const size = variablesOf(data);
  const of = (params: TracedParams) => params as unknown as Fvsbn;
  return {
    levels: 2,
    orders: [rasterOrder(size)],
    init: (key) => ({
      weight: new HostArray(
        "float32",
        [size, size],
        normal(key, [size, size]).data.map((e) => initialScale * e),
      ),
      bias: full("float32", [size], 0),
    }),
    logits: (params, { x }) => logits(of(params), x.flatten(1)),
    ...(decay + sparsity > 0 ? { objective: penalised(decay, sparsity) } : {}),
    cached: {
      state: (batch) => ({ logits: full("float32", [batch, size], 0) }),
      step: (params, state, { position, previous }) => {
        const row = of(params).weight.gather(position.sub(1).maximum(0), 0);
        const logits = (state as { logits: Tensor }).logits.add(previous.expandDims(1).mul(row));
        return { logits: logits.add(of(params).bias).gather(position, 1), state: { logits } };
      },
    },
  };
}

/** The registry's entry. */
export const fvsbnEntry: ModelEntry = {
  name: "fvsbn",
  family: "autoregressive",
  title: "Fully visible sigmoid belief network",
  paper: "Frey, Hinton & Dayan 1996; Larochelle & Murray 2011",
  kind: "exact",
  options: fvsbnOptions,
  presets: {
    small: {
      title: "a few thousand steps: seconds",
      model: {},
      training: {
        batchSize: 100,
        optimizer: "adam",
        learningRate: 3e-3,
        schedule: { name: "cosine", steps: 3000, floor: 0.02 },
        ema: 0.99,
        validateEvery: 250,
        steps: 3000,
      },
    },
    paper: {
      title: "thirty thousand steps of momentum with a penalty on the weights: minutes (Larochelle & Murray 2011)",
      model: { sparsity: 1e-4 },
      training: {
        batchSize: 100,
        optimizer: "momentum",
        learningRate: 0.1,
        schedule: { name: "cosine", steps: 30_000, floor: 0.01 },
        ema: 0.999,
        validateEvery: 500,
        steps: 30_000,
      },
    },
  },
  make: fvsbn,
};
