import { SampoError, UsageError } from "../../base/errors.ts";
import { logSumExp } from "../../base/log-sum-exp.ts";
import {
  drawPart,
  type ForwardNode,
  forwardWeighting,
  type JunctionTree,
  junctionTree,
  MAX_COMBINATIONS,
  type MixedInference,
  type MixedNetwork,
  mixedInference,
  posteriorSampler,
  TablesTooLarge,
} from "../../bayes/index.ts";
import { inverseCdf } from "../../probability/tables/index.ts";
import { fold, type Key } from "../../random/index.ts";
import { discreteOf, forwardOf, type Learnt, mixedOf } from "./conditionals.ts";

/** Values of a row of a table, states of columns with levels; NaN where missing. */
type Row = ArrayLike<number>;

/** Answers about what a row lacks: exact, or by weighted draws. */
interface Engine {
  /** How missing values are dealt with, in words. */
  readonly how: string;
  readonly exact: boolean;
  /** log p(what is seen in a row). */
  logEvidence(row: Row, key: Key): number;
  /** log p(variable | what is seen in a row), of a column with levels that is missing in it. */
  logMarginal(row: Row, variable: number, key: Key): Float64Array;
  /** A draw of all columns given what is seen in a row, from uniforms, one more than there are columns. */
  draw(row: Row, uniforms: ArrayLike<number>, key: Key): ArrayLike<number>;
}

/** What a model asks of a network. */
export interface Asked extends Pick<Engine, "how" | "exact" | "draw"> {
  /** log p(what is seen in a row). */
  logProb(row: Row, key: Key): number;
  /** log p(variable | what is seen in a row of others), of a column with levels. */
  logPosterior(row: Row, variable: number, key: Key): Float64Array;
}

const seen = (value: number | undefined) => value !== undefined && !Number.isNaN(value);

/** Answers about a network: whole rows by the product of its conditionals, rows with gaps by what is exact or near. */
export function asked(learnt: Learnt, samples: number): Asked {
  const nodes = forwardOf(learnt);
  const names = learnt.columns.map(({ name }) => name);
  const parents = nodes.map((node) => node.parents.map((name) => names.indexOf(name)));
  const children = names.map((_, v) => names.flatMap((__, child) => (parents[child]!.includes(v) ? [child] : [])));
  const engine = engineOf(learnt, nodes, samples);
  /** Σ log p(node | parents) of a row over some nodes. */
  const product = (row: Row, some: readonly number[]) =>
    some.reduce((sum, v) => {
      const above = parents[v]!.map((p) => row[p]!);
      return sum + nodes[v]!.logProb(row[v]!, above);
    }, 0);
  const all = [...names.keys()];
  const logProb = (row: Row, key: Key) => {
    const gaps = all.filter((v) => !seen(row[v]));
    if (gaps.length === 0) return product(row, all);
    return gaps.length === all.length ? 0 : engine.logEvidence(row, key);
  };
  const logPosterior = (row: Row, variable: number, key: Key) => {
    const filled = Float64Array.from(row);
    filled[variable] = Number.NaN;
    const touched = [variable, ...children[variable]!];
    const family = touched.flatMap((v) => [v, ...parents[v]!]);
    if (!family.every((v) => v === variable || seen(row[v]))) return engine.logMarginal(filled, variable, key);
    // The variable given its whole Markov blanket takes only the conditionals it stands in.
    const logs = learnt.columns[variable]!.levels!.map((_, state) => {
      filled[variable] = state;
      return product(filled, touched);
    });
    const total = logSumExp(logs);
    return Float64Array.from(logs, (log) => log - total);
  };
  const { how, exact } = engine;
  return {
    how,
    exact,
    logProb,
    logPosterior,
    draw: (row, uniforms, key) => engine.draw(row, uniforms, fold(key, "weighting")),
  };
}

function engineOf(learnt: Learnt, nodes: readonly ForwardNode[], samples: number): Engine {
  const discrete = discreteOf(learnt);
  const tree = discrete && within(() => junctionTree(discrete, { maxBytes: 2 ** 28 }));
  if (tree) return tables(learnt, tree);
  const mixed = discrete ? undefined : mixedOf(learnt);
  const inference = mixed && within(() => mixedInference(mixed, { maxBytes: 2 ** 28 }));
  if (inference && inference.combinations <= MAX_COMBINATIONS) return normals(learnt, mixed!, inference);
  return weighting(learnt, nodes, samples);
}

/** What is made, unless its tables would take too much memory. */
function within<T>(make: () => T): T | undefined {
  try {
    return make();
  } catch (error) {
    if (error instanceof TablesTooLarge) return undefined;
    throw error;
  }
}

const evidenceOf = ({ columns }: Learnt, row: Row) =>
  Object.fromEntries(
    columns.flatMap(({ name, levels }, v) => (levels && seen(row[v]) ? [[name, levels[row[v]!]!] as const] : [])),
  );

/** Which gaps a row has and what it shows of columns with levels: what samplers are kept by. */
const idOf = ({ columns }: Learnt, row: Row) => columns.map((_, v) => (seen(row[v]) ? row[v] : "")).join();

/** The most samplers that are kept for further rows with the same evidence. */
const KEPT = 256;

function tables(learnt: Learnt, tree: JunctionTree): Engine {
  const samplers = new Map<string, ReturnType<typeof posteriorSampler>>();
  return {
    how: "missing values summed out by a junction tree",
    exact: true,
    logEvidence: (row) => tree.calibrate(evidenceOf(learnt, row)).logProbability,
    logMarginal: (row, v) => tree.calibrate(evidenceOf(learnt, row)).marginal(learnt.columns[v]!.name).map(Math.log),
    draw: (row, uniforms) => {
      const id = idOf(learnt, row);
      const sampler = samplers.get(id) ?? posteriorSampler(tree, evidenceOf(learnt, row));
      if (samplers.size < KEPT) samplers.set(id, sampler);
      return sampler.draw(uniforms, 0);
    },
  };
}

function normals(learnt: Learnt, { discrete, gaussian, counts = [] }: MixedNetwork, inference: MixedInference): Engine {
  const { columns } = learnt;
  const partsOf = (row: Row) => {
    const values = Object.fromEntries(
      columns.flatMap(({ name, levels }, v) => (!levels && seen(row[v]) ? [[name, row[v]!] as const] : [])),
    );
    return inference.parts({ states: evidenceOf(learnt, row), values });
  };
  const drawnOf = columns.map(({ name, levels, kind }) => {
    const place = (nodes: readonly { readonly name: string }[]) => nodes.findIndex((node) => node.name === name);
    if (levels) return { of: "states", place: place(discrete.nodes.map(({ variable }) => variable)) } as const;
    return kind === "count"
      ? ({ of: "counts", place: place(counts) } as const)
      : ({ of: "values", place: place(gaussian) } as const);
  });
  return {
    how:
      gaussian.length > 0
        ? "missing values summed and integrated out: a normal for each combination of states"
        : "missing values summed out by a junction tree",
    exact: true,
    logEvidence: (row) => logSumExp(partsOf(row).map(({ log }) => log)),
    logMarginal: (row, v) => {
      const parts = partsOf(row);
      const total = logSumExp(parts.map(({ log }) => log));
      const own = parts.map(({ calibrated }) => calibrated.marginal(columns[v]!.name));
      return Float64Array.from(columns[v]!.levels!, (_, k) =>
        logSumExp(parts.map(({ log }, i) => log - total + Math.log(own[i]![k]!))),
      );
    },
    draw: (row, uniforms) => {
      const drawn = drawPart(inference, partsOf(row), uniforms);
      return drawnOf.map(({ of, place }) => drawn[of][place]!);
    },
  };
}

function weighting({ columns }: Learnt, nodes: readonly ForwardNode[], samples: number): Engine {
  const draws = (row: Row, key: Key) => {
    const evidence = Object.fromEntries(
      columns.flatMap(({ name }, v) => (seen(row[v]) ? [[name, row[v]!] as const] : [])),
    );
    try {
      return forwardWeighting(nodes, evidence, { samples, key });
    } catch (error) {
      if (!(error instanceof SampoError) || error instanceof UsageError) throw error;
      throw new SampoError(`None of ${samples} draws agrees with a row: raise --set samples.`);
    }
  };
  return {
    how: `likelihood weighting with ${samples} draws`,
    exact: false,
    logEvidence: (row, key) => draws(row, key).logProbability,
    logMarginal: (row, v, key) => {
      const { values, weights } = draws(row, key);
      const shares = new Float64Array(columns[v]!.levels!.length);
      values.get(columns[v]!.name)!.forEach((state, i) => {
        shares[state]! += weights[i]!;
      });
      return shares.map(Math.log);
    },
    draw: (row, uniforms, key) => {
      const { values, weights } = draws(row, key);
      const chosen = inverseCdf(weights, uniforms[0]!);
      return columns.map(({ name }) => values.get(name)![chosen]!);
    },
  };
}
