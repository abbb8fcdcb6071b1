import { HostArray } from "../../base/host.ts";
import { drawNodes, forwardWeighting } from "../../bayes/index.ts";
import type { Column } from "../../data/table/types.ts";
import type { DataSpec } from "../../data/types.ts";
import { uniforms64 } from "../../probability/tables/index.ts";
import { fold } from "../../random/index.ts";
import type { Bound } from "../bound.ts";
import type { Capabilities, GenerativeModel, ModelEntry, Numbers, Params } from "../contract.ts";
import { oneStep, requireTable, requireTarget, withGaps } from "../tables.ts";
import { forwardOf, learntOfParams, variableOf } from "./conditionals.ts";
import { learntTables, parametersOfConditional } from "./described.ts";
import { drawnColumns } from "./drawn.ts";
import { fitNetwork } from "./fit.ts";
import { type Asked, asked } from "./inference.ts";
import { checkOptions, networkOptions } from "./options.ts";

type Always = "sample" | "logProb" | "complete";

/** A Bayesian network of a table, with what it can do; classify where the target has classes. */
export type BayesianNetwork = GenerativeModel<Always> & Partial<Pick<Capabilities, "classify">>;

/**
 * A Bayesian network over the columns of a table, p(x) = ∏ p(xᵢ | parents of xᵢ): arrows learnt or given; tables from
 * counts; for real columns linear regressions in each combination of discrete parents (conditional linear-Gaussian,
 * Lauritzen & Wermuth 1989), for columns of counts a law in each; by EM where values are missing; or networks trained in
 * the engine. Missing values are summed and integrated out exactly, but beside neural conditionals of columns without
 * levels.
 */
export function bayesianNetwork(options: Readonly<Record<string, unknown>>, data: DataSpec): BayesianNetwork {
  const config = networkOptions.parse(options);
  const spec = requireTable(data, "bayesian-network");
  const { columns, target } = spec;
  if (config.structure === "naive") requireTarget(spec, "A naive structure");
  checkOptions(config, columns);
  for (const column of columns) if (column.levels) variableOf(column);
  const ask = asking(columns, config.samples);
  const model: GenerativeModel<Always> = {
    name: "bayesian-network",
    config,
    data,
    conditional: false,
    init: (): Params => ({}),
    learning: { kind: "direct", fit: (given) => fitNetwork(columns, target, config, given) },
    functions: {},
    sample: sampleOf(columns),
    logProb: logProbOf(ask),
    complete: completeOf(ask),
    learnt: (params) => learntTables(learntOfParams(params, columns)),
    drawing: (params) => drawNodes("network", drawnColumns(learntOfParams(params, columns))),
    freeParameters: (params) =>
      learntOfParams(params, columns).conditionals.reduce(
        (sum, each) => sum + parametersOfConditional(each, config.counts),
        0,
      ),
  };
  const classes = target === undefined ? undefined : columns[target]!.levels?.length;
  return classes === undefined ? model : { ...model, classify: classifyOf(ask, target!, classes) };
}

type Ask = (on: Bound) => Asked;

/** What parameters answer, made once for each. */
function asking(columns: readonly Column[], samples: number): Ask {
  const known = new WeakMap<object, Asked>();
  return ({ params }) => {
    const before = known.get(params as object);
    if (before) return before;
    const made = asked(learntOfParams(params, columns), samples);
    known.set(params as object, made);
    return made;
  };
}

/** The rows of numbers [n, columns]. */
function rowsOf({ data, shape: [count, width] }: Numbers) {
  return Array.from({ length: count! }, (_, n) => data.subarray(n * width!, (n + 1) * width!));
}

const sampleOf =
  (columns: readonly Column[]): Capabilities["sample"] =>
  async (on, { count, key }) => {
    const width = columns.length;
    const { values } = forwardWeighting(forwardOf(learntOfParams(on.params, columns)), {}, { samples: count, key });
    const drawn = columns.map(({ name }) => values.get(name)!);
    const cells = Float64Array.from({ length: count * width }, (_, i) => drawn[i % width]![Math.floor(i / width)]!);
    return new HostArray("float64", [count, width], cells);
  };

const logProbOf =
  (ask: Ask): Capabilities["logProb"] =>
  async (on, x, { key }) => {
    const { logProb, exact, how } = ask(on);
    const nats = Float64Array.from(rowsOf(x), (row, n) => logProb(row, fold(key, n)));
    if (exact || x.data.every((value) => !Number.isNaN(value)))
      return { kind: "exact", via: `the product over columns${exact ? `, ${how}` : ""}`, nats };
    return { kind: "estimate", via: `${how} where values are missing`, nats };
  };

const completeOf =
  (ask: Ask): Capabilities["complete"] =>
  async (on, x, observed, { key, stated, progress }) => {
    const answers = ask(on);
    stated?.(answers.exact ? "the exact posterior" : answers.how);
    const filled = withGaps(x, observed);
    const [count, width] = x.shape as [number, number];
    const each = width + 1;
    const uniforms = uniforms64(key, each * count);
    for (const [n, row] of rowsOf(filled).entries()) {
      if (row.every((value) => !Number.isNaN(value))) continue;
      const drawn = answers.draw(row, uniforms.subarray(n * each, (n + 1) * each), fold(key, n));
      for (let v = 0; v < width; v++) if (Number.isNaN(row[v]!)) row[v] = drawn[v]!;
      progress?.(n / count);
    }
    return filled;
  };

const classifyOf =
  (ask: Ask, target: number, classes: number): Capabilities["classify"] =>
  async (on, x, { key }) => {
    const { logPosterior } = ask(on);
    const logs = rowsOf(x).flatMap((row, n) => [...logPosterior(row, target, fold(key, n))]);
    return new HostArray("float64", [x.shape[0]!, classes], Float64Array.from(logs));
  };

/** The registry's entry. */
export const bayesianNetworkEntry: ModelEntry = {
  name: "bayesian-network",
  family: "tables",
  title: "Bayesian network",
  paper:
    "Pearl 1988; hill climbing and BDeu: Heckerman, Geiger & Chickering 1995; trees: Chow & Liu 1968; classes: Chickering 2002; EM: Lauritzen 1995; real columns: Lauritzen & Wermuth 1989",
  kind: "exact",
  tables: true,
  options: networkOptions,
  changeable: ["samples"],
  presets: {
    small: {
      title: "arrows by hill climbing with BIC, tables by counts, regressions of real columns, one step",
      model: {},
      training: oneStep,
    },
    tree: { title: "the Chow-Liu tree of the columns", model: { structure: "chow-liu" }, training: oneStep },
  },
  make: bayesianNetwork,
};
