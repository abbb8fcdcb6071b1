import { z } from "zod";
import { float32, full, HostArray } from "../../base/host.ts";
import { logSumExp } from "../../base/log-sum-exp.ts";
import { sizeOf } from "../../base/shape.ts";
import type { DataSpec } from "../../data/types.ts";
import { inverseCdf, uniforms64 } from "../../probability/tables/index.ts";
import { type Key, normal } from "../../random/index.ts";
import { checkObserved } from "../autoregressive/complete.ts";
import { requireBinary } from "../autoregressive/factorisation.ts";
import type { Bound } from "../bound.ts";
import type { GenerativeModel, ModelEntry, Params, TrainingConfig } from "../contract.ts";
import { fitTrees, mixtureOf } from "./fit.ts";
import { freeTreeParameters, treeTables } from "./learnt.ts";
import { downwards, drawTree, logsOf, treeNats, upward } from "./trees.ts";

/** Options of Chow-Liu trees and their mixtures. */
export const treeOptions = z.strictObject({
  components: z.int().positive().default(1).describe("trees; one is the Chow-Liu tree"),
  smoothing: z.number().positive().default(0.25).describe("imagined examples in each of the four cells of a pair"),
  rounds: z.int().positive().default(100).describe("most rounds of expectation-maximisation"),
  tolerance: z.number().nonnegative().default(1e-3).describe("it stops where a round gains less, in nats per example"),
});

/** A mixture of trees with what it can do. */
export type Trees = GenerativeModel<"sample" | "logProb" | "complete">;

/**
 * Chow-Liu trees of binary data (Chow & Liu 1968) and mixtures of them (Meilă & Jordan 2000):
 * p(x) = Σₖ πₖ ∏ᵢ p(xᵢ | its parent in tree k). Everything about it is exact: likelihood, samples, what is missing.
 */
export function treeMixture(options: Readonly<Record<string, unknown>>, data: DataSpec): Trees {
  const config = treeOptions.parse(options);
  requireBinary(data, "chow-liu");
  const size = sizeOf(data.shape);
  return {
    name: "chow-liu",
    config,
    data,
    conditional: false,
    init: (key): Params => ({
      shares: full("float32", [config.components], 1 / config.components),
      parents: float32(chains(config.components, size), [config.components, size]),
      logOdds: normal(key, [config.components, size, 2]),
    }),
    learning: { kind: "direct", fit: (given) => fitTrees(size, config, given) },
    functions: {},
    freeParameters: freeTreeParameters,
    learnt: (params) => treeTables(data, params),
    sample: async (on, { count, key }) => {
      const nothing = new Int8Array(size).fill(-1);
      return drawn(on, data, { count, key, seen: () => nothing });
    },
    complete: async (on, x, observed, { key, stated }) => {
      checkObserved(x as HostArray<"float32">, observed as HostArray<"float32">);
      stated?.("the exact conditional");
      const seen = (n: number) =>
        Int8Array.from({ length: size }, (_, i) => {
          const at = n * size + i;
          return observed.data[at]! > 0.5 ? Number(x.data[at]! > 0.5) : -1;
        });
      return drawn(on, data, { count: x.shape[0]!, key, seen });
    },
    logProb: async (on, x) => {
      const { shares, trees } = mixtureOf(on.params);
      const logs = trees.map(logsOf);
      const nats = Float64Array.from({ length: x.shape[0]! }, (_, n) =>
        logSumExp(trees.map((tree, k) => Math.log(shares[k]!) + treeNats(tree, logs[k]!, x.data, n * size))),
      );
      return { kind: "exact", via: "the product over bits given their parents, summed over trees", nats };
    },
  };
}

/** What is drawn: so many examples, each given what is seen of it (−1 where nothing is). */
interface Draw {
  readonly count: number;
  readonly key: Key;
  readonly seen: (n: number) => ArrayLike<number>;
}

/** Examples given what is seen of them, by a uniform for each bit and one for the tree. */
function drawn(on: Bound, { shape }: DataSpec, { count, key, seen }: Draw): HostArray<"float32"> {
  const size = sizeOf(shape);
  const { shares, trees } = mixtureOf(on.params);
  const [logs, orders] = [trees.map(logsOf), trees.map(({ parents }) => downwards(parents))];
  const result = new Float32Array(count * size);
  for (let n = 0; n < count; n++) {
    const uniforms = uniforms64(key, size + 1, n * (size + 1));
    const known = seen(n);
    const passes = trees.map((tree, k) => upward(tree, logs[k]!, orders[k]!, known));
    const joint = passes.map(({ logProbability }, k) => Math.log(shares[k]!) + logProbability);
    const total = logSumExp(joint);
    const k = inverseCdf(
      joint.map((log) => Math.exp(log - total)),
      uniforms[size]!,
    );
    result.set(drawTree(trees[k]!, logs[k]!, orders[k]!, known, passes[k]!.below, uniforms), n * size);
  }
  return new HostArray("float32", [count, ...shape], result);
}

/** Trees before learning: each bit below the one before. */
function chains(components: number, size: number): Float64Array {
  return Float64Array.from({ length: components * size }, (_, at) => (at % size) - 1);
}

const inRounds: TrainingConfig = { batchSize: 500, validateEvery: 1 };

/** The registry's entry. */
export const treeMixtureEntry: ModelEntry = {
  name: "chow-liu",
  family: "baselines",
  title: "Chow-Liu tree and mixtures of trees",
  paper: "Chow & Liu 1968; mixtures: Meilă & Jordan 2000",
  kind: "exact",
  options: treeOptions,
  presets: {
    small: { title: "one tree: the best there is, in one round", model: {}, training: inRounds },
    mixture: {
      title: "20 trees by expectation-maximisation, best round by validation",
      model: { components: 20, smoothing: 0.5 },
      training: { ...inRounds, patience: 5 },
    },
  },
  make: treeMixture,
};
