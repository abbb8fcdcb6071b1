import { UsageError } from "../base/errors.ts";
import { unknownName } from "../base/suggest.ts";
import type { DataSpec } from "../data/types.ts";
import { eonadeEntry } from "./autoregressive/eonade.ts";
import { fvsbnEntry } from "./autoregressive/fvsbn.ts";
import { madeEntry } from "./autoregressive/made.ts";
import { nadeEntry } from "./autoregressive/nade.ts";
import { gatedPixelcnnEntry } from "./autoregressive/pixelcnn/gated.ts";
import { pixelcnnEntry } from "./autoregressive/pixelcnn/pixelcnn.ts";
import { plusPlusEntry } from "./autoregressive/pixelcnn/plus-plus.ts";
import { diagonalBilstmEntry } from "./autoregressive/pixelrnn/diagonal-bilstm.ts";
import { rowLstmEntry } from "./autoregressive/pixelrnn/row-lstm.ts";
import { gptEntry } from "./autoregressive/transformer/gpt.ts";
import { imageGptEntry } from "./autoregressive/transformer/image-gpt.ts";
import { imageTransformerEntry } from "./autoregressive/transformer/image-transformer.ts";
import { bernoulliEntry } from "./baselines/bernoulli.ts";
import { mixtureEntry } from "./baselines/mixture/mixture.ts";
import { ngramEntry } from "./baselines/ngram/ngram.ts";
import { tableEntry } from "./baselines/table.ts";
import { bayesianNetworkEntry } from "./bayesian-network/bayesian-network.ts";
import type { ModelEntry } from "./contract.ts";
import { factorAnalysisEntry } from "./factors/factor-analysis.ts";
import { icaEntry } from "./factors/ica.ts";
import { pcaEntry } from "./factors/pca.ts";
import { probabilisticPcaEntry } from "./factors/probabilistic-pca.ts";
import { categoricalMixtureEntry, gaussianMixtureEntry } from "./gaussian-mixture/mixture.ts";
import { independentEntry } from "./independent/independent.ts";
import { kernelDensityEntry } from "./kernel-density/kernel-density.ts";
import { logisticRegressionEntry } from "./logistic-regression/logistic-regression.ts";
import { hmmEntry } from "./markov/hmm.ts";
import { markovChainEntry } from "./markov/markov-chain.ts";
import { naiveBayesEntry } from "./naive-bayes/naive-bayes.ts";
import { treeMixtureEntry } from "./tree-mixture/tree-mixture.ts";
import { vaeEntry } from "./vae/vae.ts";

/** Every model. Command line, documentation and contract tests read this list and nothing else. */
export const registry: readonly ModelEntry[] = [
  bernoulliEntry,
  mixtureEntry,
  tableEntry,
  treeMixtureEntry,
  ngramEntry,
  markovChainEntry,
  hmmEntry,
  vaeEntry,
  fvsbnEntry,
  madeEntry,
  eonadeEntry,
  nadeEntry,
  pixelcnnEntry,
  plusPlusEntry,
  gatedPixelcnnEntry,
  rowLstmEntry,
  diagonalBilstmEntry,
  gptEntry,
  imageGptEntry,
  imageTransformerEntry,
  independentEntry,
  naiveBayesEntry,
  logisticRegressionEntry,
  bayesianNetworkEntry,
  gaussianMixtureEntry,
  categoricalMixtureEntry,
  kernelDensityEntry,
  pcaEntry,
  probabilisticPcaEntry,
  factorAnalysisEntry,
  icaEntry,
];

/** Throws where a model of tables is given other data, or another model a table. */
export function checkData({ name, tables = false, sequences }: ModelEntry, { values }: Pick<DataSpec, "values">): void {
  if (values === "sequences") {
    if (sequences) return;
    const able = registry.filter((entry) => entry.sequences).map((entry) => entry.name);
    throw new UsageError(`${name} does not model sequences of rows; these do: ${able.join(", ")}.`);
  }
  if (tables === "also" || tables === (values === "table")) return;
  const known = registry.filter((entry) => entry.tables).map((entry) => entry.name);
  throw new UsageError(
    tables
      ? `${name} models rows of a table, and this data holds ${values} numbers.`
      : `${name} does not model rows of a table; these do: ${known.join(", ")}.`,
  );
}

/** The entry of that name; throws UsageError with a suggestion when there is none. */
export function modelEntry(name: string): ModelEntry {
  const found = registry.find((entry) => entry.name === name);
  if (!found)
    throw new UsageError(
      unknownName(
        "model",
        name,
        registry.map((entry) => entry.name),
      ),
    );
  return found;
}
