import { SampoError, UsageError } from "../../base/errors.ts";
import { full, HostArray } from "../../base/host.ts";
import { logSumExp } from "../../base/log-sum-exp.ts";
import type { DataSpec } from "../../data/types.ts";
import { fold, type Key, uniform } from "../../random/index.ts";
import type { Bound } from "../bound.ts";
import type { Capabilities, ClosedForm, ModelCore, ModelEntry, Numbers, Params, Preset } from "../contract.ts";
import { oneStep, requireTable, requireTarget, withGaps } from "../tables.ts";
import { columnsFamily } from "./columns.ts";
import type { Family, Inputs } from "./family.ts";
import { inverseCdf } from "./laws.ts";
import { type NaiveBayesConfig, naiveBayesOptions } from "./options.ts";
import { complementFamily, multinomialFamily } from "./words.ts";

/** Naive Bayes with what it can do: everything but classify where the likelihood is no density of the columns. */
export type NaiveBayes = ModelCore &
  Pick<Capabilities, "classify"> &
  Partial<Pick<Capabilities, "sample" | "logProb" | "complete">>;

function familyOf(given: Inputs, config: NaiveBayesConfig): Family {
  if (config.likelihood === "multinomial") return multinomialFamily(given, config);
  if (config.likelihood === "complement") return complementFamily(given, config);
  return columnsFamily(given, config);
}

/**
 * p(y) ∏ᵢ p(xᵢ | y) of a class and the other columns, learned by counting in one round: a classifier that takes rows with
 * gaps, and a generator of rows. Without the target it is the mixture Σ_y p(y) ∏ᵢ p(xᵢ | y), which is exact too.
 */
export function naiveBayes(options: Readonly<Record<string, unknown>>, data: DataSpec): NaiveBayes {
  const config = naiveBayesOptions.parse(options);
  const spec = requireTable(data, "naive-bayes");
  const { place, classes: names } = requireTarget(spec, "naive-bayes");
  const { columns, inputs } = spec;
  const [width, classes] = [columns.length, names.length];
  const target = columns[place]!.name;
  if (classes < 2)
    throw new UsageError(
      `naive-bayes tells classes apart, and the target "${target}" has one value only, ${names[0]}.`,
    );
  if (inputs.length === 0) throw new UsageError(`naive-bayes needs columns beside the target "${target}".`);
  const family = familyOf({ columns, inputs, classes }, config);

  /** log p(y) + log p(known inputs | y), [n, classes]. */
  const scored = (params: Params, x: Numbers): Float64Array => {
    const { prior } = params as unknown as { readonly prior: HostArray<"float64"> };
    const { rate } = family.open(params);
    const rows = x.data instanceof Float64Array ? x.data : Float64Array.from(x.data);
    const scores = new Float64Array(x.shape[0]! * classes);
    const start = family.priorless ? new Float64Array(classes) : prior.data.map(Math.log);
    for (let n = 0; n < x.shape[0]!; n++) {
      const own = scores.subarray(n * classes, (n + 1) * classes);
      own.set(start);
      rate(rows, n * width, own);
    }
    return scores;
  };
  /** log p(y | known inputs), [n, classes]. */
  const posterior = (params: Params, x: Numbers): Float64Array => {
    const scores = scored(params, x);
    for (let n = 0; n < x.shape[0]!; n++) normalise(scores.subarray(n * classes, (n + 1) * classes), n);
    return scores;
  };
  const filled = (params: Params, x: HostArray<"float64">, key: Key) => {
    const shares = posterior(params, x).map(Math.exp);
    const u = uniform(fold(key, "class"), [x.shape[0]!]).data;
    const chosen = Int32Array.from(u, (each, n) => {
      const given = x.data[n * width + place]!;
      return Number.isNaN(given) ? inverseCdf(shares.subarray(n * classes, (n + 1) * classes), each) : given;
    });
    family.open(params).fill!(x.data, chosen, key);
    for (let n = 0; n < chosen.length; n++) x.data[n * width + place] = chosen[n]!;
    return x;
  };

  const learning: ClosedForm = {
    kind: "closed-form",
    zeros: () => ({ classes: new Float64Array(classes), ...family.zeros() }),
    add: async (sums, _, x) => {
      const add = family.adder(sums);
      const rows = x.data as Float64Array;
      for (let at = 0; at < x.size; at += width) {
        const y = rows[at + place]!;
        if (Number.isNaN(y)) continue;
        sums.classes![y]!++;
        add(rows, at, y);
      }
    },
    solve: (sums) => {
      const counts = sums.classes!;
      const present = counts.filter((count) => count > 0).length;
      if (present < 2)
        throw new UsageError(
          `naive-bayes tells classes apart, and the training rows ${present === 0 ? `have no value of "${target}"` : `all have "${target}" = ${names[counts.findIndex((count) => count > 0)]}`}.`,
        );
      const total = counts.reduce((a, b) => a + b, 0);
      const prior = counts.map((count) => (config.fitPrior ? count / total : count > 0 ? 1 / present : 0));
      return { prior: new HostArray("float64", [classes], prior), ...(family.solve(sums, counts) as object) } as Params;
    },
  };
  const model: NaiveBayes = {
    name: "naive-bayes",
    config,
    data,
    conditional: false,
    init: () => ({ prior: full("float64", [classes], 1 / classes), ...(family.form() as object) }) as Params,
    learning,
    functions: {},
    classify: async (on: Bound, x: Numbers) =>
      new HostArray("float64", [x.shape[0]!, classes], posterior(on.params, x)),
  };
  if (family.classifiesOnly !== undefined) return model;
  return {
    ...model,
    sample: async (on, { count, key, temperature = 1 }) => {
      if (temperature !== 1)
        throw new UsageError("naive-bayes draws from its distribution as it is: leave the temperature at 1.");
      const blank = new HostArray("float64", [count, width], new Float64Array(count * width).fill(Number.NaN));
      return filled(on.params, blank, key);
    },
    complete: async (on, x, observed, { key, stated }) => {
      stated?.("the exact conditional: the class given what is known, then each missing column given the class");
      return filled(on.params, withGaps(x, observed), key);
    },
    logProb: async (on, x) => {
      const scores = scored(on.params, x);
      const nats = Float64Array.from({ length: x.shape[0]! }, (_, n) => {
        const y = x.data[n * width + place]!;
        const own = scores.subarray(n * classes, (n + 1) * classes);
        return Number.isNaN(y) ? logSumExp(own) : own[y]!;
      });
      return {
        kind: "exact",
        via: "log p(class) + the sum over columns",
        nats,
      };
    },
  };
}

/** Log scores of classes turned into log probabilities; throws where every class is impossible. */
function normalise(scores: Float64Array, row: number): void {
  const sum = logSumExp(scores);
  if (sum === Number.NEGATIVE_INFINITY)
    throw new SampoError(
      `Row ${row + 1} has probability zero under every class: it holds values that never stood together in training; train with --set alpha=1.`,
    );
  for (let y = 0; y < scores.length; y++) scores[y]! -= sum;
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
