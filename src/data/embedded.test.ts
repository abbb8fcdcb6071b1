import { expect, test } from "vitest";
import { sizeOf } from "../base/shape.ts";
import { embedded, embeddedNames } from "./embedded.ts";
import { splitNames } from "./types.ts";

const few = { train: 40, valid: 10, test: 10 };

test.each(embeddedNames)("%s keeps the contract of a data set", (name) => {
  const { spec, splits, hash, protocol } = embedded(name, { counts: few });
  expect(hash).toMatch(/^[0-9a-f]{64}$/);
  expect(protocol).toMatch(/seed 0; 40 train, 10 valid, 10 test/);
  for (const split of splitNames) {
    const { count, x, labels, factors } = splits[split];
    expect(count).toBe(few[split]);
    expect(x.length).toBe(count * sizeOf(spec.shape));
    const kinds = { real: Float32Array, table: Float64Array, binary: Uint8Array, bytes: Uint8Array };
    expect(x).toBeInstanceOf(kinds[spec.values as keyof typeof kinds]);
    if (spec.values === "binary") expect(new Set(x)).toEqual(new Set([0, 1]));
    expect(labels === undefined).toBe(spec.classes === undefined || spec.target !== undefined); // a table has them in a column
    for (const label of labels ?? []) expect(label).toBeLessThan(spec.classes!.length);
    for (const values of Object.values(factors ?? {})) expect(values.length).toBe(count);
  }
});

test("splits share no example", () => {
  const { splits, spec } = embedded("digits", { counts: few });
  const size = sizeOf(spec.shape);
  const pictures = splitNames.flatMap((name) =>
    Array.from({ length: few[name] }, (_, i) => splits[name].x.subarray(i * size, (i + 1) * size).join()),
  );
  expect(new Set(pictures).size).toBe(60);
});

test("the same seed gives the same contents, another seed others; a longer split begins with a shorter one", () => {
  const [a, b] = [embedded("shapes", { counts: few }), embedded("shapes", { counts: few })];
  expect(b.hash).toBe(a.hash);
  expect(embedded("shapes", { counts: few, seed: 1 }).hash).not.toBe(a.hash);
  const longer = embedded("shapes", { counts: { ...few, train: 50 } });
  expect(longer.hash).not.toBe(a.hash);
  expect(longer.splits.train.x.subarray(0, a.splits.train.x.length)).toEqual(a.splits.train.x);
});

test("size, colour, values and factor ranges can be chosen", () => {
  const chosen = embedded("digits", { counts: few, size: 16, colour: true, ranges: { digit: [3, 3] } });
  expect(chosen.spec.shape).toEqual([3, 16, 16]);
  expect(new Set(chosen.splits.test.labels)).toEqual(new Set([3]));
  expect(embedded("shapes", { counts: few, binary: true }).spec.values).toBe("binary");
});

test("what does not exist is refused in a sentence", () => {
  expect(() => embedded("digit")).toThrow(/did you mean "digits"/);
  expect(() => embedded("toy:moon")).toThrow(/did you mean "toy:moons"/);
  expect(() => embedded("toy:moons", { size: 8 })).toThrow(/leave the option size out/);
  expect(() => embedded("digits", { counts: { valid: 0 } })).toThrow(/valid split needs a whole number/);
});
