import { UsageError } from "../../base/errors.ts";
import type { HostArray } from "../../base/host.ts";
import { Spec, type Tensor } from "../../graph/index.ts";
import { fold } from "../../random/index.ts";
import { type Bound, drawNoise, inChunks, rows } from "../bound.ts";
import type { GraphFunction, Likelihood, LogProbOptions } from "../contract.ts";
import { labelRows } from "../labels.ts";
import { traced, type VaeParts } from "./functions.ts";

/** Decoder rows per run: enough to keep the engine busy, small enough for any memory. */
const ROWS = 500;
/** Importance samples per example in one run; with more than one run, the examples of a run share their noise. */
const BLOCK = 100;

/**
 * log w = log p(x|z) + log p(z) − log q(z|x) for every example and importance sample, with noise [n, samples, latent]
 * or, shared by the examples, [1, samples, latent]. x [n, ...shape] → logWeights [n, samples].
 */
function logWeightsOf(parts: VaeParts, samples: number, shared: boolean): GraphFunction {
  const { head, data, latent, classes } = parts;
  return {
    doc: "logarithms of the importance weights p(x|z) p(z) / q(z|x)",
    noise: { noise: "normal" },
    inputs: (n) => ({
      x: new Spec([n, ...data.shape]),
      noise: new Spec([shared ? 1 : n, samples, latent]),
      ...(classes > 0 ? { labels: new Spec([n, classes]) } : {}),
    }),
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
 * Up to K = 100 every example has noise of its own, so that the errors of examples are independent; beyond, where that
 * matters little, the examples of a run (20) share it, which saves most of the time of drawing it.
 */
export function importanceBound(parts: VaeParts) {
  const functions = new Map<string, GraphFunction>();
  const weightsOf = (samples: number, shared: boolean): GraphFunction => {
    const name = `${samples} ${shared}`;
    const fn = functions.get(name) ?? logWeightsOf(parts, samples, shared);
    functions.set(name, fn);
    return fn;
  };
  return async (on: Bound, x: HostArray<"float32">, options: LogProbOptions): Promise<Likelihood> => {
    const { importance = 1, key, progress, labels } = options;
    if (!Number.isInteger(importance) || importance < 1)
      throw new UsageError(`The number of importance samples is a whole number from 1 on, not ${importance}.`);
    const { latent } = parts;
    const block = Math.min(importance, BLOCK);
    const shared = importance > BLOCK;
    const size = Math.floor(ROWS / block);
    const count = x.shape[0]!;
    const nats = new Float64Array(count);
    const given = labelRows(parts.classes, labels, count);
    await inChunks(
      count,
      size,
      async (start, end) => {
        const n = end - start;
        const sums = Array.from({ length: n }, () => new StreamingLogSumExp());
        const inputs = { x: rows(x, start, end), ...(given ? { labels: rows(given, start, end) } : {}) };
        await inChunks(importance, block, async (from, to) => {
          const samples = to - from;
          const noise = shared
            ? drawNoise("normal", fold(key, start), [1, samples, latent], from * latent)
            : drawNoise("normal", key, [n, samples, latent], start * samples * latent);
          const { logWeights } = await on.run(weightsOf(samples, shared), { ...inputs, noise });
          addRows(sums, logWeights!.data);
        });
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

/** Adds the numbers of each row to the sum of that row. */
function addRows(sums: readonly StreamingLogSumExp[], values: Float32Array): void {
  const width = values.length / sums.length;
  for (let i = 0; i < sums.length; i++) for (let k = 0; k < width; k++) sums[i]!.add(values[i * width + k]!);
}
