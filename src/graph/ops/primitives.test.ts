import { describe, expect, it } from "vitest";
import { allPrimitives } from "../index.ts";
import { primitiveCases } from "../testing/cases.ts";
import { checkCase } from "../testing/check.ts";

/** These are not applied to tensors. */
const sources = ["input", "constant"];

describe("every primitive computes its formula, and its derivatives agree with finite differences", () => {
  for (const row of primitiveCases)
    it(`${row.op} ${row.title}`, () => {
      checkCase(row);
    });
});

it("every registered primitive has a case in the table", () => {
  const covered = new Set([...sources, ...primitiveCases.map((row) => row.op)]);
  const missing = allPrimitives().filter((op) => !covered.has(op.name));
  expect(missing.map((op) => op.name)).toEqual([]);
});

it("every case applies the primitive it is filed under", () => {
  const names = new Set(allPrimitives().map((op) => op.name));
  for (const row of primitiveCases) expect(names, row.title).toContain(row.op);
});
