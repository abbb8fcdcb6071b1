import type { HostArray } from "../../base/host.ts";
import { Spec, type Tensor } from "../../graph/index.ts";
import { fold, type Key } from "../../random/index.ts";
import { type Bound, drawNoise, inChunks, oneHotRows, rows } from "../bound.ts";
import type { GraphFunction, Likelihood, LogProbOptions, Named } from "../contract.ts";
import { traced, type VaeParts } from "./functions.ts";

/** Decoder rows per run: enough to keep the engine busy, small enough for any memory. */
const ROWS = 2000;
/** Importance samples per example in one run. */
const BLOCK = 100;

/**
 * log w = log p(x|z) + log p(z) − log q(z|x) for every example and importance sample; the samples' noise [samples,
 * latent] is shared by the examples of a run. x [n, ...shape] → logWeights [n, samples].
 */
function logWeightsOf(parts: VaeParts, samples: number): GraphFunction {
  const { head, data, latent, classes } = parts;
  return {
    doc: "logarithms of the importance weights p(x|z) p(z) / q(z|x)",
    noise: { noise: "normal" },
    inputs: (n) => ({ x: new Spec([n, ...data.shape]), noise: new Spec([samples, latent]) }),
    apply: (params, { x, noise, labels }) => {
      const model = traced(parts, params);
      const n = x!.shape[0]!;
      const { mean, logVar } = model.encode(x!, labels);
      const wide = (t: Tensor) => t.reshape([n, 1, t.shape[1]!]);
      const z = wide(mean).add(wide(logVar.mul(0.5).exp()).mul(noise!));
      const repeated =
        labels &&
        wide(labels)
          .broadcastTo([n, samples, classes])
          .reshape([n * samples, classes]);
      const raw = model.decode(z.reshape([n * samples, latent]), repeated);
      const grouped = raw.reshape([n, samples, ...raw.shape.slice(1)]);
      const conditional = head.logProb(grouped, wide(x!.flatten(1)));
      const prior = z.square().sub(noise!.square()).sum(2).mul(-0.5);
      return { logWeights: conditional.add(prior).add(logVar.sum(1, true).mul(0.5)) };
    },
  };
}

/** log Σ exp over numbers that arrive one after the other, in double precision. */
class StreamingLogSumExp {
  private max = Number.NEGATIVE_INFINITY;
  private sum = 0;

  add(value: number): void {
    if (value > this.max) {
      this.sum = this.sum * Math.exp(this.max - value) + 1;
      this.max = value;
    } else if (value !== Number.NEGATIVE_INFINITY) this.sum += Math.exp(value - this.max);
  }

  get value(): number {
    return this.max + Math.log(this.sum);
  }
}

/**
 * The importance-weighted lower bound log (1/K) Σ w_k in nats for each example, in bounded memory for any K and any
 * number of examples; K = 1 is a one-sample estimate of the ELBO. Burda et al. 2015, arXiv 1509.00519, equation 8.
 */
export function importanceBound(parts: VaeParts) {
  const functions = new Map<number, GraphFunction>();
  const weightsOf = (samples: number): GraphFunction => {
    const fn = functions.get(samples) ?? logWeightsOf(parts, samples);
    functions.set(samples, fn);
    return fn;
  };
  return async (on: Bound, x: HostArray<"float32">, options: LogProbOptions): Promise<Likelihood> => {
    const { importance = 1, key, progress, labels } = options;
    const block = Math.min(importance, BLOCK);
    const size = Math.floor(ROWS / block);
    const count = x.shape[0]!;
    const nats = new Float64Array(count);
    const given = labels && oneHotRows(labels, parts.classes);
    await inChunks(
      count,
      size,
      async (start, end) => {
        const sums = Array.from({ length: end - start }, () => new StreamingLogSumExp());
        const inputs = { x: rows(x, start, end), ...(given ? { labels: rows(given, start, end) } : {}) };
        await inChunks(importance, block, (from, to) =>
          addWeights(on, weightsOf(to - from), inputs, sums, fold(key, start), from * parts.latent, [
            to - from,
            parts.latent,
          ]),
        );
        sums.forEach((sum, i) => {
          nats[start + i] = sum.value - Math.log(importance);
        });
      },
      progress,
    );
    const via = importance === 1 ? "ELBO, one sample" : `importance-weighted bound, ${importance} samples`;
    return { kind: "lower-bound", via, nats };
  };
}

async function addWeights(
  on: Bound,
  fn: GraphFunction,
  inputs: Named<HostArray>,
  sums: readonly StreamingLogSumExp[],
  key: Key,
  offset: number,
  shape: readonly number[],
): Promise<void> {
  const noise = drawNoise("normal", key, shape, offset);
  const { logWeights } = await on.run(fn, { ...inputs, noise });
  const samples = shape[0]!;
  for (let i = 0; i < sums.length; i++)
    for (let k = 0; k < samples; k++) sums[i]!.add(logWeights!.data[i * samples + k]!);
}
