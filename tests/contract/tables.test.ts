import { describe, expect, it } from "vitest";
import { UsageError } from "../../src/base/errors.ts";
import { HostArray } from "../../src/base/host.ts";
import { namedLeaves } from "../../src/base/tree.ts";
import type { Column, ColumnKind } from "../../src/data/table/types.ts";
import type { DataSpec, Dataset, Split } from "../../src/data/types.ts";
import { bind, countParams, parametersOf } from "../../src/models/bound.ts";
import { type AnyModel, type Capabilities, can, type ModelEntry, type Params } from "../../src/models/contract.ts";
import { registry } from "../../src/models/registry.ts";
import { fold, key, normal, uniform } from "../../src/random/index.ts";
import { referenceRuntime } from "../../src/runtime/index.ts";
import { decodeParams, encodeParams, freedomOf, type TrainingData } from "../../src/training/index.ts";
import { allEvents, bits, ofType } from "../support/tiny.ts";

const kinds: Readonly<Record<string, readonly ColumnKind[]>> = {
  "categorical columns": ["categorical", "categorical", "categorical"],
  "counts and a class": ["count", "count", "categorical"],
  "real columns and a class": ["real", "real", "categorical"],
  "columns of every kind": ["categorical", "ordinal", "count", "real", "categorical"],
  "real columns without a target": ["real", "real", "real"],
};

const levels = { categorical: ["a", "b", "c"], ordinal: ["low", "middle", "high"] };

/** Rows whose columns all go with a hidden class; the last column is that class where it is categorical. */
function rowsOf(columns: readonly Column[], name: string, count: number, gaps: number): Split {
  const k = fold(key(1), name);
  const [u, z] = [
    uniform(fold(k, "u"), [count, columns.length]).data,
    normal(fold(k, "z"), [count, columns.length]).data,
  ];
  const hidden = uniform(fold(k, "hidden"), [count]).data;
  const missing = uniform(fold(k, "missing"), [count, columns.length]).data;
  const x = new Float64Array(count * columns.length);
  for (let i = 0; i < x.length; i++) {
    const { kind, levels: names } = columns[i % columns.length]!;
    const y = hidden[Math.floor(i / columns.length)]! < 0.4 ? 0 : 1;
    const last = i % columns.length === columns.length - 1;
    if (names) x[i] = last ? y : Math.min(names.length - 1, Math.floor(3 * ((u[i]! + y) / 2)));
    else x[i] = kind === "count" ? Math.floor((2 + 4 * y) * -Math.log(1 - 0.95 * u[i]!)) : 2 * y + z[i]!;
    if (missing[i]! < gaps) x[i] = Number.NaN;
  }
  return { count, x };
}

function worldOf(list: readonly ColumnKind[], gaps: number): TrainingData {
  const columns = list.map((kind, i): Column => {
    const last = i === list.length - 1;
    if (kind === "count" || kind === "real") return { name: `x${i}`, kind };
    return { name: last ? "class" : `x${i}`, kind, levels: last ? ["no", "yes"] : levels[kind] };
  });
  const target = list.at(-1) === "categorical" ? { target: list.length - 1, classes: ["no", "yes"] } : {};
  const spec: DataSpec = { shape: [columns.length], values: "table", columns, ...target };
  const splits = {
    train: rowsOf(columns, "train", 120, gaps),
    valid: rowsOf(columns, "valid", 30, gaps),
    test: rowsOf(columns, "test", 30, gaps),
  };
  const dataset: Dataset = { name: "tiny", spec, splits, protocol: "made up for a test", hash: "0" };
  return { dataset, encoding: {} };
}

/** The model of an entry's first preset for some columns, small; or why there is none. */
function modelOf(entry: ModelEntry, data: TrainingData): AnyModel | string {
  const preset = Object.values(entry.presets)[0]!;
  try {
    return entry.make(entry.options.parse(preset.model), data.dataset.spec);
  } catch (error) {
    if (error instanceof UsageError) return error.message;
    throw error;
  }
}

const runtime = referenceRuntime();

async function fitted(entry: ModelEntry, model: AnyModel, data: TrainingData, seed = 3): Promise<Params> {
  const training = { ...Object.values(entry.presets)[0]!.training, batchSize: 32, steps: 30 };
  const events = await allEvents(model, data, training, { seed, runtime });
  return ofType(events, "checkpoint").at(-1)!.state.params;
}

/** The bits of every parameter by its name: files keep names, not the order. */
const byName = (params: Params) =>
  new Map(namedLeaves<HostArray>(params).map(({ path, leaf }) => [path, bits(leaf)] as const));

const rows = (cells: Float64Array, width: number) => new HostArray("float64", [cells.length / width, width], cells);

const entries = registry.filter((entry) => entry.tables);
const cases = entries.flatMap((entry) =>
  Object.entries(kinds).flatMap(([title, list]) =>
    [0, 0.15].map((gaps) => ({
      title: `${entry.name}, ${title}${gaps ? ", some missing" : ""}`,
      entry,
      data: worldOf(list, gaps),
    })),
  ),
);

for (const { title, entry, data } of cases) {
  const model = modelOf(entry, data);
  if (typeof model === "string") {
    it.skip(`${title} (${model})`, () => {});
    continue;
  }
  const { spec, splits } = data.dataset;
  const columns = spec.columns!;
  const width = columns.length;
  const test = rows(splits.test.x as Float64Array, width);
  const whole = test.data.every((value) => !Number.isNaN(value));

  describe(title, async () => {
    const params = await fitted(entry, model, data).catch((error: unknown) => {
      if (error instanceof UsageError && !whole) return error.message; // it says that it takes no gaps
      throw error;
    });
    if (typeof params === "string") {
      it.skip(`is not fitted to gaps (${params})`, () => {});
      return;
    }
    const on = bind(runtime, params);
    const use = { key: key(3) };

    it("gives the same parameters for the same seed, finite, and after they were stored and read", async () => {
      expect(bits(await fitted(entry, model, data))).toEqual(bits(params));
      const read = decodeParams(
        encodeParams(params, model.name),
        model.init(key(9)),
        model.name,
        "a file",
        freedomOf(model),
      );
      expect(byName(read)).toEqual(byName(params));
      if (!can(model, "logProb")) return;
      const again = await model.logProb(bind(runtime, read), test, use);
      expect(again.nats).toEqual((await model.logProb(on, test, use)).nats);
    });

    it("can do what the entry says, and has plain values as its configuration", () => {
      expect(can(model, "logProb")).toBe(entry.kind !== "none");
      expect(model.name).toBe(entry.name);
      expect(model.data).toEqual(spec);
      expect(entry.options.parse(JSON.parse(JSON.stringify(model.config)))).toEqual(model.config);
    });

    it("says what it has learnt in tables without holes, and how many of its numbers are independent", () => {
      for (const { title, head, rows } of model.learnt?.(params) ?? []) {
        expect(rows.length, title).toBeGreaterThan(0);
        for (const row of rows) {
          expect(row, title).toHaveLength(head.length);
          for (const cell of row.slice(1)) expect(typeof cell === "string" || Number.isFinite(cell)).toBe(true);
        }
      }
      const free = parametersOf(model, params);
      expect(Number.isInteger(free)).toBe(true);
      expect(free).toBeLessThanOrEqual(countParams(params));
    });

    it("samples rows of its columns, the same whatever the number drawn", async () => {
      if (!can(model, "sample")) return;
      const drawn = (count: number, seed = 5) => model.sample(on, { count, key: key(seed) });
      const [few, many] = [await drawn(3), await drawn(40)];
      expect(many.dtype).toBe("float64");
      expect(many.shape).toEqual([40, width]);
      expect(many.data.slice(0, few.size)).toEqual(few.data);
      expect((await drawn(40, 6)).data).not.toEqual(many.data);
      for (const [i, value] of many.data.entries()) expect(fits(columns[i % width]!, value)).toBe(true);
    });

    it("rates rows, whole ones and ones with gaps, by themselves", async () => {
      if (!can(model, "logProb")) return;
      const { kind, via, nats } = await model.logProb(on, test, use);
      expect(kind).toBe(entry.kind);
      expect(via.length).toBeGreaterThan(3);
      expect(nats.length).toBe(test.shape[0]);
      expect(nats.every(Number.isFinite)).toBe(true);
      const one = await model.logProb(on, rows(test.data.slice(width, 2 * width), width), use);
      expect(one.nats[0]).toBeCloseTo(nats[1]!, 9);
      const nothing = await model.logProb(on, rows(new Float64Array(width).fill(Number.NaN), width), use);
      if (entry.kind === "exact") expect(nothing.nats[0]).toBeCloseTo(0, 9);
    });

    it("gives probabilities that sum to one where a missing level is filled in every way", async () => {
      if (!can(model, "logProb") || entry.kind !== "exact") return;
      for (const [i, column] of columns.entries()) {
        if (!column.levels) continue;
        const row = test.data.slice(0, width);
        const filled = column.levels.map((_, level) => Float64Array.from(row, (value, j) => (j === i ? level : value)));
        const gap = Float64Array.from(row, (value, j) => (j === i ? Number.NaN : value));
        const all = rows(Float64Array.from([...filled, gap].flatMap((one) => [...one])), width);
        const { nats } = await model.logProb(on, all, use);
        const sum = [...nats.subarray(0, filled.length)].reduce((total, log) => total + Math.exp(log), 0);
        expect(Math.log(sum)).toBeCloseTo(nats[filled.length]!, 7);
      }
    });

    it("fills gaps and leaves what is observed, bit for bit; the mask hides as NaN does", async () => {
      if (!can(model, "complete")) return;
      const shown = uniform(key(8), test.shape).data;
      const observed = new HostArray(
        "float32",
        test.shape,
        shown.map((value, i) => Number(value < 0.6 && !Number.isNaN(test.data[i]))),
      );
      const done = await model.complete(on, test, observed, { ...use, sweeps: 3 });
      const holes = rows(
        test.data.map((value, i) => (observed.data[i] ? value : Number.NaN)),
        width,
      );
      expect((await model.complete(on, holes, observed, { ...use, sweeps: 3 })).data).toEqual(done.data);
      for (let i = 0; i < done.size; i++)
        if (observed.data[i]) expect(done.data[i]).toBe(test.data[i]);
        else expect(fits(columns[i % width]!, done.data[i]!)).toBe(true);
    });

    it("classifies without looking at the target, with probabilities that agree with its likelihood", async () => {
      if (!can(model, "classify")) return;
      const classes = spec.classes!.length;
      const { data: logs, shape } = await model.classify(on, test, use);
      const shares = logs.map(Math.exp);
      expect(shape).toEqual([test.shape[0], classes]);
      for (let n = 0; n < test.shape[0]!; n++) {
        const row = shares.subarray(n * classes, (n + 1) * classes);
        expect(row.every((share) => share >= 0 && share <= 1)).toBe(true);
        expect(row.reduce((a, b) => a + b, 0)).toBeCloseTo(1, 9);
      }
      const hidden = rows(
        test.data.map((value, i) => (i % width === spec.target ? Number.NaN : value)),
        width,
      );
      expect((await model.classify(on, hidden, use)).data).toEqual(logs);
      if (can(model, "logProb") && entry.kind === "exact") await agrees(model, hidden, shares);
    });

    /** p(y | x) = p(x, y) / Σ p(x, y′). */
    async function agrees(
      rated: AnyModel & Pick<Capabilities, "logProb">,
      hidden: HostArray<"float64">,
      shares: Float64Array,
    ) {
      const classes = spec.classes!.length;
      const joint: Float64Array[] = [];
      for (let y = 0; y < classes; y++) {
        const said = rows(
          hidden.data.map((value, i) => (i % width === spec.target ? y : value)),
          width,
        );
        joint.push((await rated.logProb(on, said, use)).nats);
      }
      for (let n = 0; n < hidden.shape[0]!; n++) {
        const total = joint.reduce((sum, nats) => sum + Math.exp(nats[n]! - joint[0]![n]!), 0);
        for (let y = 0; y < classes; y++)
          expect(shares[n * classes + y]).toBeCloseTo(Math.exp(joint[y]![n]! - joint[0]![n]!) / total, 7);
      }
    }
  });
}

function fits({ kind, levels: names }: Column, value: number): boolean {
  if (names) return Number.isInteger(value) && value >= 0 && value < names.length;
  return kind === "count" ? Number.isInteger(value) && value >= 0 : Number.isFinite(value);
}
