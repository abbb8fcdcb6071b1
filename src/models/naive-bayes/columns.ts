import { UsageError } from "../../base/errors.ts";
import type { Column } from "../../data/table/types.ts";
import { fold, normal, uniform } from "../../random/index.ts";
import type { Params, Sums } from "../contract.ts";
import { levelsOf } from "../tables.ts";
import { type Family, type Inputs, nothingIn } from "./family.ts";
import { countsLaw, gaussianLaw, type Law, type LawParams, levelsLaw } from "./laws.ts";
import type { NaiveBayesConfig } from "./options.ts";

/** The law of one column under a likelihood; throws where the column's kind does not go with it. */
function lawOf(column: Column, classes: number, config: NaiveBayesConfig): Law {
  const { kind, levels, name } = column;
  const refuse = (what: string, cure: string) =>
    new UsageError(
      `naive-bayes with likelihood=${config.likelihood} models ${what}, and "${name}" is ${kind}: say --columns "${name}:${cure}", drop it with --drop, or leave likelihood at auto.`,
    );
  switch (config.likelihood) {
    case "gaussian":
      if (levels && kind !== "ordinal") throw refuse("numbers", "real");
      return gaussianLaw(classes, config);
    case "categorical":
      if (!levels) throw refuse("names", "categorical");
      return levelsLaw(classes, levelsOf(column), config);
    case "bernoulli":
      if (!levels) return levelsLaw(classes, 2, config, (value) => Number(value > config.threshold));
      if (levels.length > 2) throw refuse("columns of two values", "count");
      return levelsLaw(classes, levels.length, config);
    default:
      if (levels) return levelsLaw(classes, levelsOf(column), config);
      return kind === "count" ? countsLaw(classes, config) : gaussianLaw(classes, config);
  }
}

/** Why a likelihood is none of the columns as they are, if so. */
function mismatch({ columns, inputs }: Inputs, { likelihood, threshold }: NaiveBayesConfig): string | undefined {
  const found = (test: (column: Column) => boolean) => inputs.map((i) => columns[i]!).find(test);
  if (likelihood === "gaussian") {
    const odd = found(({ kind }) => kind !== "real");
    return odd && `a normal is no law of "${odd.name}", which is ${odd.kind}`;
  }
  const odd = likelihood === "bernoulli" ? found(({ levels }) => !levels) : undefined;
  return odd && `of "${odd.name}" it looks only at whether it is above ${threshold}`;
}

/** Columns that are independent given the class: log p(x | y) = Σᵢ log p(xᵢ | y); a missing column drops out exactly. */
export function columnsFamily(given: Inputs, config: NaiveBayesConfig): Family {
  const { columns, inputs, classes } = given;
  const width = columns.length;
  const laws = inputs.map((i) => lawOf(columns[i]!, classes, config));
  const part = (sums: Sums, k: number) =>
    Object.fromEntries(Object.keys(laws[k]!.sums).map((name) => [name, sums[`${inputs[k]}/${name}`]!]));
  const without = mismatch(given, config);
  return {
    ...(without === undefined ? {} : { classifiesOnly: without }),
    form: () => ({ columns: laws.map((law) => law.form()) }),
    zeros: () =>
      Object.fromEntries(
        laws.flatMap((law, k) =>
          Object.entries(law.sums).map(([name, size]) => [`${inputs[k]}/${name}`, new Float64Array(size)]),
        ),
      ),
    adder: (sums) => {
      const parts = laws.map((_, k) => part(sums, k));
      return (x, at, y) => {
        for (let k = 0; k < laws.length; k++) {
          const value = x[at + inputs[k]!]!;
          if (!Number.isNaN(value)) laws[k]!.add(parts[k]!, value, y);
        }
      };
    },
    solve: (sums) => {
      const widest = laws.reduce((most, law, k) => Math.max(most, law.variance?.(part(sums, k)) || 0), 0);
      const epsilon = config.varSmoothing * widest;
      const solved = laws.map((law, k) => {
        const params = law.solve(part(sums, k), epsilon);
        if (!params) throw new UsageError(nothingIn(columns[inputs[k]!]!));
        if (params.variance?.data.some((v) => !(v > 0)))
          throw new UsageError(
            `The column "${columns[inputs[k]!]!.name}" has one value in every training row of a class, so no normal fits it: leave it out with --drop, or train with --set varSmoothing=1e-9.`,
          );
        return params;
      });
      return { columns: solved };
    },
    open: (params: Params) => {
      const { columns: each } = params as unknown as { readonly columns: readonly LawParams[] };
      const open = laws.map((law, k) => law.open(each[k]!));
      return {
        rate: (x, at, scores) => {
          for (let k = 0; k < open.length; k++) {
            const value = x[at + inputs[k]!]!;
            if (!Number.isNaN(value)) open[k]!.rate(value, scores);
          }
        },
        fill: (x, chosen, key) => {
          for (let k = 0; k < open.length; k++) {
            const own = fold(key, inputs[k]!);
            const u = uniform(fold(own, "uniform"), [chosen.length]).data;
            const z = normal(fold(own, "normal"), [chosen.length]).data;
            for (let n = 0, at = inputs[k]!; n < chosen.length; n++, at += width)
              if (Number.isNaN(x[at]) && chosen[n]! >= 0) x[at] = open[k]!.draw(chosen[n]!, u[n]!, z[n]!);
          }
        },
      };
    },
  };
}
