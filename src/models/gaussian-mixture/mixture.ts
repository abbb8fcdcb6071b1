import type { DataSpec } from "../../data/types.ts";
import type { Capabilities, GenerativeModel, ModelEntry, Preset, TrainingConfig } from "../contract.ts";
import { classifierOf } from "./classification.ts";
import { mixtureParams } from "./components.ts";
import { freeParameters } from "./criteria.ts";
import { fillingOf } from "./filling.ts";
import { fitMixture } from "./fit.ts";
import type { Fitting } from "./fitting.ts";
import { randomMixture } from "./initial.ts";
import { type Layout, layoutOf } from "./layout.ts";
import { learntTables } from "./learnt.ts";
import { categoricalMixtureOptions, gaussianMixtureOptions, type MixtureConfig } from "./options.ts";
import { scoringOf } from "./scoring.ts";

/** A mixture with what it can do; classify where the target has classes. */
export type MixtureModel = GenerativeModel<"sample" | "logProb" | "complete" | "encode"> &
  Partial<Pick<Capabilities, "classify">>;

/**
 * Mixture of normals: p(x) = Σₖ wₖ N(x; μₖ, Σₖ), by expectation-maximisation or variational Bayes, of real columns,
 * vectors and images; categorical columns beside them follow the component by themselves. Its code is p(k | x).
 */
export function gaussianMixture(options: Readonly<Record<string, unknown>>, data: DataSpec): MixtureModel {
  const config = gaussianMixtureOptions.parse(options);
  return mixtureOf("gaussian-mixture", config, config, layoutOf("gaussian-mixture", data, { counts: false }), data);
}

/**
 * Latent classes: p(x) = Σₖ wₖ ∏ᵢ p(xᵢ | k), each column by itself given the class: levels by their shares, counts as
 * Poisson, real numbers as normals.
 */
export function categoricalMixture(options: Readonly<Record<string, unknown>>, data: DataSpec): MixtureModel {
  const config = categoricalMixtureOptions.parse(options);
  const fixed = { covariance: "diagonal", inference: "em", prior: "dirichlet" } as const;
  const layout = layoutOf("categorical-mixture", data, { counts: true });
  return mixtureOf("categorical-mixture", config, { ...config, ...fixed }, layout, data);
}

function mixtureOf(
  name: string,
  config: Readonly<Record<string, unknown>>,
  full: MixtureConfig,
  layout: Layout,
  data: DataSpec,
): MixtureModel {
  const { space } = layout;
  const fitting: Fitting = { name, layout, config: full };
  const classify = classifierOf(fitting, data);
  return {
    name,
    config,
    data,
    ...(space?.encoding ? { encoding: space.encoding } : {}),
    conditional: false,
    init: (key) => randomMixture(key, layout, full, data.values === "table"),
    learning: {
      kind: "direct",
      ...(full.select === "none" ? {} : { elastic: true, selects: true }),
      fit: (given) => fitMixture(fitting, given),
    },
    functions: {},
    freeParameters: (params) => freeParameters(layout, full.covariance, mixtureParams(params).weights.size),
    learnt: (params) => learntTables(layout, full.covariance, data, params),
    ...fillingOf(fitting),
    ...scoringOf(fitting),
    ...(classify ? { classify } : {}),
  };
}

const rounds: TrainingConfig = { batchSize: 4096, validateEvery: 10 };
const preset = (title: string, model: Preset["model"]): Preset => ({ title, model, training: rounds });

/** The registry's entry of the mixture of normals. */
export const gaussianMixtureEntry: ModelEntry = {
  name: "gaussian-mixture",
  family: "tables",
  title: "Mixture of normals",
  paper: "Dempster, Laird & Rubin 1977 (EM); Attias 2000 and Blei & Jordan 2006 (variational Bayes)",
  kind: "exact",
  tables: "also",
  options: gaussianMixtureOptions,
  presets: {
    small: preset("3 components with full covariances", {}),
    diagonal: preset("10 components of independent numbers, for images", {
      components: 10,
      covariance: "diagonal",
      starts: 1,
    }),
    selected: preset("up to 10 components, chosen by BIC", { components: 10, select: "bic" }),
    variational: preset("up to 10 components under a Dirichlet process", { components: 10, inference: "variational" }),
  },
  make: gaussianMixture,
};

/** The registry's entry of latent classes. */
export const categoricalMixtureEntry: ModelEntry = {
  name: "categorical-mixture",
  family: "tables",
  title: "Latent classes",
  paper: "Lazarsfeld & Henry 1968; EM by Goodman 1974",
  kind: "exact",
  tables: true,
  options: categoricalMixtureOptions,
  presets: {
    small: preset("3 classes", {}),
    selected: preset("up to 10 classes, chosen by BIC", { components: 10, select: "bic" }),
  },
  make: categoricalMixture,
};
