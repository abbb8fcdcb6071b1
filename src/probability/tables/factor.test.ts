import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { linear, logMax, logSum, Underflow } from "./algebra.ts";
import {
  constant,
  divide,
  type Factor,
  factor,
  logTotal,
  marginalise,
  maximise,
  product,
  reduce,
  reordered,
} from "./factor.ts";
import type { Variable } from "./variable.ts";

const all: Variable[] = [2, 3, 1, 4, 2].map((size, i) => ({
  name: "abcde"[i]!,
  states: Array.from({ length: size }, (_, k) => `${k}`),
}));

/** A factor over some of the variables in some order, zeros among its values. */
const anyFactor: fc.Arbitrary<Factor> = fc.shuffledSubarray(all).chain((variables) => {
  const size = variables.reduce((total, { states }) => total * states.length, 1);
  const value = fc.oneof(
    { weight: 1, arbitrary: fc.constant(0) },
    { weight: 5, arbitrary: fc.double({ min: 0.01, max: 9, noNaN: true }) },
  );
  return fc.array(value, { minLength: size, maxLength: size }).map((values) => factor(variables, values));
});

/** The value of a factor for states by name, by the definition of the layout. */
function at({ variables, values, logScale }: Factor, states: Readonly<Record<string, number>>): number {
  const place = variables.reduce((sum, { name, states: list }) => sum * list.length + states[name]!, 0);
  return values[place]! * Math.exp(logScale);
}

/** Every combination of states of variables. */
function combinations(variables: readonly Variable[]): Record<string, number>[] {
  return variables.reduce<Record<string, number>[]>(
    (found, { name, states }) => found.flatMap((each) => states.map((_, k) => ({ ...each, [name]: k }))),
    [{}],
  );
}

const runs = { numRuns: 150, seed: 11 };
const relative = (found: number, expected: number) => Math.abs(found - expected) <= 1e-13 * Math.abs(expected);

describe("factors", () => {
  it("multiply cell by cell over the union of variables", () => {
    fc.assert(
      fc.property(anyFactor, anyFactor, (f, g) => {
        const h = product(f, g);
        expect(new Set(h.variables)).toEqual(new Set([...f.variables, ...g.variables]));
        return combinations(h.variables).every((states) => relative(at(h, states), at(f, states) * at(g, states)));
      }),
      runs,
    );
  });

  it("sum and maximise out to what loops give, in one step or several", () => {
    fc.assert(
      fc.property(anyFactor, fc.subarray(all), (f, away) => {
        const names = away.map(({ name }) => name).filter((name) => f.variables.some((v) => v.name === name));
        const [sums, most] = [marginalise(f, names), maximise(f, names)];
        const gone = f.variables.filter(({ name }) => names.includes(name));
        for (const states of combinations(sums.variables)) {
          const cells = combinations(gone).map((rest) => at(f, { ...states, ...rest }));
          if (
            !relative(
              at(sums, states),
              cells.reduce((a, b) => a + b, 0),
            ) ||
            at(most, states) !== Math.max(...cells)
          )
            return false;
        }
        const stepwise = names.reduce((left, name) => marginalise(left, [name]), f);
        return stepwise.values.every((value, i) => relative(value, sums.values[i]!));
      }),
      runs,
    );
  });

  it("reduce, reorder and divide", () => {
    fc.assert(
      fc.property(anyFactor, anyFactor, fc.subarray(all), (f, g, seen) => {
        const evidence = Object.fromEntries(seen.map(({ name, states }) => [name, states.at(-1)!]));
        const last = Object.fromEntries(seen.map(({ name, states }) => [name, states.length - 1]));
        const cut = reduce(f, evidence);
        if (!combinations(cut.variables).every((s) => at(cut, s) === at(f, { ...s, ...last }))) return false;
        const turned = reordered(f, f.variables.map(({ name }) => name).reverse());
        if (!combinations(f.variables).every((s) => at(turned, s) === at(f, s))) return false;
        const back = divide(product(f, g), g);
        return combinations(back.variables).every((s) => relative(at(back, s), at(g, s) === 0 ? 0 : at(f, s)));
      }),
      runs,
    );
  });

  it("keep their precision through long products by scaling", () => {
    const tiny = factor([all[0]!], [1e-200, 3e-200]);
    const many = Array.from({ length: 50 }, () => tiny).reduce(product, constant(1));
    expect(logTotal(many)).toBeCloseTo(50 * Math.log(1e-200) + Math.log(1 + 3 ** 50), 9);
    expect(many.values[1]! / many.values[0]! / 3 ** 50).toBeCloseTo(1, 12);
  });

  it("refuse values that do not fit", () => {
    expect(() => factor([all[0]!], [1])).toThrow(/A table over a has 2 values; got 1/);
    expect(() => factor([all[0]!], [1, -1])).toThrow(/Value 1 .* is -1/);
    expect(() => factor([all[0]!], [1, Number.NaN])).toThrow(/is NaN/);
    expect(() => factor([all[0]!, all[0]!], [1, 1, 1, 1])).toThrow(/Two variables are named "a"/);
    expect(() => marginalise(factor([all[0]!], [1, 1]), ["b"])).toThrow(/Unknown variable "b"/);
    expect(() => reduce(factor([all[0]!], [1, 1]), { a: "7" })).toThrow(/Unknown state of a "7"/);
    expect(() => divide(factor([all[0]!], [1, 1]), factor([all[1]!], [1, 1, 1]))).toThrow(/Unknown variable "b"/);
  });
});

describe("algebras", () => {
  it("log space gives what linear space gives, sums and maxima", () => {
    fc.assert(
      fc.property(anyFactor, anyFactor, (f, g) => {
        const names = f.variables.slice(0, 2).map(({ name }) => name);
        const exact = linear.out(linear.times(linear.lift(f), linear.lift(g)), names);
        const logs = logSum.out(logSum.times(logSum.lift(f), logSum.lift(g)), names);
        const best = logMax.out(logMax.times(logMax.lift(f), logMax.lift(g)), names);
        const most = maximise(product(f, g), names);
        const near = (log: number, value: number) => Math.abs(Math.exp(log) - value) <= 1e-12 * value;
        return (
          logs.values.every((v, i) => near(v, exact.values[i]!)) &&
          best.values.every((v, i) => near(v, most.values[i]!))
        );
      }),
      runs,
    );
  });

  it("linear space says where digits would be lost; log space keeps them", () => {
    const [up, down] = [factor([all[0]!], [1, 1e-200]), factor([all[0]!], [1e-200, 1])];
    expect(() => linear.times(linear.times(up, up), down)).toThrow(Underflow);
    const logs = [up, up, down, down].map(logSum.lift).reduce(logSum.times);
    expect(Array.from(logs.values)).toEqual([
      expect.closeTo(400 * Math.log(0.1), 9),
      expect.closeTo(400 * Math.log(0.1), 9),
    ]);
    const zero = factor([all[0]!], [0, 1]);
    expect(Array.from(linear.over(zero, zero).values)).toEqual([0, 1]);
    expect(Array.from(logSum.over(logSum.lift(zero), logSum.lift(zero)).values)).toEqual([Number.NEGATIVE_INFINITY, 0]);
  });
});
