import { describe, expect, it } from "vitest";
import { chiSquareScore, grid, SCORE_1_IN_1000, simpson } from "../../../tests/support/statistics.ts";
import { fittedTo, rowsOf, tableData } from "../../../tests/support/tables.ts";
import { HostArray } from "../../base/host.ts";
import type { Column } from "../../data/table/types.ts";
import { key, randomInts, uniform } from "../../random/index.ts";
import type { Bound } from "../bound.ts";
import { type AnyModel, can } from "../contract.ts";
import { naiveBayesEntry } from "./naive-bayes.ts";

const name = (title: string, ...levels: string[]): Column => ({ name: title, kind: "categorical", levels });
const number = (title: string, kind: "real" | "count"): Column => ({ name: title, kind });
const target = name("class", "no", "yes");
const use = { key: key(4) };
const learned = (columns: readonly Column[], rows: readonly (readonly (number | null)[])[], options = {}) =>
  fittedTo(naiveBayesEntry, tableData(columns, rowsOf(rows)), options);

/** Every row of a table of names. */
function combinations(columns: readonly Column[]): number[][] {
  return columns.reduce<number[][]>(
    (rows, { levels }) => rows.flatMap((row) => levels!.map((_, level) => [...row, level])),
    [[]],
  );
}

async function nats(model: AnyModel, on: Bound, rows: readonly (readonly (number | null)[])[]): Promise<Float64Array> {
  if (!can(model, "logProb")) throw new Error("no density");
  return (await model.logProb(on, rowsOf(rows), use)).nats;
}

async function shares(
  model: AnyModel,
  on: Bound,
  rows: readonly (readonly (number | null)[])[],
): Promise<Float64Array> {
  if (!can(model, "classify")) throw new Error("no classes");
  return (await model.classify(on, rowsOf(rows), use)).data.map(Math.exp);
}

const sum = (values: Iterable<number>) => [...values].reduce((a, b) => a + b, 0);
const names = [name("size", "s", "m", "l"), name("colour", "red", "blue"), name("shape", "o", "x", "v", "w"), target];
/** Eighty rows in which everything hangs on the class. */
const rows = Array.from(randomInts(key(3), 0, 48, [80]).data, (code, i) => {
  const [c, y] = [Number(code), Number(i % 3 === 0)];
  return [(c % 3) * (1 - y) + y * (c % 2), (c >> 1) % 2, y ? c % 4 : c % 2, y];
});
/** The same with gaps in every column. */
const holes = rows.map((row, n) => row.map((value, i) => (i < 3 && (n + 2 * i) % 7 === 0 ? null : value)));

describe("columns of names", () => {
  it("give probabilities of all rows that sum to one, and of each class its share", async () => {
    const { model, on } = await learned(names, holes, { alpha: 0.3 });
    const all = combinations(names);
    const logs = await nats(model, on, all);
    expect(sum(logs.map(Math.exp))).toBeCloseTo(1, 12);
    const yes = sum(all.map((row, n) => (row[3] === 1 ? Math.exp(logs[n]!) : 0)));
    expect(yes).toBeCloseTo(27 / 80, 12);
  });

  it("leave missing inputs out exactly: class posterior and density by brute force over all fillings", async () => {
    const { model, on } = await learned(names, rows);
    const gaps: (number | null)[][] = [
      [null, 1, 2, null],
      [2, null, null, null],
      [null, null, null, null],
      [1, 0, null, null],
    ];
    const found = await shares(model, on, gaps);
    const logs = await nats(model, on, gaps);
    for (const [g, row] of gaps.entries()) {
      const fillings = combinations(names).filter((full) =>
        row.every((value, i) => value === null || value === full[i]),
      );
      const joint = [...(await nats(model, on, fillings))].map(Math.exp);
      const total = sum(joint);
      expect(Math.exp(logs[g]!)).toBeCloseTo(total, 13);
      const yes = sum(joint.filter((_, n) => fillings[n]![3] === 1));
      expect(found[2 * g + 1]).toBeCloseTo(yes / total, 13);
    }
  });

  it("draw rows by their probabilities (chi-square, false alarm 1 in 1000)", async () => {
    const { model, on } = await learned(names, rows);
    if (!can(model, "sample")) throw new Error("no samples");
    const count = 20_000;
    const { data } = await model.sample(on, { count, key: key(11) });
    const all = combinations(names);
    const place = (at: number) => ((data[at]! * 2 + data[at + 1]!) * 4 + data[at + 2]!) * 2 + data[at + 3]!;
    const seen = all.map(() => 0);
    for (let n = 0; n < count; n++) seen[place(4 * n)]!++;
    const expected = [...(await nats(model, on, all))].map((log) => count * Math.exp(log));
    expect(chiSquareScore(seen, expected)).toBeLessThan(SCORE_1_IN_1000);
  });

  it("fill gaps from the exact conditional, the class among them", async () => {
    const { model, on } = await learned(names, rows);
    if (!can(model, "complete")) throw new Error("cannot complete");
    const count = 20_000;
    const given = Array.from({ length: count }, () => [null, 1, null, null]);
    const x = rowsOf(given);
    const everything = new HostArray("float32", x.shape, new Float32Array(x.size).fill(1));
    const told: string[] = [];
    const done = await model.complete(on, x, everything, { key: key(5), stated: (how) => told.push(how) });
    expect(told[0]).toMatch(/exact conditional/);
    const all = combinations(names).filter((row) => row[1] === 1);
    const joint = [...(await nats(model, on, all))].map(Math.exp);
    const seen = all.map(() => 0);
    for (let n = 0; n < count; n++) {
      const row = [...done.data.subarray(4 * n, 4 * n + 4)];
      seen[all.findIndex((one) => one.every((value, i) => value === row[i]))]!++;
    }
    const expected = joint.map((p) => (count * p) / sum(joint));
    expect(chiSquareScore(seen, expected)).toBeLessThan(SCORE_1_IN_1000);
    const labelled = await model.complete(
      on,
      rowsOf([[null, 0, null, 1]]),
      new HostArray("float32", [1, 4], Float32Array.of(0, 1, 0, 1)),
      use,
    );
    expect([labelled.data[1], labelled.data[3]]).toEqual([0, 1]);
  });

  it("are counted as by hand, rows without a class left out", async () => {
    const { on } = await learned(
      [name("a", "u", "v"), target],
      [
        [0, 0],
        [1, 0],
        [1, 0],
        [0, 1],
        [1, null],
      ],
      { alpha: 1 },
    );
    const params = on.params as unknown as {
      prior: HostArray;
      columns: { probabilities: HostArray<"float64"> }[];
    };
    expect([...(params.prior.data as Float64Array)]).toEqual([0.75, 0.25]);
    expect([...params.columns[0]!.probabilities.data]).toEqual([2 / 5, 3 / 5, 2 / 3, 1 / 3]);
  });
});

describe("counts", () => {
  const words = [number("cat", "count"), number("dog", "count"), target];
  const counted = Array.from({ length: 40 }, (_, i) => [(i * 7) % 5, i % 2 ? (i * 3) % 9 : i % 3, i % 2]);
  const square = (most: number) => Array.from({ length: most * most }, (_, i) => [i % most, Math.floor(i / most)]);

  for (const likelihood of ["auto", "multinomial"])
    for (const counts of ["negative-binomial", "poisson"])
      it(`sum to one and give gaps their due: ${likelihood}, ${counts}`, async () => {
        const { model, on } = await learned(words, counted, { likelihood, counts });
        const logs = await nats(
          model,
          on,
          square(120).map((row) => [...row, null]),
        );
        expect(sum(logs.map(Math.exp))).toBeCloseTo(1, 9);
        const line = Array.from({ length: 400 }, (_, k) => [3, k, 1]);
        const [gap] = await nats(model, on, [[3, null, 1]]);
        expect(Math.exp(gap!)).toBeCloseTo(sum((await nats(model, on, line)).map(Math.exp)), 11);
        const posterior = await shares(model, on, [[3, null, null]]);
        const joint = await Promise.all(
          [0, 1].map(async (y) =>
            sum(
              (
                await nats(
                  model,
                  on,
                  line.map(([a, b]) => [a!, b!, y]),
                )
              ).map(Math.exp),
            ),
          ),
        );
        expect(posterior[1]).toBeCloseTo(joint[1]! / sum(joint), 10);
      });

  it("fill gaps of a multinomial from the exact conditional", async () => {
    const { model, on } = await learned(words, counted, { likelihood: "multinomial" });
    if (!can(model, "complete")) throw new Error("cannot complete");
    const count = 8000;
    const x = rowsOf(Array.from({ length: count }, () => [2, null, 1]));
    const known = new HostArray("float32", x.shape, new Float32Array(x.size).fill(1));
    const { data } = await model.complete(on, x, known, { key: key(6) });
    const most = 14;
    const seen = new Array<number>(most + 1).fill(0);
    for (let n = 0; n < count; n++) seen[Math.min(most, data[3 * n + 1]!)]!++;
    const logs = await nats(
      model,
      on,
      Array.from({ length: 300 }, (_, k) => [2, k, 1]),
    );
    const joint = [...logs].map(Math.exp);
    const expected = seen.map((_, k) => (count * (k < most ? joint[k]! : sum(joint.slice(most)))) / sum(joint));
    expect(chiSquareScore(seen, expected)).toBeLessThan(SCORE_1_IN_1000);
  });

  it("can only be classified where the likelihood is no density of them, and that is right without gaps", async () => {
    for (const likelihood of ["complement", "bernoulli", "gaussian"]) {
      const { model, on } = await learned(words, counted, { likelihood });
      for (const capability of ["sample", "logProb", "complete"] as const) expect(can(model, capability)).toBe(false);
      expect(sum(await shares(model, on, [[3, 1, null]]))).toBeCloseTo(1, 12);
    }
  });

  it("of weights that are no whole numbers compare the known shares where some are missing", async () => {
    const real = [number("a", "real"), number("b", "real"), number("c", "real"), target];
    const { model, on } = await learned(
      real,
      [
        [0.5, 1, 0.2, 0],
        [0.1, 2, 0, 0],
        [1.5, 0.3, 0.7, 1],
        [2, 0.1, 0.9, 1],
      ],
      { likelihood: "multinomial" },
    );
    expect(can(model, "logProb")).toBe(false);
    const two = await learned(
      [real[0]!, real[1]!, target],
      [
        [0.5, 1, 0],
        [0.1, 2, 0],
        [1.5, 0.3, 1],
        [2, 0.1, 1],
      ],
      { likelihood: "multinomial" },
    );
    const [gap, without] = [
      await shares(model, on, [[0.7, 0.2, null, null]]),
      await shares(two.model, two.on, [[0.7, 0.2, null]]),
    ];
    expect(gap[1]).toBeCloseTo(without[1]!, 12);
  });
});

describe("real columns", () => {
  const real = [number("x", "real"), target];
  const points = Array.from(uniform(key(2), [30]).data, (u, i) => [3 * u + (i % 2), i % 2]);

  it("have a density that integrates to one", async () => {
    const { model, on } = await learned(real, points);
    const places = grid(-12, 16, 2001);
    const logs = await nats(
      model,
      on,
      places.map((x) => [x, null]),
    );
    expect(simpson([...logs].map(Math.exp), -12, 16)).toBeCloseTo(1, 9);
  });

  it("make a classifier that is linear in the log odds where they share their variance", async () => {
    const odds = async (sharedVariance: boolean) => {
      const { model, on } = await learned(real, points, { sharedVariance });
      const found = await shares(
        model,
        on,
        [0, 1, 2].map((x) => [x, null]),
      );
      const [a, b, c] = [0, 1, 2].map((n) => Math.log(found[2 * n + 1]! / found[2 * n]!)) as [number, number, number];
      return a - 2 * b + c;
    };
    expect(await odds(true)).toBeCloseTo(0, 10);
    expect(Math.abs(await odds(false))).toBeGreaterThan(1e-3);
  });

  it("are fitted alike however large their offset is", async () => {
    const { model, on } = await learned(real, points);
    const far = await learned(
      real,
      points.map(([x, y]) => [x! + 1e7, y!]),
    );
    const [near, moved] = [
      await shares(model, on, [[1.3, null]]),
      await shares(far.model, far.on, [[1.3 + 1e7, null]]),
    ];
    expect(moved[1]).toBeCloseTo(near[1]!, 6);
  });
});

describe("what cannot be learned is said in one sentence", () => {
  const real = number("x", "real");
  const said = (columns: readonly Column[], list: readonly (readonly (number | null)[])[], options = {}) =>
    learned(columns, list, options).then(
      () => "nothing",
      (error: Error) => error.message,
    );

  it.each([
    [
      "one class in the data",
      [real, name("class", "no")],
      [
        [1, 0],
        [2, 0],
      ],
      {},
      'the target "class" has one value only, no.',
    ],
    [
      "one class in training",
      [real, target],
      [
        [1, 1],
        [2, 1],
      ],
      {},
      'the training rows all have "class" = yes.',
    ],
    ["no class in training", [real, target], [[1, null]], {}, 'the training rows have no value of "class".'],
    [
      "a column without a value",
      [real, number("y", "real"), target],
      [
        [1, null, 0],
        [2, null, 1],
      ],
      {},
      'The column "y" has no value',
    ],
    [
      "names without a value",
      [name("y", "a", "b"), target],
      [
        [null, 0],
        [null, 1],
      ],
      {},
      'The column "y" has no value',
    ],
    [
      "a constant column",
      [real, target],
      [
        [5, 0],
        [5, 1],
      ],
      {},
      'The column "x" has one value in every training row of a class',
    ],
    [
      "no smoothing",
      [real, number("y", "real"), target],
      [
        [1, 5, 0],
        [2, 5, 0],
        [3, 5, 1],
        [5, 5, 1],
      ],
      { varSmoothing: 0 },
      'The column "y" has one value',
    ],
    [
      "names as normals",
      [name("y", "a", "b"), target],
      [
        [0, 0],
        [1, 1],
      ],
      { likelihood: "gaussian" },
      'models numbers, and "y" is categorical: say --columns "y:real"',
    ],
    [
      "numbers as names",
      [real, target],
      [
        [0, 0],
        [1, 1],
      ],
      { likelihood: "categorical" },
      'models names, and "x" is real',
    ],
    [
      "three values as two",
      [names[0]!, target],
      [
        [0, 0],
        [1, 1],
      ],
      { likelihood: "bernoulli" },
      "models columns of two values",
    ],
    [
      "names as counts",
      [names[0]!, target],
      [
        [0, 0],
        [1, 1],
      ],
      { likelihood: "multinomial" },
      "models counts",
    ],
    [
      "negative weights",
      [real, target],
      [
        [-1, 0],
        [1, 1],
      ],
      { likelihood: "complement" },
      '"x" is -1 in a row',
    ],
    ["nothing to learn from", [target], [[0], [1]], {}, 'needs columns beside the target "class"'],
  ] as const)("%s", async (_, columns, list, options, sentence) => {
    const message = await said(columns, list, options);
    expect(message).toContain(sentence);
    expect(message).toMatch(/^[^.]*\S\.$|--set varSmoothing=1e-9\.$/);
  });

  it("rows that no class can have", async () => {
    const { model, on } = await learned(
      [name("a", "u", "v", "w"), target],
      [
        [0, 0],
        [1, 1],
      ],
      { alpha: 0 },
    );
    await expect(shares(model, on, [[2, null]])).rejects.toThrow(/Row 1 has probability zero under every class/);
    expect((await nats(model, on, [[2, null]]))[0]).toBe(Number.NEGATIVE_INFINITY);
  });

  it("temperatures other than one", async () => {
    const { model, on } = await learned(names, rows);
    if (!can(model, "sample")) throw new Error("no samples");
    await expect(model.sample(on, { count: 1, temperature: 0.5, ...use })).rejects.toThrow(
      /leave the temperature at 1/,
    );
  });
});
