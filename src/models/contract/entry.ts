import type { z } from "zod";
import type { DataSpec } from "../../data/types.ts";
import type { AnyModel } from "./model.ts";
import type { TrainingConfig } from "./training.ts";
import type { LikelihoodKind, Named } from "./values.ts";

/** A named configuration of a model and its training. */
export interface Preset {
  readonly title: string;
  readonly model: Readonly<Record<string, unknown>>;
  readonly training: TrainingConfig;
  /** How text is cut for it where the command line does not say; other data do not mind. */
  readonly text?: { readonly context?: number; readonly tokenizer?: string };
}

/*
 * How to write a table model. Its entry says `tables: true`; `make(config, data)` gets `data.values === "table"` and
 * `data.columns` (name, kind, levels), `data.target` (a place in columns, when --target names one) and `data.classes` (the
 * levels of the target). Throw UsageError in `make` for columns it cannot model; say to --drop them or to change their kind
 * with --columns. Examples are float64 [n, columns.length], ALL columns in order, the target among them: a categorical or
 * ordinal cell is the number of its level, a count a whole number, NaN is missing anywhere. `src/models/tables.ts` has
 * helpers (`requireTable`, `requireTarget`, `needKinds`, `levelsOf`, `withGaps`).
 *  - sample gives whole rows, the target included; complete takes NaN or observed = 0 as missing and returns what was given;
 *  - logProb rates whole rows: the density of real columns times the probability of the others; a missing cell is summed or
 *    integrated out, so a NaN in the target gives log p(inputs). A model of p(target | inputs) alone has no logProb;
 *  - classify gives log p(target | inputs) and never looks at the target;
 *  - Params may be float64 (arrays of any names where learning is `direct`; else `init` gives names, shapes, dtypes);
 *  - learning is `closed-form` (sums over batches: counting, moments, EM rounds; any amount of data), or `direct`.
 * The model to copy is src/models/independent/. tests/contract/tables.test.ts runs over every entry with `tables: true`.
 */

/** One line of the registry: the command line, the documentation and the contract tests all read it. */
export interface ModelEntry {
  readonly name: string;
  readonly family: string;
  readonly title: string;
  /** Authors, year, arXiv id. */
  readonly paper: string;
  readonly kind: LikelihoodKind | "none";
  /** Whether it models rows of a table: data are then opened as one; "also" where it models vectors and images too. */
  readonly tables?: boolean | "also";
  /** Whether it models sequences of rows of typed columns, too: examples float64 [n, T, columns], NaN beyond their end. */
  readonly sequences?: boolean;
  /** Options with their descriptions and defaults; what `--set name=value` may set. */
  readonly options: z.ZodObject;
  /** Options a trained model may be used with other values of: they shape no parameter and no training. */
  readonly changeable?: readonly string[];
  readonly presets: Named<Preset>;
  /** A model for data of that kind; throws UsageError when it cannot model such data. */
  readonly make: (config: Readonly<Record<string, unknown>>, data: DataSpec) => AnyModel;
}
