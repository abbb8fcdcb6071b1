import { UsageError } from "../../base/errors.ts";
import type { Column } from "../../data/table/types.ts";
import type { DataSpec } from "../../data/types.ts";
import { requireTable, requireTarget } from "../tables.ts";
import { columnsFamily } from "./columns.ts";
import type { Family, Inputs } from "./family.ts";
import type { NaiveBayesConfig } from "./options.ts";
import { complementFamily, multinomialFamily } from "./words.ts";

/** What a naive Bayes is made of. */
export interface Parts {
  readonly config: NaiveBayesConfig;
  readonly columns: readonly Column[];
  /** The place of the target among the columns, and its classes. */
  readonly place: number;
  readonly names: readonly string[];
  readonly family: Family;
}

/** The parts of a naive Bayes of a table; throws where there are no two classes or no inputs. */
export function partsOf(config: NaiveBayesConfig, data: DataSpec): Parts {
  const spec = requireTable(data, "naive-bayes");
  const { place, classes: names } = requireTarget(spec, "naive-bayes");
  const { columns, inputs } = spec;
  const target = columns[place]!.name;
  if (names.length < 2)
    throw new UsageError(
      `naive-bayes tells classes apart, and the target "${target}" has one value only, ${names[0]}.`,
    );
  if (inputs.length === 0) throw new UsageError(`naive-bayes needs columns beside the target "${target}".`);
  return { config, columns, place, names, family: familyOf({ columns, inputs, classes: names.length }, config) };
}

function familyOf(given: Inputs, config: NaiveBayesConfig): Family {
  if (config.likelihood === "multinomial") return multinomialFamily(given, config);
  if (config.likelihood === "complement") return complementFamily(given, config);
  return columnsFamily(given, config);
}
