import { expect, it } from "vitest";
import { key } from "../../random/index.ts";
import { paramsOf } from "./fit.ts";
import { treeMixture } from "./tree-mixture.ts";

it("trees are told edge by edge from the root on, of few bits, with their independent numbers", () => {
  const model = treeMixture({ components: 2 }, { shape: [1, 1, 3], values: "binary" });
  const tree = { parents: Int32Array.of(1, -1, 0), probabilities: Float64Array.of(0.25, 0.5, 0.75, 0.75, 0.1, 0.9) };
  const params = paramsOf({ shares: Float64Array.of(0.25, 0.75), trees: [tree, tree] });
  const tables = model.learnt!(params);
  expect(tables.map(({ title }) => title)).toEqual([
    "Tree 1, with a share of 25.0 %",
    "Tree 2, with a share of 75.0 %",
  ]);
  const [a, b, c] = ["row 0, column 0", "row 0, column 1", "row 0, column 2"];
  const near = (p: number) => expect.closeTo(p, 6) as number;
  expect(tables[0]!.rows).toEqual([
    [b, "(root)", near(0.75), near(0.75)],
    [a, b, near(0.25), near(0.5)],
    [c, a, near(0.1), near(0.9)],
  ]);
  expect(model.freeParameters!(params)).toBe(1 + 2 * (1 + 2 + 2));
  const large = treeMixture({}, { shape: [41], values: "binary" });
  expect(large.learnt!(large.init(key(1)))).toEqual([]);
});
