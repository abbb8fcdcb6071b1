import { UsageError } from "../../base/errors.ts";
import { HostArray } from "../../base/host.ts";
import {
  type CountNode,
  countsForward,
  type ForwardNode,
  type GaussianNode,
  type MixedNetwork,
  type Network,
  type NeuralConditional,
  type Node,
  neuralConditional,
  regimesForward,
  tableNodes,
  tabulate,
  type Weights,
} from "../../bayes/index.ts";
import type { Column } from "../../data/table/types.ts";
import type { Variable } from "../../probability/tables/index.ts";
import type { Params } from "../contract.ts";
import { levelsOf } from "../tables.ts";

/** What a column is given its parents: a table, regressions, laws of a count, or a network. */
export type Conditional =
  | { readonly kind: "table"; readonly node: Node }
  | { readonly kind: "regression"; readonly node: GaussianNode }
  | { readonly kind: "counts"; readonly node: CountNode }
  | { readonly kind: "neural"; readonly node: NeuralConditional };

/** A network over the columns of a table: for each column its parents in order, and its conditional. */
export interface Learnt {
  readonly columns: readonly Column[];
  readonly parents: readonly (readonly string[])[];
  readonly conditionals: readonly Conditional[];
}

/** The variables of columns with levels. */
export function variableOf(column: Column): Variable {
  levelsOf(column);
  return { name: column.name, states: column.levels! };
}

/** The conditionals as tables, where all of them are. */
export function discreteOf({ conditionals }: Learnt): Network | undefined {
  const nodes = conditionals.flatMap((each) => (each.kind === "table" ? [each.node] : []));
  return nodes.length === conditionals.length ? { name: "learnt", nodes } : undefined;
}

/**
 * The conditionals as tables, neural ones tabulated; throws where a column is real or a count. Exact inference, d-separation,
 * interventions and drawing then take the network like one from a file.
 */
export function tabulated(learnt: Learnt, name: string): Network {
  const other = learnt.columns.find(({ levels }) => !levels);
  if (other)
    throw new UsageError(
      `${name} has the ${other.kind} column "${other.name}", so that it is no network of tables: ask it with sampo bayes query (without --joint) or sample, or fill rows with sampo complete.`,
    );
  const nodes = learnt.conditionals.map((each) => (each.kind === "neural" ? tabulate(each.node) : (each.node as Node)));
  return { name, nodes };
}

/** The conditionals as a mixed network, where none is neural. */
export function mixedOf({ conditionals }: Learnt): MixedNetwork | undefined {
  if (conditionals.some(({ kind }) => kind === "neural")) return undefined;
  const nodes = conditionals.flatMap((each) => (each.kind === "table" ? [each.node] : []));
  const gaussian = conditionals.flatMap((each) => (each.kind === "regression" ? [each.node] : []));
  const counts = conditionals.flatMap((each) => (each.kind === "counts" ? [each.node] : []));
  return { name: "learnt", discrete: { name: "learnt", nodes }, gaussian, counts };
}

/** The conditionals as nodes that can be drawn from and rated, in the order of the columns. */
export function forwardOf({ columns, parents, conditionals }: Learnt): ForwardNode[] {
  const tables = conditionals.flatMap((each) => (each.kind === "table" ? [each.node] : []));
  const tableNode = new Map(tableNodes({ name: "learnt", nodes: tables }).map((node) => [node.name, node]));
  return conditionals.map((each, i) => {
    if (each.kind === "neural") return each.node;
    if (each.kind === "table") return tableNode.get(each.node.variable.name)!;
    const widths = each.node.given.map((name) => levelsOf(columns.find((column) => column.name === name)!));
    if (each.kind === "counts") return countsForward(each.node, parents[i]!, widths);
    return regimesForward(each.node, parents[i]!, widths);
  });
}

const float64 = (shape: readonly number[], values: ArrayLike<number>) =>
  new HostArray("float64", [...shape], Float64Array.from(values));

function paramsOfConditional(conditional: Conditional): Params {
  if (conditional.kind === "table") return float64([conditional.node.table.length], conditional.node.table) as Params;
  if (conditional.kind === "regression") {
    const { regimes } = conditional.node;
    const rows = regimes.flatMap(({ intercept, variance, coefficients }) => [intercept, variance, ...coefficients]);
    return float64([regimes.length, rows.length / regimes.length], rows) as Params;
  }
  if (conditional.kind === "counts") {
    const { laws } = conditional.node;
    const rows = laws.flatMap(({ mean, dispersion }) => [mean, dispersion]);
    return float64([laws.length, 2], rows) as Params;
  }
  const { weights, scales, target, loss } = conditional.node;
  const all = [...scales, target].flatMap((scale) => [scale?.mean ?? 0, scale?.deviation ?? 1]);
  return { ...weights, scales: float64([scales.length + 1, 2], all), loss: float64([1], [loss]) } as unknown as Params;
}

/**
 * A network as parameters: arrows [parent, child] hold the place of a parent among the parents, from 1 on; `tables` a
 * conditional for each column: a table's probabilities [rows · states]; regressions [regimes, 2 + real parents] of
 * intercept, variance and coefficients; laws of a count [combinations, 2], mean and dispersion; or the weights of a network with means and deviations [parents + 1, 2].
 */
export function paramsOf({ columns, parents, conditionals }: Learnt): Params {
  const names = columns.map(({ name }) => name);
  const n = names.length;
  const arrows = new Float64Array(n * n);
  parents.forEach((list, child) => {
    list.forEach((name, place) => {
      arrows[names.indexOf(name) * n + child] = place + 1;
    });
  });
  return { arrows: float64([n, n], arrows), tables: conditionals.map(paramsOfConditional) } as Params;
}

interface NeuralParams extends Weights<HostArray> {
  readonly scales: HostArray<"float64">;
  readonly loss: HostArray<"float64">;
}

function conditionalOf(
  column: Column,
  above: readonly Column[],
  given: HostArray<"float64"> | NeuralParams,
): Conditional {
  const parents = above.map(({ name }) => name);
  if (!(given instanceof HostArray)) {
    const scale = (i: number) => ({ mean: given.scales.data[2 * i]!, deviation: given.scales.data[2 * i + 1]! });
    const scales = above.map(({ levels }, i) => (levels ? undefined : scale(i)));
    const { first, second, loss } = given;
    const own = { child: column, columns: above, weights: { first, second }, loss: loss.data[0]! };
    return { kind: "neural", node: neuralConditional({ ...own, scales, target: scale(above.length) }) };
  }
  if (column.levels) return { kind: "table", node: { variable: variableOf(column), parents, table: given.data } };
  const [count, width] = given.shape as [number, number];
  if (column.kind === "count") {
    const laws = Array.from({ length: count }, (_, i) => ({
      mean: given.data[2 * i]!,
      dispersion: given.data[2 * i + 1]!,
    }));
    return { kind: "counts", node: { name: column.name, given: parents, laws } };
  }
  const regimes = Array.from({ length: count }, (_, i) => {
    const [intercept, variance, ...coefficients] = given.data.subarray(i * width, (i + 1) * width);
    return { intercept: intercept!, variance: variance!, coefficients };
  });
  const names = (discrete: boolean) =>
    above.flatMap(({ name, levels }) => ((levels !== undefined) === discrete ? [name] : []));
  return { kind: "regression", node: { name: column.name, parents: names(false), given: names(true), regimes } };
}

/** The network of parameters. */
export function learntOfParams(params: Params, columns: readonly Column[]): Learnt {
  const { arrows, tables } = params as unknown as {
    readonly arrows: HostArray<"float64">;
    readonly tables: readonly (HostArray<"float64"> | NeuralParams)[];
  };
  const n = columns.length;
  const above = columns.map((_, child) =>
    columns
      .flatMap((column, parent) => {
        const place = arrows.data[parent * n + child]!;
        return place > 0 ? [[place, column] as const] : [];
      })
      .sort((a, b) => a[0] - b[0])
      .map(([, column]) => column),
  );
  return {
    columns,
    parents: above.map((list) => list.map(({ name }) => name)),
    conditionals: columns.map((column, i) => conditionalOf(column, above[i]!, tables[i]!)),
  };
}
