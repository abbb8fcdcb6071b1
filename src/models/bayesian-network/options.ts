import { z } from "zod";
import { UsageError } from "../../base/errors.ts";
import { unknownName } from "../../base/suggest.ts";
import { countLawNames, type Dag, dagFrom, mayLead, scoreNames, topologicalOrder } from "../../bayes/index.ts";
import type { Column } from "../../data/table/types.ts";

/** Options of a Bayesian network over the columns of a table. */
export const networkOptions = z.strictObject({
  structure: z
    .enum(["hill-climb", "ges", "pc", "chow-liu", "naive", "independent", "given"])
    .default("hill-climb")
    .describe(
      "where the arrows come from: search by a score, search among equivalence classes, tests of independence, the best tree, the target above all others, none, or --set arrows",
    ),
  arrows: z.string().default("").describe("for structure=given: arrows as a>b,c>b by names of columns"),
  score: z.enum(scoreNames).default("bic").describe("what hill climbing and ges maximise"),
  maxParents: z.int().nonnegative().default(4).describe("most parents of a column that hill climbing and ges give"),
  restarts: z.int().nonnegative().default(5).describe("further climbs of hill climbing from changed structures"),
  significance: z.number().gt(0).lt(1).default(0.01).describe("level of the tests of PC"),
  sampleSize: z
    .number()
    .positive()
    .default(5)
    .describe("imagined rows spread evenly over each column's table (BDeu), in learning its probabilities"),
  counts: z
    .enum(countLawNames)
    .default("negative-binomial")
    .describe("law of count columns in each combination of their parents, by its mean and variance or by its mean"),
  conditionals: z
    .enum(["closed", "neural"])
    .default("closed")
    .describe(
      "what a column is given its parents: tables and linear regressions, or a network with one hidden layer trained in the engine",
    ),
  hidden: z.int().positive().default(32).describe("hidden units of a neural conditional"),
  neuralSteps: z.int().positive().default(1500).describe("training steps of each neural conditional"),
  samples: z
    .int()
    .positive()
    .default(2000)
    .describe(
      "draws of likelihood weighting, used only where exact inference would take too much memory or is not possible",
    ),
});

/** The configuration of a Bayesian network. */
export type NetworkConfig = z.infer<typeof networkOptions>;

/** The ways to find arrows that know columns with levels alone. */
const discreteOnly = ["ges", "pc", "chow-liu"];

/** Throws where the options do not go with each other or with the columns. */
export function checkOptions(config: NetworkConfig, columns: readonly Column[]): void {
  const { structure, score, conditionals } = config;
  const named = new Map(columns.map((column) => [column.name, column]));
  const other = columns.find((column) => !column.levels);
  if (structure === "ges" && score === "k2")
    throw new UsageError("Equivalent structures differ in K2, so structure=ges takes another score, such as bdeu.");
  if (other && discreteOnly.includes(structure))
    throw new UsageError(
      `structure=${structure} is for columns with levels alone, and "${other.name}" is ${kindInWords(other)}: take hill-climb, naive, independent or given.`,
    );
  if (other && structure === "hill-climb" && (score === "bdeu" || score === "k2"))
    throw new UsageError(
      `The score ${score} is for columns with levels alone, and "${other.name}" is ${kindInWords(other)}: take bic or aic.`,
    );
  if (structure !== "given") return;
  const dag = parseArrows(config.arrows, [...named.keys()]);
  if (conditionals === "neural") return;
  for (const [child, parents] of dag.parents.entries())
    for (const parent of parents) {
      const [from, to] = [named.get(dag.names[parent]!)!, named.get(dag.names[child]!)!];
      if (mayLead(from, to)) continue;
      const otherwise = mayLead(to, from) ? "turn it round" : "leave it out";
      throw new UsageError(
        `The arrow ${from.name}>${to.name} leads from ${columnInWords(from)} to ${to.levels ? "one with levels" : columnInWords(to)}, which takes --set conditionals=neural; or ${otherwise}.`,
      );
    }
}

const kindInWords = ({ kind }: Column) => (kind === "count" ? "a count" : kind);

const columnInWords = ({ kind }: Column) => (kind === "count" ? "a column of counts" : `a ${kind} column`);

/** The structure of `a>b,c>b`; throws for unknown names and cycles. */
export function parseArrows(text: string, names: readonly string[]): Dag {
  const parents = new Map(names.map((name) => [name, [] as string[]]));
  for (const part of text.split(",").map((word) => word.trim())) {
    if (part === "") continue;
    const [from, to, ...rest] = part.split(">").map((word) => word.trim());
    if (!from || !to || rest.length > 0) throw new UsageError(`Arrows are written as a>b,c>b; got "${part}".`);
    for (const name of [from, to]) if (!parents.has(name)) throw new UsageError(unknownName("column", name, names));
    if (!parents.get(to)!.includes(from)) parents.get(to)!.push(from);
  }
  const dag = dagFrom([...parents]);
  topologicalOrder(dag);
  return dag;
}
