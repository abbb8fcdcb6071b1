import { describe, expect, it } from "vitest";
import { networkNamed } from "../../../tests/support/networks.ts";
import type { Table } from "../../data/table/types.ts";
import { uniforms64 } from "../../probability/tables/index.ts";
import { key } from "../../random/index.ts";
import { logProbability } from "../exact/index.ts";
import { dagFrom, dagOf } from "../graph/index.ts";
import { forwardSample } from "../sampling/index.ts";
import { finished } from "../steps.ts";
import { emSteps, learnByEm, observedLogLikelihood } from "./em.ts";
import { completeLogLikelihood, learnParameters } from "./parameters.ts";
import { completeRows, countsOf, distinctRows, type Records, recordsFor, recordsOf } from "./records.ts";

const sprinkler = networkNamed("sprinkler");
const dag = dagOf(sprinkler);

/** Rows with a share of their values taken away at random. */
function withGaps(records: Records, share: number, seed: number): Records {
  const columns = records.columns.map((column, v) => {
    const u = uniforms64(key(seed + v), records.count);
    return column.map((state, i) => (u[i]! < share ? -1 : state));
  });
  return { ...records, columns };
}

const levels = (name: string, values: number[], names = ["a", "b"]): Pick<Table, "columns" | "values"> => ({
  columns: [{ name, kind: "categorical", levels: names }],
  values: [Float64Array.from(values)],
});

function table(...parts: Pick<Table, "columns" | "values">[]): Table {
  const values = parts.flatMap((part) => part.values);
  return {
    columns: parts.flatMap((p) => p.columns),
    values,
    count: values[0]!.length,
    missing: values.map(() => undefined),
  };
}

describe("records", () => {
  it("take tables with gaps, match columns by name and levels by name, and hide variables without a column", () => {
    const data = table(levels("x", [0, Number.NaN, 1]), levels("y", [1, 1, 0], ["no", "yes"]));
    expect(recordsOf(data).columns.map((column) => [...column])).toEqual([
      [0, -1, 1],
      [1, 1, 0],
    ]);
    const variables = [
      { name: "y", states: ["yes", "no"] },
      { name: "h", states: ["u", "v"] },
    ];
    expect(recordsFor(data, variables).columns.map((column) => [...column])).toEqual([
      [0, 0, 1],
      [-1, -1, -1],
    ]);
  });

  it("refuse in one sentence columns without values, real numbers and unknown levels", () => {
    const empty = table(levels("x", [0, 1]), levels("y", [Number.NaN, Number.NaN]));
    expect(() => recordsOf(empty)).toThrow('The column "y" has no value in any row: leave it out with --drop.');
    const real: Table = {
      columns: [{ name: "r", kind: "real" }],
      values: [Float64Array.of(1)],
      count: 1,
      missing: [undefined],
    };
    expect(() => recordsOf(real)).toThrow('the column "r" is real');
    const odd = table(levels("x", [0, 1], ["yes", "no"]));
    expect(() => recordsFor(odd, [{ name: "x", states: ["Yes", "no"] }])).toThrow(
      'Unknown state of x "yes"; did you mean "Yes"?',
    );
    const none = table(levels("x", [Number.NaN, 1]), levels("y", [1, Number.NaN]));
    expect(() => completeRows(recordsOf(none))).toThrow("Every row lacks some value");
  });

  it("count by weight and leave out rows that lack a value", () => {
    const records = recordsOf(table(levels("x", [0, 0, 1, 0]), levels("y", [1, 1, Number.NaN, 0])));
    expect([...countsOf(records, [0, 1])]).toEqual([1, 2, 0, 0]);
    const distinct = distinctRows(records);
    expect(distinct.count).toBe(3);
    expect([...countsOf(distinct, [0, 1])]).toEqual([1, 2, 0, 0]);
  });
});

describe("parameters from counts", () => {
  const records = recordsOf(table(levels("x", [0, 0, 0, 1]), levels("y", [0, 0, 1, 1])));
  const pair = dagFrom([
    ["x", []],
    ["y", ["x"]],
  ]);

  it("are shares; with priors their imagined observations count as well", () => {
    const tableOf = (prior: Parameters<typeof learnParameters>[2]) => [
      ...learnParameters(pair, records, prior).nodes[1]!.table,
    ];
    expect(tableOf({ kind: "none" })).toEqual([2 / 3, 1 / 3, 0, 1]);
    expect(tableOf({ kind: "k2" })).toEqual([3 / 5, 2 / 5, 1 / 3, 2 / 3]);
    expect(tableOf({ kind: "bdeu", sampleSize: 4 })).toEqual([3 / 5, 2 / 5, 1 / 3, 2 / 3]);
    expect(tableOf({ kind: "pseudo-counts", counts: { y: [0, 1, 2, 3] } })).toEqual([0.5, 0.5, 1 / 3, 2 / 3]);
    expect(() => tableOf({ kind: "pseudo-counts", counts: { z: [1] } })).toThrow('Unknown variable "z"');
    expect(() => tableOf({ kind: "pseudo-counts", counts: { y: [1] } })).toThrow("has 4 cells; 1 pseudo-counts");
    expect(() => tableOf({ kind: "bdeu", sampleSize: 0 })).toThrow("above zero");
  });

  it("have the largest likelihood: any change of a table lowers it", () => {
    const rows = forwardSample(sprinkler, key(3), 500);
    const learnt = learnParameters(dag, rows);
    const best = completeLogLikelihood(learnt, rows);
    for (const [i, node] of learnt.nodes.entries()) {
      const moved = node.table.slice();
      moved[0] = moved[0]! * 0.99;
      moved[1] = 1 - moved[0];
      const nodes = learnt.nodes.map((each, j) => (j === i ? { ...each, table: moved } : each));
      if (node.variable.states.length === 2)
        expect(completeLogLikelihood({ ...learnt, nodes }, rows)).toBeLessThan(best);
    }
  });

  it("come back from many rows", () => {
    const learnt = learnParameters(dag, forwardSample(sprinkler, key(4), 50_000), { kind: "k2" });
    learnt.nodes.forEach(({ table }, i) => {
      table.forEach((p, k) => {
        expect(Math.abs(p - sprinkler.nodes[i]!.table[k]!)).toBeLessThan(0.05);
      });
    });
  });
});

describe("expectation-maximisation", () => {
  it("never lowers the likelihood of what was observed, and beats the available cases", () => {
    const records = withGaps(forwardSample(sprinkler, key(5), 400), 0.3, 50);
    const { logLikelihoods, network, converged } = learnByEm(dag, records, { key: key(0) });
    logLikelihoods.slice(1).forEach((each, i) => {
      expect(each).toBeGreaterThanOrEqual(logLikelihoods[i]! - 1e-9);
    });
    expect(converged).toBe(true);
    expect(logLikelihoods.at(-1)).toBeCloseTo(observedLogLikelihood(network, records), 9);
    const available = learnParameters(dag, records, { kind: "pseudo-counts", counts: 1e-3 });
    expect(logLikelihoods.at(-1)!).toBeGreaterThan(observedLogLikelihood(available, records));
  });

  it("never lowers likelihood and prior together", () => {
    const records = withGaps(forwardSample(sprinkler, key(6), 200), 0.4, 60);
    const { objectives } = learnByEm(dag, records, { key: key(0), prior: { kind: "k2" } });
    objectives.slice(1).forEach((each, i) => {
      expect(each).toBeGreaterThanOrEqual(objectives[i]! - 1e-9);
    });
  });

  it("gives the counts' answer at once where nothing is missing", () => {
    const rows = forwardSample(sprinkler, key(7), 300);
    const { network, logLikelihoods } = learnByEm(dag, rows, { key: key(0) });
    expect(network.nodes.map(({ table }) => [...table])).toEqual(
      learnParameters(dag, rows).nodes.map(({ table }) => [...table]),
    );
    expect(logLikelihoods).toHaveLength(3);
  });

  it("learns a hidden cause: two classes behind four answers", () => {
    const answers = ["a", "b", "c", "d"];
    const states = ["no", "yes"];
    const truth = {
      name: "hidden",
      nodes: [
        { variable: { name: "class", states: ["u", "v"] }, parents: [], table: Float64Array.of(0.4, 0.6) },
        ...answers.map((name) => ({
          variable: { name, states },
          parents: ["class"],
          table: Float64Array.of(0.9, 0.1, 0.2, 0.8),
        })),
      ],
    };
    const rows = forwardSample(truth, key(8), 3000);
    const hidden = { ...rows, columns: [new Int32Array(rows.count).fill(-1), ...rows.columns.slice(1)] };
    const { network, logLikelihoods } = learnByEm(dagOf(truth), hidden, { key: key(1) });
    expect(Math.abs(logLikelihoods.at(-1)! - observedLogLikelihood(truth, hidden)) / 3000).toBeLessThan(0.004);
    const shares = [...network.nodes[0]!.table].sort();
    expect(Math.abs(shares[0]! - 0.4)).toBeLessThan(0.05);
  });

  it("sums missing values out of the likelihood as inference does", () => {
    const records = withGaps(forwardSample(sprinkler, key(9), 20), 0.5, 90);
    let total = 0;
    for (let i = 0; i < 20; i++) {
      const seen = records.variables.flatMap((v, k) =>
        records.columns[k]![i]! < 0 ? [] : [[v.name, v.states[records.columns[k]![i]!]!]],
      );
      total += logProbability(sprinkler, Object.fromEntries(seen));
    }
    expect(observedLogLikelihood(sprinkler, records)).toBeCloseTo(total, 9);
  });

  it("ends after the round under way when told to, and goes on from there as if it had not", () => {
    const records = withGaps(forwardSample(sprinkler, key(10), 300), 0.3, 80);
    const whole = learnByEm(dag, records, { key: key(0) });
    const steps = emSteps(dag, records, { key: key(0) });
    let [next, done] = [steps.next(), 0];
    while (!next.done) {
      expect(next.value.done).toBeGreaterThanOrEqual(done);
      done = next.value.done;
      next = steps.next(next.value.round === 3 && next.value.share > 0.5);
    }
    const cut = next.value;
    expect(cut).toMatchObject({ converged: false, logLikelihoods: whole.logLikelihoods.slice(0, 4) });
    expect(done).toBeLessThan(1);
    const on = learnByEm(dag, records, { key: key(1), start: cut.network });
    expect(on.network).toEqual(whole.network);
    expect(on.logLikelihoods).toEqual(whole.logLikelihoods.slice(3));
    let last = 0;
    finished(emSteps(dag, records, { key: key(0) }), (told) => {
      last = told.done;
    });
    expect(last).toBe(1);
  });

  it("refuses starts of other states", () => {
    const records = forwardSample(sprinkler, key(1), 5);
    const [season, ...nodes] = sprinkler.nodes;
    const states = season!.variable.states.map((state) => state.toUpperCase());
    const start = { name: "", nodes: [{ ...season!, variable: { name: "Season", states } }, ...nodes] };
    expect(() => learnByEm(dag, records, { key: key(0), start })).toThrow('those of "Season" differ');
  });

  it("refuses cyclic structures and starts of another structure", () => {
    const records = recordsOf(table(levels("x", [0, 1]), levels("y", [0, 1])));
    const cyclic = dagFrom([
      ["x", ["y"]],
      ["y", ["x"]],
    ]);
    expect(() => learnParameters(cyclic, records)).toThrow("The graph has a cycle");
    expect(() =>
      learnByEm(dag, forwardSample(sprinkler, key(1), 5), { key: key(0), start: { name: "", nodes: [] } }),
    ).toThrow("EM starts at a network of the structure to learn");
  });
});
