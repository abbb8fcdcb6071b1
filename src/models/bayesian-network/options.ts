import { z } from "zod";
import { UsageError } from "../../base/errors.ts";
import { unknownName } from "../../base/suggest.ts";
import { type Dag, dagFrom, scoreNames, topologicalOrder } from "../../bayes/index.ts";

/** Options of a Bayesian network over the columns of a table. */
export const networkOptions = z.strictObject({
  structure: z
    .enum(["hill-climb", "pc", "chow-liu", "naive", "independent", "given"])
    .default("hill-climb")
    .describe(
      "where the arrows come from: search by a score, tests of independence, the best tree, the target above all others, none, or --set arrows",
    ),
  arrows: z.string().default("").describe("for structure=given: arrows as a>b,c>b by names of columns"),
  score: z.enum(scoreNames).default("bic").describe("what hill climbing maximises"),
  maxParents: z.int().nonnegative().default(4).describe("most parents of a column that hill climbing gives"),
  restarts: z.int().nonnegative().default(5).describe("further climbs of hill climbing from changed structures"),
  significance: z.number().gt(0).lt(1).default(0.01).describe("level of the tests of PC"),
  sampleSize: z
    .number()
    .positive()
    .default(5)
    .describe("imagined rows spread evenly over each column's table (BDeu), in learning its probabilities"),
  samples: z
    .int()
    .positive()
    .default(2000)
    .describe("draws of likelihood weighting, used only where exact inference would take too much memory"),
});

/** The configuration of a Bayesian network. */
export type NetworkConfig = z.infer<typeof networkOptions>;

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
