import { UsageError } from "../../base/errors.ts";
import { HostArray } from "../../base/host.ts";
import { logSumExp } from "../../base/log-sum-exp.ts";
import type { DataSpec } from "../../data/types.ts";
import type { GenerativeModel, ModelEntry, Numbers, Preset, TrainingConfig } from "../contract.ts";
import { requireTable, requireTarget } from "../tables.ts";
import { coefficients } from "./coefficients.ts";
import { featuresOf } from "./features.ts";
import { fitLogistic } from "./fit.ts";
import { logisticOptions } from "./options.ts";
import type { LogisticParams } from "./steps.ts";

/** Logistic regression: p(target | inputs) alone, so it can classify and nothing else. */
export type LogisticRegression = GenerativeModel<"classify">;

/**
 * log p(y | x) linear in x: the logistic function of w·x + b for two classes, the softmax of w_k·x + b_k for more. Names
 * enter as a 0 or 1 for each level. It has no p(x): it does not sample, rate rows, or fill gaps; a gap among the inputs is
 * taken as the mean of the column in training.
 */
export function logisticRegression(options: Readonly<Record<string, unknown>>, data: DataSpec): LogisticRegression {
  const config = logisticOptions.parse(options);
  const spec = requireTable(data, "logistic-regression");
  const { place, classes } = requireTarget(spec, "logistic-regression");
  const { columns, inputs } = spec;
  const { name } = columns[place]!;
  if (classes.length < 2)
    throw new UsageError(
      `logistic-regression tells classes apart, and the target "${name}" has one value only, ${classes[0]}.`,
    );
  if (inputs.length === 0) throw new UsageError(`logistic-regression needs columns beside the target "${name}".`);
  const features = featuresOf(spec);
  const fitting = {
    features,
    width: columns.length,
    target: { place, name, classes },
    columnNames: columns.map((column) => column.name),
    config,
  };
  return {
    name: "logistic-regression",
    config,
    data,
    conditional: false,
    init: () => ({}),
    learning: { kind: "direct", fit: (given) => fitLogistic(fitting, given) },
    functions: {},
    learnt: (params) => [coefficients(params, features.names, name, classes)],
    freeParameters: (params) => {
      const { weight, bias } = params as unknown as LogisticParams;
      return weight.size + bias.size;
    },
    classify: async (on, x) => {
      const { weight, bias, mean } = on.params as unknown as LogisticParams;
      const count = x.shape[0]!;
      const logs = new Float64Array(count * classes.length);
      const row = new Float64Array(features.names.length);
      const z = new Float64Array(bias.size);
      for (let n = 0; n < count; n++) {
        scoreRow(x, n, row);
        logSoftmax(z, logs.subarray(n * classes.length, (n + 1) * classes.length));
      }
      return new HostArray("float64", [count, classes.length], logs);

      function scoreRow(rows: Numbers, n: number, written: Float64Array): void {
        features.write(rows.data, n * columns.length, written, 0);
        z.set(bias.data);
        for (let f = 0; f < written.length; f++) {
          const value = Number.isNaN(written[f]) ? mean.data[f]! : written[f]!;
          if (value !== 0) for (let k = 0; k < z.length; k++) z[k]! += value * weight.data[f * z.length + k]!;
        }
      }
    },
  };
}

/** Log probabilities of classes from one score for two of them, or one for each. */
function logSoftmax(z: Float64Array, logs: Float64Array): void {
  if (z.length === 1) {
    const tail = Math.log1p(Math.exp(-Math.abs(z[0]!)));
    logs[0] = Math.min(0, -z[0]!) - tail;
    logs[1] = Math.min(0, z[0]!) - tail;
    return;
  }
  const sum = logSumExp(z);
  for (let k = 0; k < z.length; k++) logs[k] = z[k]! - sum;
}

/** It is validated when it has converged: the loss has one minimum, and that is the model. */
const training: TrainingConfig = { batchSize: 4096, validateEvery: 1_000_000 };
const preset = (title: string, model: Preset["model"]): Preset => ({ title, model, training });

/** The registry's entry. */
export const logisticRegressionEntry: ModelEntry = {
  name: "logistic-regression",
  family: "tables",
  title: "Logistic regression",
  paper: "Ng & Jordan 2001; fitted by L-BFGS (Liu & Nocedal 1989) or OWL-QN (Andrew & Gao 2007)",
  kind: "none",
  tables: true,
  options: logisticOptions,
  presets: {
    small: preset("standardised inputs, L2 penalty, to the minimum", {}),
    "ng-jordan": preset("nearly maximum likelihood, with the trace of a penalty that separable classes need", {
      C: 1000,
    }),
    l1: preset("standardised inputs, L1 penalty: coefficients that are exactly zero", { penalty: "l1" }),
    unpenalised: preset("maximum likelihood, without a penalty", { penalty: "none" }),
  },
  make: logisticRegression,
};
