import { full, HostArray } from "../../../base/host.ts";
import type { DataSpec } from "../../../data/types.ts";
import type { Tensor } from "../../../graph/index.ts";
import { fold, type Key, normal } from "../../../random/index.ts";
import { checkObserved } from "../../autoregressive/complete.ts";
import { type Factorisation, rasterOrder, requireBinary, variablesOf } from "../../autoregressive/factorisation.ts";
import { type AutoregressiveModel, autoregressive } from "../../autoregressive/model.ts";
import { type Bound, drawNoise, inChunks, rows } from "../../bound.ts";
import type { CompleteOptions, GraphFunction, ModelEntry, TrainingConfig } from "../../contract.ts";
import { expectationMaximisation } from "./em.ts";
import { logJoint, type Mixture, type MixtureConfig, mixtureOf, mixtureOptions } from "./joint.ts";

type Floats = HostArray<"float32">;

/**
 * Mixture of Bernoullis: p(x) = Σₖ πₖ ∏ᵢ p(xᵢ | k), by expectation-maximisation. It is a factorisation as well: the
 * variables before xᵢ tell the components apart, p(xᵢ | x_<i) = Σₖ p(k | x_<i) p(xᵢ | k). Given any variables, the rest
 * follows exactly: first a component, then the variables by themselves.
 */
export function bernoulliMixture(options: Readonly<Record<string, unknown>>, data: DataSpec): AutoregressiveModel {
  const config = mixtureOptions.parse(options);
  requireBinary(data, "bernoulli-mixture");
  const size = variablesOf(data);
  const model = autoregressive({ name: "bernoulli-mixture", config, data, factorisation: factorisation(config, size) });
  return {
    ...model,
    learning: expectationMaximisation(config, size),
    complete: (on, x: Floats, observed: Floats, given) => complete(on, x, observed, given, size),
  };
}

/** Random components by key, weights nearly equal. */
function randomComponents(key: Key, components: number, size: number) {
  return {
    weights: normal(fold(key, "weights"), [components]),
    logOdds: normal(fold(key, "logOdds"), [components, size]),
  };
}

function factorisation({ components }: MixtureConfig, size: number): Factorisation {
  return {
    levels: 2,
    orders: [rasterOrder(size)],
    init: (key) => randomComponents(key, components, size),
    logProb: (params, { x }) => logJoint(params, x.flatten(1)).logSumExp(1),
    logits: (params, { x }) => {
      const { weights, logOdds } = mixtureOf(params);
      const columns = logOdds.transpose(); // [D, K]
      const said = x.flatten(1).expandDims(2).mul(columns).sub(columns.softplus()); // [B, D, K]
      const before = said.cumsum(1, { exclusive: true }).add(weights.logSoftmax(0));
      return logOddsUnder(before, columns);
    },
    cached: {
      state: (batch) => ({ joint: full("float32", [batch, components], 0) }),
      step: (params, state, { position, previous }) => {
        const { weights, logOdds } = mixtureOf(params);
        const column = (at: Tensor) => logOdds.gather(at, 1); // [K]
        const last = column(position.sub(1).maximum(0));
        const said = previous.expandDims(1).mul(last).sub(last.softplus());
        const joint = (state as { joint: Tensor }).joint.add(position.greater(0).select(said, 0));
        const logits = logOddsUnder(joint.add(weights.logSoftmax(0)), column(position));
        return { logits, state: { joint } };
      },
    },
  };
}

/** log p(1) − log p(0) of a variable with log-odds θ [K] in the components that weigh e^joint (last axis K). */
function logOddsUnder(joint: Tensor, logOdds: Tensor): Tensor {
  const of = (theta: Tensor) => joint.add(theta.logSigmoid()).logSumExp(-1);
  return of(logOdds).sub(of(logOdds.neg()));
}

/** p(k | observed variables), [B, K]. */
const posterior: GraphFunction = {
  doc: "probability of each component given what is observed",
  noise: {},
  inputs: () => ({}),
  apply: (params, { x, observed }) => ({ shares: logJoint(params, x!, observed!).softmax(1) }),
};

const CHUNK = 500;

/** A draw of the missing variables given the observed ones: a component from its posterior, then each variable. */
async function complete(
  on: Bound,
  x: Floats,
  observed: Floats,
  { key, stated, progress }: CompleteOptions,
  size: number,
): Promise<Floats> {
  checkObserved(x, observed);
  const count = x.shape[0]!;
  stated?.("the exact conditional");
  const known = x.data.map((value, i) => (observed.data[i]! > 0.5 ? value : 0));
  const flat = (values: Float32Array) => new HostArray("float32", [count, size], values);
  const result = new HostArray("float32", x.shape, known.slice());
  const { logOdds } = on.params as unknown as Mixture<Floats>;
  await inChunks(
    count,
    CHUNK,
    async (start, end) => {
      const given = { x: rows(flat(known), start, end), observed: rows(flat(observed.data), start, end) };
      const { shares } = await on.run(posterior, given);
      const uniforms = drawNoise("uniform", key, [end - start, size + 1], start * (size + 1)).data;
      for (let n = start; n < end; n++) {
        const u = uniforms.subarray((n - start) * (size + 1), (n - start + 1) * (size + 1));
        const k = chosen(rows(shares!, n - start, n - start + 1).data, u[size]!);
        for (let i = 0; i < size; i++) {
          const at = n * size + i;
          if (observed.data[at]! <= 0.5) result.data[at] = u[i]! < logistic(logOdds.data[k * size + i]!) ? 1 : 0;
        }
      }
    },
    progress,
  );
  return result;
}

const logistic = (x: number) => 1 / (1 + Math.exp(-x));

/** The first k at which the sum of shares exceeds u. */
function chosen(shares: Float32Array, u: number): number {
  let sum = 0;
  for (let k = 0; k < shares.length - 1; k++) {
    sum += shares[k]!;
    if (u < sum) return k;
  }
  return shares.length - 1;
}

const rounds = (steps: number): TrainingConfig => ({ batchSize: 500, validateEvery: 5, patience: 3, steps });

/** The registry's entry. */
export const mixtureEntry: ModelEntry = {
  name: "bernoulli-mixture",
  family: "baselines",
  title: "Mixture of Bernoullis",
  paper: "Dempster, Laird & Rubin 1977 (EM); as compared by Larochelle & Murray 2011",
  kind: "exact",
  options: mixtureOptions,
  presets: {
    small: { title: "50 components: seconds", model: {}, training: rounds(100) },
    "larochelle-murray": {
      title: "500 components, the largest mixture of Larochelle & Murray 2011",
      model: { components: 500 },
      training: rounds(200),
    },
  },
  make: bernoulliMixture,
};
