import { UsageError } from "../../base/errors.ts";
import { full, HostArray } from "../../base/host.ts";
import { logSumExp } from "../../base/log-sum-exp.ts";
import type { DataSpec } from "../../data/types.ts";
import type { Bound } from "../bound.ts";
import type { Capabilities, ModelCore, ModelEntry, Numbers, Params, Preset } from "../contract.ts";
import { oneStep, withGaps } from "../tables.ts";
import { counting } from "./counting.ts";
import { filled, posterior, scored } from "./inference.ts";
import { freeParameters, learntTables } from "./learnt.ts";
import { naiveBayesOptions } from "./options.ts";
import { type Parts, partsOf } from "./parts.ts";

/** Naive Bayes with what it can do: everything but classify where the likelihood is no density of the columns. */
export type NaiveBayes = ModelCore &
  Pick<Capabilities, "classify"> &
  Partial<Pick<Capabilities, "sample" | "logProb" | "complete">>;

/**
 * p(y) ∏ᵢ p(xᵢ | y) of a class and the other columns, learned by counting in one round: a classifier that takes rows with
 * gaps, and a generator of rows. Without the target it is the mixture Σ_y p(y) ∏ᵢ p(xᵢ | y), which is exact too.
 */
export function naiveBayes(options: Readonly<Record<string, unknown>>, data: DataSpec): NaiveBayes {
  const config = naiveBayesOptions.parse(options);
  const parts = partsOf(config, data);
  const { family, names } = parts;
  const model: NaiveBayes = {
    name: "naive-bayes",
    config,
    data,
    conditional: false,
    init: () => ({ prior: full("float64", [names.length], 1 / names.length), ...(family.form() as object) }) as Params,
    learning: counting(parts),
    functions: {},
    learnt: (params) => learntTables(parts, params),
    freeParameters: (params) => freeParameters(parts, params),
    classify: async (on: Bound, x: Numbers) =>
      new HostArray("float64", [x.shape[0]!, names.length], posterior(parts, on.params, x)),
  };
  return family.classifiesOnly === undefined ? { ...model, ...generating(parts) } : model;
}

/** What it can do where the likelihood is a density of the columns. */
function generating(parts: Parts): Pick<Capabilities, "sample" | "logProb" | "complete"> {
  const width = parts.columns.length;
  return {
    sample: async (on, { count, key, temperature = 1 }) => {
      if (temperature !== 1)
        throw new UsageError("naive-bayes draws from its distribution as it is: leave the temperature at 1.");
      const blank = new HostArray("float64", [count, width], new Float64Array(count * width).fill(Number.NaN));
      return filled(parts, on.params, blank, key);
    },
    complete: async (on, x, observed, { key, stated }) => {
      stated?.("the exact conditional: the class given what is known, then each missing column given the class");
      return filled(parts, on.params, withGaps(x, observed), key);
    },
    logProb: async (on, x) => {
      const classes = parts.names.length;
      const scores = scored(parts, on.params, x);
      const nats = Float64Array.from({ length: x.shape[0]! }, (_, n) => {
        const y = x.data[n * width + parts.place]!;
        const own = scores.subarray(n * classes, (n + 1) * classes);
        return Number.isNaN(y) ? logSumExp(own) : own[y]!;
      });
      return { kind: "exact", via: "log p(class) + the sum over columns", nats };
    },
  };
}

const preset = (title: string, model: Preset["model"]): Preset => ({ title, model, training: oneStep });

/** The registry's entry. */
export const naiveBayesEntry: ModelEntry = {
  name: "naive-bayes",
  family: "tables",
  title: "Naive Bayes",
  paper: "Ng & Jordan 2001; complement by Rennie et al. 2003",
  kind: "exact",
  tables: true,
  options: naiveBayesOptions,
  presets: {
    small: preset("each column by its kind, one round of counting", {}),
    "ng-jordan": preset("each column by its kind, real ones with one variance: the pair of logistic regression", {
      sharedVariance: true,
    }),
    gaussian: preset("real columns as normals", { likelihood: "gaussian" }),
    bernoulli: preset("columns of two values", { likelihood: "bernoulli" }),
    multinomial: preset("counts as a multinomial", { likelihood: "multinomial" }),
    complement: preset("counts scored against the other classes; classifies only", { likelihood: "complement" }),
  },
  make: naiveBayes,
};
